"""Conditions of rules and segments in words: the order is at least 50.00 EUR. Pure.

What a later version asks stands as the API tells it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.words import catalogue, say
from console.format import instants, money, numbers
from console.web.attributes import Attribute, Kind

AT_LEAST, AT_MOST = "$more_than_equal", "$less_than_equal"
BETWEEN: Final = "between"  # the API has two operators for it
RANGE: Final = frozenset({AT_LEAST, AT_MOST})
DAYS: Final = frozenset(
    {
        *("$is_days_ago", "$more_than_ago", "$less_than_ago"),
        *("$is_days_in_future", "$more_than_future", "$less_than_future"),
    }
)
NOTHING: Final = frozenset({"$has_value", "$is_unknown"})
MOMENTS: Final = frozenset({"$before", "$after"})
NAMED: Final = 5  # so many values are named, of more how many there are

Conditions = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom conditions are written; `segments` and `collections` are names of what is known."""

    currency: str
    zone: ZoneInfo
    segments: Mapping[str, str] = field(default_factory=dict)
    collections: Mapping[str, str] = field(default_factory=dict)


def sentence(
    attribute: Attribute, of_property: str | None, conditions: Conditions, reader: Reader
) -> str:
    """Write what an attribute has to be."""
    key = attribute.words.replace("attributes.", "attributes.of.", 1)
    subject = say(key, property=of_property or "") if attribute.has_property else say(key)
    return f"{subject} {predicate(attribute.kind, conditions, reader)}"


def predicate(kind: Kind, conditions: Conditions, reader: Reader) -> str:
    """Write all conditions of one value: is at least 5 and is not 7."""
    if conditions.keys() == RANGE:
        low, high = (value(kind, conditions[each][0], reader) for each in (AT_LEAST, AT_MOST))
        return say("conditions.between_these", low=low, high=high)
    return say("conditions.and").join(
        _one(kind, operator, values, reader) for operator, values in conditions.items()
    )


def value(kind: Kind, told: Any, reader: Reader) -> str:
    """Write a value that something is compared with."""
    if isinstance(told, bool):
        return say("history.yes") if told else say("history.no")
    match kind:
        case "money" if isinstance(told, int):
            return f"{money.money(told, reader.currency)} {reader.currency}"
        case "segment":
            return reader.segments.get(str(told), str(told))
        case "channel" if f"attributes.channel.{told}" in catalogue():
            return say(f"attributes.channel.{told}")
        case _:
            return numbers.number(told) if isinstance(told, int) else str(told)


def some(texts: Sequence[str], word: str) -> str:
    """Write a, b or c; of many the first ones, and how many more there are."""
    if len(texts) > NAMED:
        rest = len(texts) - NAMED + 1
        texts = [*texts[: NAMED - 1], say("conditions.more", n=rest)]
    if len(texts) < 2:  # noqa: PLR2004
        return "".join(texts)
    return f"{', '.join(texts[:-1])}{word}{texts[-1]}"


def _one(kind: Kind, operator: str, values: Sequence[Any], reader: Reader) -> str:
    name = operator.removeprefix("$")
    if operator in NOTHING:
        return say(f"conditions.say_{name}")
    if kind == "flag" and operator == "$is" and len(values) == 1:
        return say("conditions.say_new" if values[0] else "conditions.say_not_new")
    known = f"conditions.say_{kind}_{name}" in catalogue()
    key = f"conditions.say_{kind}_{name}" if known else f"conditions.say_{name}"
    if key not in catalogue() or not values:
        return f"{operator} {json.dumps(list(values), ensure_ascii=False)}"
    if operator in DAYS:
        return say(key, n=values[0])
    if operator in MOMENTS:
        return say(key, value=moment(str(values[0]), reader.zone))
    return say(
        key, value=some([value(kind, each, reader) for each in values], say("conditions.or"))
    )


def moment(text: str, zone: ZoneInfo) -> str:
    """Write a day, or an instant in the zone."""
    try:
        return instants.day_of(date.fromisoformat(text))
    except ValueError:
        pass
    try:
        return instants.moment(text, zone)
    except ValueError:
        return text
