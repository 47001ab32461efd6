"""A condition as fields of a form: what is asked about, the operator, its values. Pure.

`read` is what the API is told, `filled` what it told, `shown` what the fields look like. Which
fields there are follows from what is chosen: so they are drawn anew once that has changed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from console.design.parts import Option
from console.design.words import say
from console.format import money
from console.web import rows
from console.web.attributes import Attribute, Kind, named
from console.web.conditions import (
    AT_LEAST,
    AT_MOST,
    BETWEEN,
    DAYS,
    MOMENTS,
    NOTHING,
    RANGE,
    Conditions,
)
from console.web.forms import Form
from console.web.terms import LONGEST, NUMBER, Typed

Input = Literal["none", "boxes", "range", "number", "days", "date", "lines", "items"]

YES, NO = "yes", "no"
CHANNELS: Final = ("API", "USER", "KAFKA")
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


@dataclass(frozen=True, slots=True)
class Fields:
    """A condition as it is typed. `input` says how its values are; "" where nothing is chosen."""

    name: str
    attributes: Sequence[Option]
    property: str | None
    operators: Sequence[Option]
    input: Input | Literal[""]
    value: str
    until: str
    unit: str
    boxes: Sequence[Option]
    error: str
    faulty: str

    def is_wrong(self, part: str) -> bool:
        return bool(self.error) and self.faulty in (self.name, f"{self.name}.{part}")


def attribute_of(form: Form, row: str, known: tuple[Attribute, ...]) -> Attribute | None:
    return named(known, form.one(f"{row}.name"))


def shown(
    form: Form,
    row: str,
    known: tuple[Attribute, ...],
    *,
    currency: str,
    segments: Mapping[str, str],
) -> Fields:
    attribute = attribute_of(form, row, known)
    operator = "" if attribute is None else _operator(form, row, attribute)
    faulty, error = rows.fault(form, row)
    return Fields(
        name=row,
        attributes=_attributes(attribute, known),
        property=form.one(f"{row}.property") if attribute and attribute.has_property else None,
        operators=() if attribute is None else _operators(attribute.kind, operator),
        input="" if attribute is None else _input(attribute.kind, operator),
        value="\n".join(form.many(f"{row}.value")),
        until=form.one(f"{row}.until"),
        unit=currency if attribute is not None and attribute.kind == "money" else "",
        boxes=() if attribute is None else _boxes(form, row, attribute.kind, segments),
        error=error,
        faulty=faulty,
    )


def read(typed: Typed, row: str, attribute: Attribute) -> Conditions:
    """Return the conditions for the API; what is wrong is told at its field."""
    if attribute.has_property and typed.form.text(f"{row}.property") is None:
        typed.faults[f"{row}.property"] = say("conditions.no_property")
    operator = _operator(typed.form, row, attribute)
    if operator in (YES, NO):
        return {"$is": [operator == YES]}
    if operator == BETWEEN:
        ends = [_number(typed, f"{row}.{part}", attribute.kind) for part in ("value", "until")]
        return dict(zip((AT_LEAST, AT_MOST), ([each] for each in ends), strict=True))
    return {operator: _values(typed, f"{row}.value", attribute.kind, operator)}


def filled(
    row: str, attribute: Attribute, of_property: str | None, conditions: Conditions, currency: str
) -> dict[str, str | Sequence[str]]:
    """Return what stands in the fields; of what they cannot say, something else is read again."""
    found: dict[str, str | Sequence[str]] = {f"{row}.name": attribute.name}
    if of_property is not None:
        found[f"{row}.property"] = of_property
    if conditions.keys() == RANGE:
        ends = {"value": conditions[AT_LEAST], "until": conditions[AT_MOST]}
        found |= {
            f"{row}.{part}": _plain(each[0] if each else None, attribute.kind, currency)
            for part, each in ends.items()
        }
        return found | {f"{row}.operator": BETWEEN}
    operator, values = next(iter(conditions.items()), ("", ()))
    if attribute.kind == "flag":
        return found | {f"{row}.operator": YES if list(values) == [True] else NO}
    found[f"{row}.operator"] = operator
    match _input(attribute.kind, operator):
        case "boxes":
            found[f"{row}.value"] = [str(each) for each in values]
        case "lines":
            found[f"{row}.value"] = "\n".join(_written(each, attribute.kind) for each in values)
        case "none":
            pass
        case _:
            one = values[0] if values else None
            kind: Kind = "number" if operator in DAYS else attribute.kind
            found[f"{row}.value"] = _plain(one, kind, currency)
    return found


def scalar(text: str) -> Any:
    """Read a value of metadata: 30 is a number, true is yes or no, "30" in quotes is a text."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            read = str(json.loads(text))
            read.encode()  # half a surrogate pair, which JSON can spell, is no text
        except ValueError:
            return text[1:-1]
        return read
    if text in ("true", "false"):
        return text == "true"
    if len(text) <= LONGEST and NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


def _written(value: Any, kind: Kind) -> str:
    """Write a value so that it is read as it is."""
    if not isinstance(value, str) or kind != "any":
        return value if isinstance(value, str) else json.dumps(value)
    is_one_line = len(value.splitlines()) == 1
    if is_one_line and value == value.strip() and scalar(value) == value:
        return value
    return json.dumps(value, ensure_ascii=not is_one_line)


def _plain(value: Any, kind: Kind, currency: str) -> str:
    if kind == "money" and isinstance(value, int):
        return money.plain(value, currency)
    return "" if value is None else str(value)


def _number(typed: Typed, name: str, kind: Kind) -> int | float | None:
    if typed.form.text(name) is None:
        typed.faults[name] = say("conditions.no_value")
        return None
    return typed.amount(name) if kind == "money" else typed.number(name)


def _values(typed: Typed, name: str, kind: Kind, operator: str) -> list[Any]:
    found: list[Any]
    match _input(kind, operator):
        case "none" | "items":
            return []
        case "boxes":
            found = list(typed.form.many(name))
        case "number" | "range":
            return [_number(typed, name, kind)]
        case "days":
            found = [typed.whole(name)]
        case "date":
            found = [typed.day(name)]
        case "lines":
            lines = [line for text in typed.form.one(name).splitlines() if (line := text.strip())]
            found = [scalar(each) for each in lines] if kind == "any" else lines
    if not found or (found == [None] and name not in typed.faults):
        typed.faults[name] = say("conditions.no_value")
    return found


def _input(kind: Kind, operator: str) -> Input:
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


def _operator(form: Form, row: str, attribute: Attribute) -> str:
    """Return what is chosen, as far as it can be of this attribute: else the usual one."""
    offered, chosen = OPERATORS[attribute.kind], form.one(f"{row}.operator")
    if not offered:
        return ""
    return chosen if chosen in offered or _is_spelled(attribute.kind, chosen) else offered[0]


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


def _operators(kind: Kind, chosen: str) -> tuple[Option, ...]:
    offered = OPERATORS[kind]
    used = (chosen,) if chosen and chosen not in offered else ()
    return tuple(
        Option(each, _operator_word(kind, each), each == chosen) for each in (*offered, *used)
    )


def _operator_word(kind: Kind, operator: str) -> str:
    if kind in ("segment", "channel"):
        return say(f"conditions.menu.{kind}_{'not' if 'not' in operator else 'in'}")
    return say(f"conditions.menu.{operator.removeprefix('$')}")


def _attributes(chosen: Attribute | None, known: tuple[Attribute, ...]) -> tuple[Option, ...]:
    return (
        Option("", say("conditions.choose"), chosen is None),
        *(Option(each.name, say(each.words), each == chosen) for each in known),
    )


def _boxes(form: Form, row: str, kind: Kind, segments: Mapping[str, str]) -> tuple[Option, ...]:
    ticked = form.many(f"{row}.value")
    if kind == "channel":
        return tuple(
            Option(each, say(f"attributes.channel.{each}"), each in ticked) for each in CHANNELS
        )
    gone = {each: each for each in ticked if each not in segments}
    return tuple(Option(key, name, key in ticked) for key, name in {**segments, **gone}.items())
