"""What a partner's page shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.charts import Lines
from console.design.parts import Column, Tab
from console.design.words import say
from console.format import instants
from console.web import deals, figures, history, offers, qr
from console.web.figures import Card
from console.web.period import NAMES as PERIOD_NAMES
from console.web.period import Picked, Picker, picker

NAMES: Final = PERIOD_NAMES
CARDS: Final = (
    *("visits", "redemptions", "refused", "new_customers", "gross_minor"),
    *("discount_minor", "commission_minor", "profit_minor", "roi"),
)
LINES: Final = ("redemptions", "visits")
HAPPENED: Final = ("visits", "redemptions", "refused")
DEALS: Final = ("name", "status", "offer", "redemptions", "commission")
CARD_OF: Final[Mapping[str, Any]] = {"name": "title", "status": "status", "redemptions": "figure"}
DISABLED: Final = "partner.disabled"

Things = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Deal:
    """A campaign of a partner's in words, with the way of its shoppers if it leads anywhere."""

    id: str
    name: str
    status: str
    note: str
    offer: str
    redemptions: str
    commission: str
    link: str
    picture: str
    uses: int


@dataclass(frozen=True, slots=True)
class Earned:
    """What reports know of the period; there is none while they are out of reach."""

    cards: Sequence[Card]
    lines: Lines
    summary: str
    picker: Picker
    is_nothing: bool


@dataclass(frozen=True, slots=True)
class View:
    """One partner. `users` is None for whom users are none of their business."""

    partner: Mapping[str, Any]
    tabs: Sequence[Tab]
    deals: Sequence[Deal]
    deal_columns: tuple[Column, ...]
    total: int
    feed_key: Mapping[str, Any] | None
    users: Things | None
    earned: Earned | None
    off_since: str

    @property
    def is_new(self) -> bool:
        """Say whether nothing has happened yet, in the period and with any deal that is listed."""
        return (
            self.earned is not None
            and self.earned.is_nothing
            and not any(d.uses for d in self.deals)
        )

    @property
    def is_off(self) -> bool:
        return not self.partner["active"]


def earned(picked: Picked, told: Mapping[str, Any], currency: str) -> Earned:
    compare = picked.asks.one("compare")
    shown = figures.of_currency(told["totals"], currency)
    figures_of = shown["figures"]
    counts = {each: figures_of[each]["value"] for each in LINES}
    summary = say("partner.summary", **figures.counted(counts))
    return Earned(
        [figures.card(each, figures_of[each], shown["currency"], compare) for each in CARDS],
        figures.lines(told, LINES, picked.zone, currency),
        summary,
        picker(picked, told["grain"]),
        is_nothing=not any(figures_of[each]["value"] for each in HAPPENED),
    )


def off_since(entries: Things, zone: ZoneInfo) -> str:
    """Say since when a partner is off, of its history with the newest first; else nothing."""
    for entry in entries:
        if entry["action"] == DISABLED and not history.stood_so(entry):
            at = instants.moment(entry["enforced_at"] or entry["at"], zone)
            return say("partner.off_since", at=at)
    return ""


def shown_deals(
    campaigns: Things,
    partner: Mapping[str, Any],
    public: str,
    *,
    currency: str,
    now: datetime,
    zone: ZoneInfo,
) -> list[Deal]:
    return [
        _deal(each, deals.shop_link(each, partner, public), currency, now, zone)
        for each in campaigns
    ]


def columns(names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(
        Column(
            name,
            say(f"partner.deal_{name}"),
            number=name == "redemptions",
            cut=name == "name",
            card=CARD_OF.get(name, "rest"),
        )
        for name in names
    )


def _deal(
    campaign: Mapping[str, Any], link: str, currency: str, now: datetime, zone: ZoneInfo
) -> Deal:
    used, total = campaign["redemptions"], campaign["total_limit"]
    return Deal(
        campaign["id"],
        campaign["name"],
        campaign["status"],
        deals.status_note(campaign, used, total, now, zone),
        offers.offer(campaign["voucher"]["discount"], currency),
        deals.used_of(used, total),
        deals.commission(campaign["commission_plan"], currency),
        link,
        qr.picture(link) if link else "",
        used,
    )
