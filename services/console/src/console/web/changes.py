"""What a change changed, in words: fields of the API as the forms call them, values as lists do.

A field of a later version stands as it is. Pure.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.parts import Difference
from console.design.words import catalogue, say
from console.format import instants, money, numbers
from console.web import limits, offers, windows

INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
METADATA: Final = "metadata."
# Whose name stands beside it.
NAMED: Final = {"partner_id": "partner", "category_id": "category", "campaign_id": "campaign"}
# What is said of everything that is made, by the manner of the API alone.
CONSTANT: Final = frozenset(
    (
        *("type", "voucher.type", "voucher.is_referral_code", "voucher.discount.effect"),
        "voucher.redemption.quantity_given",
        "context_type",
    )
)
EMPTY: Final[tuple[Any, ...]] = (None, "", [])
# limits.0.amount of a form, validity_hours.daily.0: which row of how many.
ROW: Final = re.compile(
    r"(?P<of>limits|criteria|conditions|validity_hours\.daily|(?:voucher\.)?discount\.(?:tiers|units))\.(?P<at>\d{1,3})(?:\..*)?"
)
ROWS: Final = {
    "limits": "limits.row",
    "validity_hours.daily": "windows.row",
    "criteria": "conditions.row",
    "conditions": "conditions.row",
    "discount.tiers": "discounts.tier",
    "discount.units": "discounts.unit",
}
CONDITIONS: Final = ("rules", "filter")  # of a rule, of a segment
RULES: Final = "validation_rules"
TARGETS: Final = "applicable_to."
TERMS: Final = (
    *("limits", "validity_", "activity_", TARGETS, RULES),
    *("discount.tiers", "discount.units"),
)
# Values of the API's own that have words elsewhere.
EFFECT: Final = "discount.effect"
CHOICES: Final = {
    "discount.type": "browsing.type_",
    EFFECT: "discounts.effect_",
    "stacking.mode": "stacking.",
    "stacking.order": "stacking.",
    "stacking.no_effect": "stacking.",
    "state": "shares.",
    "role": "role.",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom changes are written; `names` are those of rules and collections by their ids."""

    zone: ZoneInfo
    currency: str
    names: Mapping[str, str] = dataclass_field(default_factory=dict)


def differences(changes: Sequence[Mapping[str, Any]], reader: Reader) -> tuple[Difference, ...]:
    """Write the changes of an entry in the order of the form, without what says nothing."""
    fields = {each["field"] for each in changes}
    told = [each for each in changes if NAMED.get(each["field"]) not in fields and _says(each)]
    for whole in CONDITIONS:  # piece by piece they say nothing
        pieces = [each for each in told if each["field"].startswith(f"{whole}.")]
        told = [each for each in told if each not in pieces]
        if pieces:
            told.append({"field": whole, "before": None, "after": say("history.rules_changed")})
    found = (
        Difference(
            field(each["field"]),
            value(each["field"], each["before"], reader),
            value(each["field"], each["after"], reader),
        )
        for each in sorted(told, key=lambda each: _place(each["field"]))
    )
    return tuple(each for each in found if each.before is not None or each.after is not None)


def names_things(changes: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether rules or products changed, which are told by their ids."""
    return any(each["field"].startswith((RULES, TARGETS)) for each in changes)


def field(name: str) -> str:
    """Call a field as forms and lists do."""
    if name.startswith(METADATA):
        return say("history.field_metadata_of", name=name.removeprefix(METADATA))
    if row := ROW.fullmatch(name):
        return say(ROWS[row["of"].removeprefix("voucher.")], n=int(row["at"]) + 1)
    key = _key(name)
    return say(key) if key in catalogue() else name


def value(name: str, told: Any, reader: Reader) -> str | None:
    """Write the value of a field; null is nothing."""
    plain = _plain(name)
    word = f"{CHOICES.get(plain, '')}{told}"
    if plain == EFFECT and word not in catalogue():  # how what is for nothing comes in
        word = f"discounts.{told}"
    if told is None or name.startswith(METADATA):
        return text(told)
    if plain.startswith(TERMS):
        return _term(plain, told, reader) if told else None
    if plain in CHOICES and word in catalogue():
        return say(word)
    if plain == "expiration_date" and _is_instant(told):
        return instants.last_second(told, reader.zone)
    if _is_instant(told):
        return instants.moment(told, reader.zone)
    if type(told) is int and plain.endswith(
        ("_minor", "amount_off", "amount_limit", "fixed_amount", "price")
    ):
        return f"{money.money(told, reader.currency)} {reader.currency}"
    if type(told) is int and plain.endswith("_basis_points"):
        return f"{offers.percentage(Decimal(told) / 100)}{numbers.SPACE}%"
    if plain.endswith("percent_off"):
        return f"{offers.percentage(told)}{numbers.SPACE}%"
    return numbers.number(told) if type(told) is int else text(told)


def _term(plain: str, told: Any, reader: Reader) -> str:
    """Write limits and when in the week something holds; as text what is not as we know it."""
    write = WRITERS.get(plain)
    try:
        return str(text(told)) if write is None else write(told, reader)
    except (KeyError, TypeError, ValueError):
        return str(text(told))


WRITERS: Final[Mapping[str, Callable[[Any, Reader], str]]] = {
    "limits": lambda told, reader: "; ".join(limits.sentences(told, reader.currency)),
    "discount.tiers": lambda told, reader: offers.tiers(told, reader.currency),
    "discount.units": lambda told, _: offers.units(told),
    "applicable_to.included": lambda told, reader: offers.names(told, reader.names),
    "applicable_to.excluded": lambda told, reader: offers.names(told, reader.names),
    "applicable_to.effect": lambda told, _: say(f"offers.chosen_{told}"),
    "validation_rules": lambda told, reader: ", ".join(
        reader.names.get(each, each) for each in told
    ),
    "validity_day_of_week": lambda told, _: windows.days(told),
    "validity_hours.daily": lambda told, _: windows.daily(told),
    "validity_timeframe.interval": lambda told, _: windows.span(told),
    "validity_timeframe.duration": lambda told, _: windows.span(told),
    "activity_duration_after_publishing": lambda told, _: windows.span(told),
}


def text(told: Any) -> str | None:
    """Write a value of which nothing is known."""
    if told is None or isinstance(told, str):
        return told
    if isinstance(told, bool):
        return say("history.yes") if told else say("history.no")
    if isinstance(told, list) and all(isinstance(each, str) for each in told):
        return ", ".join(told)
    return json.dumps(told, ensure_ascii=False)


def _says(change: Mapping[str, Any]) -> bool:
    """Say whether it is more than what everything has that is made, or than nothing."""
    before, after = change["before"], change["after"]
    if before == after or (before in EMPTY and after in EMPTY):
        return False
    return before is not None or change["field"] not in CONSTANT


def _place(name: str) -> int:
    """Say where a field stands in the catalogue, which has the order of the forms."""
    key = "history.field_metadata" if name.startswith(METADATA) else _key(name)
    return next((at for at, each in enumerate(catalogue()) if each == key), len(catalogue()))


def _key(name: str) -> str:
    return f"history.field_{_plain(name).replace('.', '_')}"


def _plain(name: str) -> str:
    return name.removeprefix("voucher.")


def _is_instant(told: Any) -> bool:
    return isinstance(told, str) and INSTANT.fullmatch(told) is not None
