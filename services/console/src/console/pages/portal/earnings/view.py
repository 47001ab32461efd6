"""What a partner earned, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from console import query
from console.design.charts import Lines
from console.design.parts import Column
from console.design.words import say
from console.format import instants, money
from console.pages.portal.earned import Figures, earned
from console.pages.portal.onward import onward
from console.query import Query
from console.web import figures, period
from console.web.listing import Pager
from console.web.period import Picked, Picker, picker, spoken

COLUMNS: Final = ("at", "deal", "code", "net", "commission")
MONEY: Final = ("net_minor", "commission_minor")
COUNTS: Final = ("redemptions", "visits")
NUMBERS: Final = frozenset({"net", "commission"})
CARD_OF: Final[Mapping[str, Any]] = {"at": "title", "commission": "figure"}
NAMES: Final = (*period.NAMES, query.size(), query.cursor("after"))

Answer = Mapping[str, Any]


class Reports(NamedTuple):
    """The answers of reports that the page is made of."""

    series: Answer  # with the sums
    sales: Answer


@dataclass(frozen=True, slots=True)
class Sale:
    """An accepted redemption in words; `currency` is said where it is not the project's."""

    id: str
    at: str
    utc: str
    deal: str
    code: str
    net: str
    commission: str
    currency: str


@dataclass(frozen=True, slots=True)
class Earned:
    """What reports know of the period; there is none while they are out of reach."""

    figures: Figures
    money: Lines
    money_said: str
    counts: Lines
    counts_said: str
    sales: Sequence[Sale]
    columns: Sequence[Column]
    pager: Pager


@dataclass(frozen=True, slots=True)
class View:
    query: Query
    picker: Picker
    earned: Earned | None


def view(picked: Picked, reports: Reports | None, currency: str) -> View:
    if reports is None:
        return View(picked.asks, picker(picked), None)
    return View(
        picked.asks, picker(picked, reports.series["grain"]), _earned(picked, reports, currency)
    )


def _earned(picked: Picked, reports: Reports, currency: str) -> Earned:
    totals = earned(reports.series["totals"], currency, picked.asks.one("compare"))
    days, series = spoken(picked), reports.series
    amounts = {
        name: money.money(totals.values[f"{name}_minor"], totals.currency)
        for name in ("net", "commission")
    }
    counts = {name: totals.values[name] for name in COUNTS}
    sales = reports.sales["data"]
    return Earned(
        figures=totals,
        money=figures.lines(series, MONEY, picked.zone, totals.currency),
        money_said=say("portal.money_said", days=days, currency=totals.currency, **amounts),
        counts=figures.lines(series, COUNTS, picked.zone, totals.currency),
        counts_said=say("portal.counts_said", days=days, **figures.counted(counts)),
        sales=[_sale(each, picked.zone, totals.currency) for each in sales],
        columns=[_column(key, totals.currency) for key in COLUMNS],
        pager=onward(picked.asks, len(sales), reports.sales["more_cursor"]),
    )


def _sale(sale: Answer, zone: ZoneInfo, usual: str) -> Sale:
    currency = sale["currency"]
    return Sale(
        sale["id"],
        instants.moment(sale["occurred_at"], zone),
        instants.utc(sale["occurred_at"]),
        sale["campaign_name"] or sale["campaign_id"],
        sale["code"],
        money.money(sale["net_minor"], currency),
        money.money(sale["commission_minor"], currency),
        "" if currency == usual else currency,
    )


def _column(key: str, currency: str) -> Column:
    label = say(f"portal.{key}")
    if key in NUMBERS:
        label = f"{label}, {currency}"
    return Column(key, label, key in NUMBERS, cut=key == "deal", card=CARD_OF.get(key, "rest"))
