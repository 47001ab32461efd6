"""What the list of partners shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import query
from console.design.parts import Chip, Column, Option
from console.design.words import say
from console.query import Query
from console.web import listing
from console.web.listing import Pager

STATUSES: Final = ("live", "disabled", "not_enforced")
SORTS: Final = ("created_at", "name")
# A new column is its name here, its label in words/partners.toml, its cell in page.html.
COLUMNS: Final = ("name", "status", "contact", "created_at")
CARDS: Final[Mapping[str, Any]] = {"name": "title", "status": "status", "contact": "figure"}

# A new filter is a line here, its parameter in `asked`, its field in page.html, its chip's word.
NAMES: Final = (
    query.text("q"),
    query.choice("status", STATUSES, many=True),
    query.order(SORTS, "-created_at"),
    query.size(),
    query.page(),
)


@dataclass(frozen=True, slots=True)
class View:
    """The list as page.html draws it."""

    query: Query
    partners: Sequence[Mapping[str, Any]]
    columns: tuple[Column, ...]
    statuses: tuple[Option, ...]
    chips: tuple[Chip, ...]
    pager: Pager

    @property
    def is_new(self) -> bool:
        """Say whether there is nothing because nobody has made anything yet."""
        return not self.partners and not self.chips


def asked(asks: Query) -> dict[str, Any]:
    """Write a view as the API is asked for it."""
    return {
        "text": asks.one("q") or None,
        "status": asks.many("status"),
        "order": asks.one("sort"),
        "limit": asks.one("limit"),
        "page": asks.one("page"),
    }


def view(asks: Query, answer: Mapping[str, Any]) -> View:
    partners = answer["partners"]
    return View(
        asks,
        partners,
        tuple(_column(asks, key) for key in COLUMNS),
        tuple(
            Option(status, say(f"status.{status}"), chosen=status in asks.many("status"))
            for status in STATUSES
        ),
        tuple(
            Chip(_chip(name, value), asks.without(name, value).written() or "?")
            for name, value in asks.filters
        ),
        listing.pager(asks, len(partners), answer["total"]),
    )


def _column(asks: Query, key: str) -> Column:
    return Column(
        key,
        say(f"partners.{key}"),
        cut=key == "name",
        card=CARDS.get(key, "rest"),
        sort_href=asks.to_sort(key).written() or "?" if key in SORTS else None,
        sorted=asks.sorted_by(key) or "",
    )


def _chip(name: str, value: str) -> str:
    shown = say(f"status.{value}") if name == "status" else value
    return say(f"partners.chip_{name}", value=shown)
