"""What the list of publications shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Chip, Column
from console.design.words import say
from console.format import instants
from console.query import Query
from console.web import columns, listing
from console.web.listing import Pager

SORTS: Final = {"at": "created_at"}
COLUMNS: Final = (
    Column("at", card="figure"),
    Column("code", cut=True, card="title"),
    Column("customer", cut=True),
    Column("campaign"),
    Column("channel"),
    Column("until"),
    Column("source", cut=True),
)
NAMES: Final = (
    query.text("voucher"),
    query.text("campaign"),
    query.text("customer"),
    query.order(SORTS, "-at"),
    query.size(),
    query.page(),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A publication in words."""

    id: str
    at: str
    utc: str
    code: str
    more: int  # codes beside that one
    customer: str
    campaign: str
    campaign_id: str
    channel: str
    until: str
    source: str


@dataclass(frozen=True, slots=True)
class View:
    """The list as page.html draws it."""

    query: Query
    rows: Sequence[Row]
    columns: Sequence[Column]
    chips: tuple[Chip, ...]
    pager: Pager

    @property
    def customer(self) -> str:
        """Return whose publications are shown, where somebody asked for one customer's."""
        theirs = {row.customer for row in self.rows} if self.query.one("customer") else ()
        return next(iter(theirs)) if len(theirs) == 1 else ""

    @property
    def is_new(self) -> bool:
        """Say whether there is nothing because nobody was given a code yet."""
        return not self.rows and not self.chips


def asked(asks: Query) -> dict[str, Any]:
    """Write a view as the API is asked for it."""
    return {
        **{name: asks.one(name) or None for name in ("voucher", "campaign", "customer")},
        "order": ("-" if asks.one("sort") == "-at" else "") + SORTS["at"],
        "limit": asks.one("limit"),
        "page": asks.one("page"),
    }


def view(asks: Query, answer: Mapping[str, Any], zone: ZoneInfo) -> View:
    rows = [_row(each, zone) for each in answer["publications"]]
    return View(
        query=asks,
        rows=rows,
        columns=columns.headed(asks, COLUMNS, SORTS, words="publications"),
        chips=tuple(
            Chip(
                say(f"publications.chip_{name}", value=_called(name, value, rows)),
                listing.link(asks.without(name, value)),
            )
            for name, value in asks.filters
        ),
        pager=listing.pager(asks, len(rows), answer["total"]),
    )


def _row(told: Mapping[str, Any], zone: ZoneInfo) -> Row:
    only = told["voucher"] or {}
    until, at = only.get("expiration_date"), told["created_at"]
    return Row(
        id=told["id"],
        at=instants.moment(at, zone),
        utc=instants.utc(at),
        code=told["vouchers"][0],
        more=len(told["vouchers"]) - 1,
        customer=told["customer_id"],
        campaign=told["campaign"] or "",
        campaign_id=told["campaign_id"],
        channel=told["channel"],
        until=instants.last_second(until, zone) if until else "",
        source=told["source_id"] or "",
    )


def _called(name: str, value: str, rows: Sequence[Row]) -> str:
    """Call a campaign that is named by its id as people do, where a row says how."""
    if name != "campaign":
        return value
    return next((row.campaign for row in rows if row.campaign_id == value and row.campaign), value)
