"""What reports know of a campaign in a period: its sums, its days, its refusals. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from console.design.charts import Bar, Bars, Lines
from console.design.words import say
from console.format import money, numbers
from console.query import Query
from console.web import figures, reasons
from console.web.figures import Card
from console.web.period import Picked, Picker, picker

CARDS: Final = (
    *("redemptions", "refused", "gross_minor", "discount_minor"),
    *("commission_minor", "profit_minor", "roi"),
)
LINES: Final = ("redemptions", "refused")
REASONS: Final = 5


class Reports(NamedTuple):
    """The answers of reports that the page is made of."""

    series: Mapping[str, Any]  # with the sums
    failures: Mapping[str, Any]
    pace: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Earned:
    """What reports know of the period; there is none while they are out of reach."""

    cards: Sequence[Card]
    lines: Lines
    summary: str
    reasons: Bars
    picker: Picker


def earned(picked: Picked, told: Reports, currency: str, failures_path: str) -> Earned:
    compare = picked.asks.one("compare")
    shown = figures.of_currency(told.series["totals"], currency)
    figures_of = shown["figures"]
    counts = {each: figures_of[each]["value"] for each in LINES}
    summary = say("campaign.summary", **figures.counted(counts))
    return Earned(
        [figures.card(each, figures_of[each], shown["currency"], compare) for each in CARDS],
        figures.lines(told.series, LINES, picked.zone, currency),
        summary,
        Bars([_reason(each, failures_path, picked.asks) for each in told.failures["data"]]),
        picker(picked, told.series["grain"]),
    )


def _reason(row: Mapping[str, Any], failures_path: str, asks: Query) -> Bar:
    lost = money.money(row["refused_minor"], row["currency"])
    period = dict(asks.pairs("period", "from", "to"))
    return Bar(
        reasons.word(row["reason"]),
        row["attempts"],
        numbers.number(row["attempts"]),
        href=f"{failures_path}&{urlencode({'reason': row['reason'], **period})}",
        tail=say("campaign.lost", amount=lost, currency=row["currency"]),
    )
