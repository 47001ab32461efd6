"""What the list of segments shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import query
from console.design.parts import Column
from console.design.words import say
from console.query import Query
from console.web import listing, segments
from console.web.conditions import Reader
from console.web.listing import Pager

NAMES: Final = (query.size(), query.page())
CARDS: Final[Mapping[str, Any]] = {"name": "title", "size": "figure"}
COLUMNS: Final = ("name", "kind", "who", "size", "created_at")


@dataclass(frozen=True, slots=True)
class Row:
    """A segment, and who is in it in words."""

    id: str
    name: str
    kind: str
    who: str
    size: str
    created_at: str


@dataclass(frozen=True, slots=True)
class View:
    """Segments, the newest first."""

    rows: Sequence[Row]
    columns: tuple[Column, ...]
    pager: Pager


def view(asks: Query, answer: Mapping[str, Any], reader: Reader) -> View:
    found = answer[answer["data_ref"]]
    columns = tuple(
        Column(key, say(f"segments.{key}"), cut=key == "name", card=CARDS.get(key, "rest"))
        for key in COLUMNS
    )
    rows = [_row(each, reader) for each in found]
    return View(rows, columns, listing.pager(asks, len(rows), answer["total"]))


def _row(segment: Mapping[str, Any], reader: Reader) -> Row:
    is_list = segment["type"] == segments.STATIC
    return Row(
        segment["id"],
        segment["name"],
        say("segments.kind_static" if is_list else "segments.kind_passive"),
        "" if is_list else segments.sentence(segment, reader),
        segments.size(segment),
        segment["created_at"],
    )
