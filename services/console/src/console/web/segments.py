"""Segments in words: who is in one. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from console.design.words import say
from console.web import conditions
from console.web.attributes import METADATA, OF_CUSTOMERS, Attribute, named
from console.web.conditions import Reader

JUNCTION: Final = "junction"
STATIC: Final = "static"


def sentence(segment: Mapping[str, Any], reader: Reader) -> str:
    """Say of whom it is: a list, or what is known of customers."""
    if segment["type"] == STATIC:
        return say("segments.of_list", n=segment["customers_count"])
    return of_filter(segment["filter"] or {}, reader)


def of_filter(told: Mapping[str, Any], reader: Reader) -> str:
    """Write what customers have to be."""
    word = say("conditions.or" if told.get(JUNCTION) == "or" else "conditions.and")
    found = word.join(
        _criterion(name, each["conditions"], reader)
        for name, each in told.items()
        if name != JUNCTION
    )
    return found[:1].upper() + found[1:]


def size(segment: Mapping[str, Any]) -> str:
    """Say how many are in it: of a filter nobody is counted, but judged when it matters."""
    if segment["type"] != STATIC:
        return say("segments.not_counted")
    return say("segments.customers", n=segment["customers_count"])


def attribute(name: str) -> tuple[Attribute | None, str | None]:
    """Return what a name of a filter is about, and which one of the metadata."""
    key, _, of_property = name.partition(".")
    if key == METADATA and of_property:
        return named(OF_CUSTOMERS, METADATA), of_property
    return named(OF_CUSTOMERS, name), None


def _criterion(name: str, told: Mapping[str, Any], reader: Reader) -> str:
    of, of_property = attribute(name)
    if of is None:
        return f"{name} {conditions.predicate('any', told, reader)}"
    return conditions.sentence(of, of_property, told, reader)
