"""What a partner sees of their codes, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Chip, Column, Option, Tab
from console.design.words import say
from console.format import instants
from console.pages.portal.onward import onward
from console.query import Query
from console.web import deals as in_words
from console.web import limits, listing, offers, windows
from console.web.listing import Pager

STATUSES: Final = ("live", "scheduled")
COLUMNS: Final = ("code", "deal", "status", "offer", "redeemed", "ends", "shared")
CARD_OF: Final[Mapping[str, Any]] = {"code": "title", "status": "status", "offer": "figure"}
# A new filter is a line here, its parameter in `asked`, its field in page.html, its chip's word.
NAMES: Final = (
    query.text("q"),
    query.choice("status", STATUSES),
    query.text("deal"),
    query.size(),
    query.cursor("after"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A code in words."""

    id: str
    code: str
    deal: str
    status: str
    note: str
    offer: str
    redeemed: str
    ends: str
    shared: str
    batch: str


@dataclass(frozen=True, slots=True)
class View:
    """The list as page.html draws it."""

    query: Query
    rows: Sequence[Row]
    columns: Sequence[Column]
    tabs: Sequence[Tab]
    deals: Sequence[Option]
    chips: Sequence[Chip]
    pager: Pager
    export: str
    handed_out: str
    rules: Sequence[str]  # of the deal that is asked for: when and how often its codes redeem

    @property
    def is_new(self) -> bool:
        """Say whether there is nothing because nothing was shared yet."""
        return not self.rows and not self.query.filters and not self.query.one("after")


def asked(asks: Query) -> dict[str, Any]:
    """Write a view as the API is asked for it."""
    return {
        "text": asks.one("q") or None,
        "status": asks.one("status") or None,
        "campaign_id": asks.one("deal") or None,
    }


def view(
    asks: Query,
    answer: Mapping[str, Any],
    deals: Mapping[str, Any],
    currency: str,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> View:
    named = {each["id"]: each["name"] for each in deals["deals"]}
    rows = [_row(at, each, currency, now, zone) for at, each in enumerate(answer["codes"], start=1)]
    return View(
        query=asks,
        rows=rows,
        columns=tuple(
            Column(
                key,
                say(f"portal.{key}"),
                number=key == "redeemed",
                cut=key == "deal",
                card=CARD_OF.get(key, "rest"),
            )
            for key in COLUMNS
        ),
        tabs=[_tab(asks, each) for each in ("", *STATUSES)],
        deals=[Option(key, name, key == asks.one("deal")) for key, name in named.items()],
        chips=[
            Chip(
                say(f"portal.chip_{name}", value=named.get(value, value)),
                listing.link(asks.without(name, value)),
            )
            for name, value in asks.filters
            if name != "status"
        ],
        pager=onward(asks, len(rows), answer["more_cursor"]),
        export=say("portal.export"),
        handed_out=_handed_out(asks, deals),
        rules=_rules(asks, deals, currency, zone),
    )


def _row(at: int, code: Mapping[str, Any], currency: str, now: datetime, zone: ZoneInfo) -> Row:
    used, quantity, end = code["redeemed_quantity"], code["quantity"], code["expiration_date"]
    return Row(
        str(at),
        code["code"],
        code["deal"],
        code["status"],
        in_words.status_note(code, used, quantity, now, zone),
        offers.offer(code["offer"], currency),
        in_words.used_of(used, quantity),
        instants.last_minute(end, zone) if end else say("portal.no_end"),
        instants.day(code["shared_at"], zone),
        code["share_name"] or "",
    )


def _rules(asks: Query, deals: Mapping[str, Any], currency: str, zone: ZoneInfo) -> list[str]:
    found = [each for each in deals["deals"] if each["id"] == asks.one("deal")]
    return [
        rule
        for each in found
        for rule in (*windows.sentences(each, zone), *limits.of_customers(each, currency))
    ]


def _handed_out(asks: Query, deals: Mapping[str, Any]) -> str:
    """Say how many codes the partner was given in all, also those that are used up by now."""
    found = [each for each in deals["deals"] if asks.one("deal") in ("", each["id"])]
    if deals["total"] > len(deals["deals"]) or not found:
        return ""
    return say("portal.handed_out", n=sum(each["codes_count"] for each in found))


def _tab(asks: Query, status: str) -> Tab:
    label = say(f"status.{status}") if status else say("portal.all")
    return Tab(label, listing.link(asks.changed("status", status)), asks.one("status") == status)
