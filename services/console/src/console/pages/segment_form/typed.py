"""A segment's form as the API takes it, and the other way. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.design.words import say
from console.web import condition_fields, rows, segments
from console.web.attributes import METADATA, OF_CUSTOMERS
from console.web.conditions import RANGE
from console.web.forms import Form
from console.web.segments import JUNCTION, STATIC
from console.web.terms import Typed

CRITERIA: Final = "criteria"
CUSTOMERS: Final = "customers"
FILTER: Final = "filter"
IN_REPORTS: Final = "in_reports"
KEPT: Final = "kept"
MOST: Final = 50
PASSIVE: Final = "passive"


def compacted(form: Form) -> Form:
    """Leave out the rows that ask about nothing."""
    return rows.compacted(form, CRITERIA, ("name",))


def body(typed: Typed, type_: str) -> dict[str, Any]:
    """Return what the API is told, without what was left as it is."""
    found: dict[str, Any] = named(typed.form)
    if type_ == STATIC:
        return found | {CUSTOMERS: customers(typed.form)}
    return found | {FILTER: filter_of(typed)}


def named(form: Form) -> dict[str, Any]:
    """Read what segments of either kind have."""
    return {"name": form.one("name"), IN_REPORTS: form.has(IN_REPORTS)}


def customers(form: Form) -> list[str]:
    return [name for line in form.one(CUSTOMERS).splitlines() if (name := line.strip())]


def filter_of(typed: Typed) -> dict[str, Any]:
    """Read the rows; two of one attribute are its conditions together."""
    form, found = typed.form, dict[str, Any]()
    junction = "or" if form.one(JUNCTION) == "or" else "and"
    for at in range(rows.count(form, CRITERIA)):
        row = f"{CRITERIA}.{at}"
        attribute = condition_fields.attribute_of(form, row, OF_CUSTOMERS)
        if attribute is None:
            typed.faults[row] = say("conditions.unknown")
            continue
        read = condition_fields.read(typed, row, attribute)
        of_property = form.text(f"{row}.property") or ""
        name = f"{METADATA}.{of_property}" if attribute.has_property else attribute.name
        before = found.setdefault(name, {"conditions": {}})["conditions"]
        if before and (junction == "or" or before.keys() & read.keys()):
            typed.faults[f"{row}.name"] = say("segment_form.twice")
        before |= read
    if not found:
        typed.faults[CRITERIA] = say("segment_form.no_criteria")
    return {JUNCTION: junction} | found


def filled(told: Mapping[str, Any], currency: str) -> dict[str, str | Sequence[str]]:
    """Return what stands in the rows for a filter."""
    found: dict[str, str | Sequence[str]] = {JUNCTION: told.get(JUNCTION, "and")}
    at = 0
    for name, each in told.items():
        attribute, of_property = segments.attribute(name)
        if attribute is None:
            continue
        for part in _parts(each["conditions"]):
            found |= condition_fields.filled(
                f"{CRITERIA}.{at}", attribute, of_property, part, currency
            )
            at += 1
    return found


def is_said(told: Mapping[str, Any], typed: Typed) -> bool:
    """Tell whether the rows say a filter as it is: a program may have written what they cannot."""
    form = Form(typed=Form().starting(filled(told, typed.currency)).initial)
    again = Typed(form, typed.currency, typed.zone)
    same = json.dumps(filter_of(again), sort_keys=True) == json.dumps(dict(told), sort_keys=True)
    return same and not again.faults


def _parts(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return a condition a row; both ends of a range are one."""
    if told.keys() == RANGE:
        return (told,)
    return [{operator: values} for operator, values in told.items()]
