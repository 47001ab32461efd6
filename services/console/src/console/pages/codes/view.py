"""What the list of codes shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Chip, Column, Option, Tab
from console.design.words import say
from console.format import instants, numbers
from console.query import Query
from console.web import browsing, deals, listing
from console.web.browsing import Reader, Told
from console.web.listing import Pager

SORTS: Final = ("created_at", "updated_at", "code", "redemptions", "campaign", "expiration_date")
USUAL: Final = ("code", "campaign", "status", "offer", "redemptions", "expiration_date")
COLUMNS: Final[Mapping[str, Column]] = {
    "code": Column("code", "", card="title"),
    "campaign": Column("campaign", "", cut=True),
    "status": Column("status", "", card="status"),
    "offer": Column("offer", ""),
    "redemptions": Column("redemptions", "", number=True, card="figure"),
    "expiration_date": Column("expiration_date", ""),
    "partner": Column("partner", "", cut=True),
    "channel": Column("channel", "", cut=True),
    "category": Column("category", "", cut=True),
    "start_date": Column("start_date", ""),
    "created_at": Column("created_at", ""),
    "updated_at": Column("updated_at", ""),
}
STANDALONE: Final = "standalone"
NAMES: Final = browsing.names(
    (query.text("campaign", many=True), query.choice(STANDALONE, ("yes",))), SORTS, COLUMNS
)


@dataclass(frozen=True, slots=True)
class Row:
    """A code, with what the list says of it in words."""

    id: str
    code: Mapping[str, Any]
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


def asked(asks: Query, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """Write a view as the API is asked for it."""
    own = {
        "campaign_id": list(asks.many("campaign")),
        "standalone": "true" if asks.one(STANDALONE) else None,
    }
    return browsing.asked(asks, zone, now) | {n: value for n, value in own.items() if value}


def view(asks: Query, told: Told, reader: Reader) -> View:
    answer, counts = told.answer, told.counts
    found = answer["vouchers"]
    known = {
        key: Column(key, say(f"codes.{key}"), each.number, each.cut, each.card)
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


def redeemed(code: Mapping[str, Any]) -> str:
    """Write how often it was used, of how often it may be."""
    used, quantity = code["redemption"]["redeemed_quantity"], code["redemption"]["quantity"]
    if quantity is None:
        return numbers.number(used)
    return say("codes.of", used=numbers.number(used), of=numbers.number(quantity))


def _row(code: Mapping[str, Any], reader: Reader) -> Row:
    used, quantity = code["redemption"]["redeemed_quantity"], code["redemption"]["quantity"]
    end = code["expiration_date"]
    return Row(
        code["id"],
        code,
        deals.status_note(code, used, quantity, reader.now, reader.zone),
        deals.offer(code["discount"], reader.currency),
        instants.last_second(end, reader.zone)[: -len(":00")] if end else "",
        redeemed(code),
    )
