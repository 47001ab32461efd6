"""A condition as fields of a form: what is asked about, the operator, its values. Pure.

`read` is what the API is told, `filled` what it told, `shown` what the fields look like. Which
fields there are follows from what is chosen: so they are drawn anew once that has changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from console.design.parts import Option
from console.design.words import say
from console.web import condition_values, operators, rows
from console.web.attributes import Attribute, Kind, named
from console.web.conditions import AT_LEAST, AT_MOST, BETWEEN, DAYS, RANGE, Conditions
from console.web.forms import Form
from console.web.operators import NO, YES, Input
from console.web.terms import Typed

CHANNELS: Final = ("API", "USER", "KAFKA")


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
        operators=() if attribute is None else operators.menu(attribute.kind, operator),
        input="" if attribute is None else operators.input_of(attribute.kind, operator),
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
        ends = [
            condition_values.number(typed, f"{row}.{part}", attribute.kind)
            for part in ("value", "until")
        ]
        return dict(zip((AT_LEAST, AT_MOST), ([each] for each in ends), strict=True))
    return {operator: condition_values.values(typed, f"{row}.value", attribute.kind, operator)}


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
            f"{row}.{part}": condition_values.plain(
                each[0] if each else None, attribute.kind, currency
            )
            for part, each in ends.items()
        }
        return found | {f"{row}.operator": BETWEEN}
    operator, values = next(iter(conditions.items()), ("", ()))
    if attribute.kind == "flag":
        return found | {f"{row}.operator": YES if list(values) == [True] else NO}
    found[f"{row}.operator"] = operator
    match operators.input_of(attribute.kind, operator):
        case "boxes":
            found[f"{row}.value"] = [str(each) for each in values]
        case "lines":
            found[f"{row}.value"] = "\n".join(
                condition_values.written(each, attribute.kind) for each in values
            )
        case "none":
            pass
        case _:
            one = values[0] if values else None
            kind: Kind = "number" if operator in DAYS else attribute.kind
            found[f"{row}.value"] = condition_values.plain(one, kind, currency)
    return found


def _operator(form: Form, row: str, attribute: Attribute) -> str:
    return operators.chosen_of(attribute.kind, form.one(f"{row}.operator"))


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
