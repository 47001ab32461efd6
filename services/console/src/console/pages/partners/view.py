"""What the list of partners shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import query
from console.design.parts import Chip, Column, Option
from console.design.words import say
from console.query import Query
from console.web import columns, figures, listing, period
from console.web.listing import Pager
from console.web.period import Picked, Picker, picker

STATUSES: Final = ("live", "disabled", "not_enforced")
SORTS: Final = ("created_at", "name")
# A new column is a line here, its label in words/partners.toml, its cell in page.html.
COLUMNS: Final = (
    Column("name", cut=True, card="title"),
    Column("status", card="status"),
    Column("contact", cut=True),
    Column("created_at"),
)
# Those that reports know are written here already: a cell of theirs says which.
MEASURES: Final = (
    *("visits", "redemptions", "refusal_rate", "new_customers"),
    *("gross_minor", "discount_minor", "commission_minor", "profit_minor", "roi"),
)
RATIOS: Final = frozenset({"refusal_rate", "roi"})  # of nothing there is none
USUAL: Final = (
    *("name", "status", "redemptions", "refusal_rate", "gross_minor"),
    *("discount_minor", "commission_minor", "profit_minor", "roi"),
)

NAMES: Final = (
    # A new filter is a line here, its parameter in `asked`, its field in page.html, a chip's word.
    query.text("q"),
    query.choice("status", STATUSES),
    *period.NAMES,
    query.order(SORTS, "-created_at"),
    query.columns((*(column.key for column in COLUMNS), *MEASURES)),
    query.size(),
    query.page(),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A partner, and its figures of the period as they are written."""

    id: str
    partner: Mapping[str, Any]
    figures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """The list as page.html draws it. `is_away`: reports are out of reach, the list is not."""

    query: Query
    rows: Sequence[Row]
    columns: Sequence[Column]
    choices: Sequence[Option]
    statuses: tuple[Option, ...]
    chips: tuple[Chip, ...]
    pager: Pager
    picker: Picker
    is_away: bool

    @property
    def is_new(self) -> bool:
        """Say whether there is nothing because nobody has made anything yet."""
        return not self.rows and not self.chips


def asked(asks: Query) -> dict[str, Any]:
    """Write a view as the API is asked for it."""
    return {
        "text": asks.one("q") or None,
        "status": asks.one("status") or None,
        "order": asks.one("sort"),
        "limit": asks.one("limit"),
        "page": asks.one("page"),
    }


def view(
    picked: Picked,
    answer: Mapping[str, Any],
    earned: Sequence[Mapping[str, Any]] | None,
    currency: str,
    own: Sequence[str] = (),
) -> View:
    asks, partners = picked.asks, answer["partners"]
    known = _known(asks, currency)
    shown = columns.chosen(asks, known, columns.usual(own, known, USUAL))
    of_partner = {row["partner_id"]: row for row in earned or () if row["currency"] == currency}
    # Of whom reports tell nothing, nothing was redeemed; but for reports that are out of reach.
    idle = {} if earned is None else {m: None if m in RATIOS else 0 for m in MEASURES}
    return View(
        query=asks,
        rows=[_row(each, of_partner.get(each["id"], idle), currency) for each in partners],
        columns=shown,
        choices=columns.offered(known, shown),
        statuses=tuple(
            Option(status, say(f"status.{status}"), chosen=status in asks.many("status"))
            for status in STATUSES
        ),
        chips=tuple(
            Chip(_chip(name, value), listing.link(asks.without(name, value)))
            for name, value in asks.filters
        ),
        pager=listing.pager(asks, len(partners), answer["total"]),
        picker=picker(picked, compare=False),
        is_away=earned is None,
    )


def _known(asks: Query, currency: str) -> tuple[Column, ...]:
    """Return all columns; money says once, in its head, which it is in."""
    measured = (
        Column(
            measure,
            figures.head(measure, currency),
            number=True,
            card="figure" if measure == "redemptions" else "rest",
        )
        for measure in MEASURES
    )
    return (*columns.headed(asks, COLUMNS, SORTS, words="partners"), *measured)


def _row(partner: Mapping[str, Any], earned: Mapping[str, Any], currency: str) -> Row:
    written = {
        measure: figures.written(measure, earned[measure], currency) if earned else ""
        for measure in MEASURES
    }
    return Row(partner["id"], partner, written)


def _chip(name: str, value: str) -> str:
    shown = say(f"status.{value}") if name == "status" else value
    return say(f"partners.chip_{name}", value=shown)
