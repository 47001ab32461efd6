"""Answers that hold secrets are kept by nobody on the way."""

from typing import Final

from fastapi import Depends, Response


async def _keep_nowhere(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


KEPT_NOWHERE: Final = Depends(_keep_nowhere)
