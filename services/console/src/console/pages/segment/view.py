"""What the page of a segment shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import query
from console.design.words import say
from console.format import instants
from console.query import Query
from console.web import listing, segments
from console.web.conditions import Reader
from console.web.listing import Pager

SHOWN: Final = 50
NAMES: Final = (query.size("50"), query.page())

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """One segment; `members` of a list alone, page by page."""

    segment: Mapping[str, Any]
    facts: Sequence[Fact]
    members: Sequence[str]
    pager: Pager | None


def view(
    asks: Query, segment: Mapping[str, Any], members: Mapping[str, Any] | None, reader: Reader
) -> View:
    told = {
        "who": segments.sentence(segment, reader),
        "size": segments.size(segment),
        "created_at": instants.moment(segment["created_at"], reader.zone),
        "id": segment["id"],
    }
    facts = [(say(f"segments.{name}"), text) for name, text in told.items()]
    if members is None:
        return View(segment, facts, (), None)
    ids = [each["id"] for each in members[members["data_ref"]]]
    return View(segment, facts, ids, listing.pager(asks, len(ids), members["total"]))
