"""Codes in paths, as the caller's project spells them."""

from typing import Annotated

from fastapi import Depends

from campaigns.api.access import CurrentCaller
from campaigns.api.paths import ChosenCode, PathParam


def _voucher(voucher: PathParam, caller: CurrentCaller) -> str:
    return caller.code(voucher)


def _code(code: ChosenCode, caller: CurrentCaller) -> str:
    return caller.code(code)


CodeOrId = Annotated[str, Depends(_voucher)]  # {voucher}
NewCode = Annotated[str, Depends(_code)]  # {code}
