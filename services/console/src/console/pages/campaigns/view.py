"""What the list of campaigns shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.design.parts import Chip, Column, Option, Tab
from console.design.words import say
from console.format import instants, numbers
from console.query import Query
from console.web import browsing, deals, listing
from console.web.browsing import Reader, Told
from console.web.listing import Pager

SORTS: Final = (
    *("created_at", "updated_at", "name", "status", "partner", "channel", "category"),
    *("start_date", "expiration_date", "redemptions", "vouchers_count"),
)
USUAL: Final = ("name", "status", "partner", "channel", "offer", "expiration_date", "redemptions")
# A new column is a line here, its cell in page.html, and its word where the others are.
COLUMNS: Final[Mapping[str, Column]] = {
    "name": Column("name", "", cut=True, card="title"),
    "status": Column("status", "", card="status"),
    "partner": Column("partner", "", cut=True),
    "channel": Column("channel", "", cut=True),
    "category": Column("category", "", cut=True),
    "offer": Column("offer", ""),
    "start_date": Column("start_date", ""),
    "expiration_date": Column("expiration_date", ""),
    "redemptions": Column("redemptions", "", number=True, card="figure"),
    "vouchers_count": Column("vouchers_count", "", number=True),
    "created_at": Column("created_at", ""),
    "updated_at": Column("updated_at", ""),
}
NAMES: Final = browsing.names((), SORTS, COLUMNS)


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign, with what the list says of it in words."""

    id: str
    campaign: Mapping[str, Any]
    note: str
    offer: str
    ends: str
    redeemed: str


@dataclass(frozen=True, slots=True)
class View:
    """The list as page.html draws it."""

    query: Query
    rows: Sequence[Row]
    columns: tuple[Column, ...]
    choices: tuple[Option, ...]
    tabs: tuple[Tab, ...]
    chips: tuple[Chip, ...]
    pager: Pager
    elsewhere: int
    total: int
    export: str
    filter: str
    types: tuple[Option, ...]
    partners: tuple[Option, ...]
    categories: tuple[Option, ...]

    @property
    def is_new(self) -> bool:
        """Say whether there is nothing because nobody has made anything yet."""
        return not self.rows and not self.chips and not self.elsewhere


def view(asks: Query, told: Told, reader: Reader) -> View:
    answer, counts = told.answer, told.counts
    found = answer["campaigns"]
    known = {
        key: Column(key, say(f"campaigns.{key}"), each.number, each.cut, each.card)
        for key, each in COLUMNS.items()
    }
    shown = browsing.columns(asks, known, reader.columns, SORTS)
    chosen = {column.key for column in shown}
    return View(
        query=asks,
        rows=[_row(each, reader) for each in found],
        columns=shown,
        choices=tuple(Option(k, each.label, k in chosen) for k, each in known.items()),
        tabs=browsing.tabs(asks, counts),
        chips=browsing.chips(asks, told.labels),
        pager=listing.by_cursor(asks, answer, len(found)),
        elsewhere=browsing.elsewhere(asks, counts),
        total=answer["total"],
        export=browsing.exported(answer),
        filter=browsing.as_filter(told.asked),
        types=browsing.types(asks),
        partners=browsing.options(asks, "partner", told.partners),
        categories=browsing.options(asks, "category", told.categories),
    )


def _row(campaign: Mapping[str, Any], reader: Reader) -> Row:
    used, total = campaign["redemptions"], campaign["total_limit"]
    end = campaign["expiration_date"]
    redeemed = numbers.number(used)
    if total is not None:
        redeemed = say("campaigns.of", used=redeemed, of=numbers.number(total))
    return Row(
        campaign["id"],
        campaign,
        deals.status_note(campaign, used, total, reader.now, reader.zone),
        deals.offer(campaign["voucher"]["discount"], reader.currency),
        instants.last_second(end, reader.zone)[: -len(":00")] if end else "",
        redeemed,
    )
