"""Which operators a kind of attribute has, as its menu, and how their values are typed. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from console.design.parts import Option
from console.design.words import say
from console.web.attributes import Kind
from console.web.conditions import AT_LEAST, AT_MOST, BETWEEN, DAYS, MOMENTS, NOTHING

Input = Literal["none", "boxes", "range", "number", "days", "date", "lines", "items"]

YES, NO = "yes", "no"
NUMBERS: Final = (AT_LEAST, AT_MOST, "$more_than", "$less_than", BETWEEN)
TEXTS: Final = ("$contains", "$not_contain", "$starts_with", "$ends_with")
OPERATORS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "money": (*NUMBERS, "$is", "$is_not", *sorted(NOTHING)),
    "number": (*NUMBERS, "$is", "$is_not", *sorted(NOTHING)),
    "text": ("$is", "$is_not", *TEXTS, *sorted(NOTHING)),
    "moment": ("$more_than_ago", "$less_than_ago", "$is_days_ago", *MOMENTS, *sorted(NOTHING)),
    "flag": (YES, NO),
    "any": ("$is", "$is_not", *TEXTS, *NUMBERS, *sorted(MOMENTS), *sorted(DAYS), *sorted(NOTHING)),
    "segment": ("$in", "$not_in"),
    "channel": ("$in", "$not_in"),
    "items": (),  # of which a rule asks more than one thing: see its own form
}


def menu(kind: Kind, chosen: str) -> tuple[Option, ...]:
    """Offer the operators of a kind, and the chosen one where programs alone use it."""
    offered = OPERATORS[kind]
    used = (chosen,) if chosen and chosen not in offered else ()
    return tuple(Option(each, _word(kind, each), each == chosen) for each in (*offered, *used))


def chosen_of(kind: Kind, wanted: str) -> str:
    """Return what is chosen, as far as it can be of this kind: else the usual one."""
    offered = OPERATORS[kind]
    if not offered:
        return ""
    return wanted if wanted in offered or _is_spelled(kind, wanted) else offered[0]


def input_of(kind: Kind, operator: str) -> Input:
    """Say how the values of an operator are typed."""
    if kind == "items":
        return "items"
    if operator in NOTHING or kind == "flag":
        return "none"
    if kind in ("segment", "channel"):
        return "boxes"
    if operator == BETWEEN:
        return "range"
    if operator in DAYS:
        return "days"
    if operator in MOMENTS:
        return "date"
    return "number" if kind in ("money", "number") or operator in NUMBERS else "lines"


def _is_spelled(kind: Kind, operator: str) -> bool:
    """Say whether it is of those that programs use, and that the menu has by another word."""
    others: Mapping[str, Sequence[str]] = {
        "text": ("$in", "$not_in"),
        "any": ("$in", "$not_in"),
        "segment": ("$is", "$is_not"),
        "channel": ("$is", "$is_not"),
        "moment": sorted(DAYS),
    }
    return operator in others.get(kind, ())


def _word(kind: Kind, operator: str) -> str:
    if kind in ("segment", "channel"):
        return say(f"conditions.menu.{kind}_{'not' if 'not' in operator else 'in'}")
    return say(f"conditions.menu.{operator.removeprefix('$')}")
