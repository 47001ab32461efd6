"""What a change changed, in words: fields of the API as the forms call them, values as lists do.

A field of a later version stands as it is. Pure.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.parts import Difference
from console.design.words import catalogue, say
from console.format import instants, money, numbers
from console.web import deals

INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
METADATA: Final = "metadata."
# Whose name stands beside it.
NAMED: Final = {"partner_id": "partner", "category_id": "category", "campaign_id": "campaign"}
# Values of the API's own that have words elsewhere.
CHOICES: Final = {"discount.type": "browsing.type_", "state": "shares.", "role": "role."}


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom changes are written."""

    zone: ZoneInfo
    currency: str


def differences(changes: Sequence[Mapping[str, Any]], reader: Reader) -> tuple[Difference, ...]:
    """Write the changes of an entry; ids are left out where a name says the same."""
    fields = {each["field"] for each in changes}
    return tuple(
        Difference(
            field(each["field"]),
            value(each["field"], each["before"], reader),
            value(each["field"], each["after"], reader),
        )
        for each in changes
        if NAMED.get(each["field"]) not in fields
    )


def field(name: str) -> str:
    """Call a field as forms and lists do."""
    if name.startswith(METADATA):
        return say("history.field_metadata_of", name=name.removeprefix(METADATA))
    key = f"history.field_{_plain(name).replace('.', '_')}"
    return say(key) if key in catalogue() else name


def value(name: str, told: Any, reader: Reader) -> str | None:
    """Write the value of a field; null is nothing."""
    plain = _plain(name)
    word = f"{CHOICES.get(plain, '')}{told}"
    if told is None or name.startswith(METADATA):
        return text(told)
    if plain in CHOICES and word in catalogue():
        return say(word)
    if plain == "expiration_date" and _is_instant(told):
        return instants.last_second(told, reader.zone)
    if _is_instant(told):
        return instants.moment(told, reader.zone)
    if type(told) is int and plain.endswith(("_minor", "amount_off")):
        return f"{money.money(told, reader.currency)} {reader.currency}"
    if type(told) is int and plain.endswith("_basis_points"):
        return f"{deals.percentage(Decimal(told) / 100)}{numbers.SPACE}%"
    if plain.endswith("percent_off"):
        return f"{deals.percentage(told)}{numbers.SPACE}%"
    return numbers.number(told) if type(told) is int else text(told)


def text(told: Any) -> str | None:
    """Write a value of which nothing is known."""
    if told is None or isinstance(told, str):
        return told
    if isinstance(told, bool):
        return say("history.yes") if told else say("history.no")
    return json.dumps(told, ensure_ascii=False)


def _plain(name: str) -> str:
    return name.removeprefix("voucher.")


def _is_instant(told: Any) -> bool:
    return isinstance(told, str) and INSTANT.fullmatch(told) is not None
