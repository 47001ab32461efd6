"""A campaign's body while it is being written: what of it is sound, and what is wrong with it.

Judged by the very body that creates a campaign. What it refuses is a problem and is left out; what
is merely not there yet is no problem.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from campaigns.campaigns.bodies import NewCampaign
from servicekit.http.errors import field_of, reason_of

ROUNDS: Final = 20  # of leaving out what was refused: each may bring something else to light
ABSENT: Final = ("missing", "union_tag_not_found")

# In place of what is not there: nothing that is shown depends on it.
NAME: Final = "-"
DISCOUNT: Final = {"type": "AMOUNT", "amount_off": 0}


class Problem(NamedTuple):
    """What would be refused, and at which field."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What is sound of a body; without a name or a discount it has one that means nothing."""

    body: NewCampaign
    has_name: bool
    has_discount: bool
    problems: list[Problem]


def read(sent: dict[str, Any]) -> Draft | None:
    """Judge a body, which is used up; None where nothing can be told of it."""
    left, problems = _without_null(sent), list[Problem]()
    if isinstance(left.get("voucher"), dict):
        left["voucher"] = _without_null(left["voucher"])
    for _ in range(ROUNDS):
        voucher = left.get("voucher")
        template = voucher if isinstance(voucher, dict) else {}
        filled = {"name": NAME} | left
        if voucher is None or isinstance(voucher, dict):
            filled["voucher"] = {"type": "DISCOUNT_VOUCHER", "discount": DISCOUNT} | template
        try:
            body = NewCampaign.model_validate(filled)
        except ValidationError as refused:
            faults = refused.errors(include_url=False, include_input=False)
        else:
            return Draft(body, "name" in left, "discount" in template, problems)
        problems += [
            Problem(field_of(fault["loc"]), reason_of(fault))
            for fault in faults
            if fault["type"] not in ABSENT
        ]
        places = {_keys(left, fault["loc"]) for fault in faults} - {()}
        if not places:
            return None
        for place in places:
            _leave_out(left, place)
    return None


def _without_null(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def _keys(body: Any, place: Sequence[int | str]) -> tuple[str, ...]:
    """Return the keys to what was refused, or to what lacks something.

    pydantic names kinds of things on the way as well; of a list all is refused.
    """
    keys: list[str] = []
    for step in place:
        if isinstance(body, dict) and isinstance(step, str) and step in body:
            keys.append(step)
            body = body[step]
    return tuple(keys)


def _leave_out(body: dict[str, Any], place: Sequence[str]) -> None:
    *way, last = place
    for key in way:
        body = body.get(key, {})  # gone, where all of it was left out
    body.pop(last, None)
