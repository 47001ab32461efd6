"""What the dashboard shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from console.design.charts import Bar, Bars, Funnel, Lines, Sparkline, Step
from console.design.parts import Column
from console.design.words import say
from console.format import money, numbers
from console.web import figures, reasons
from console.web.figures import Card
from console.web.period import NAMES as PERIOD_NAMES
from console.web.period import Picked, Picker, spoken

NAMES: Final = PERIOD_NAMES
ENDING_DAYS: Final = 7
PARTNERS: Final = 8
REASONS: Final = 6
RECENT: Final = 15
STEPS: Final = ("visits", "attempts", "redemptions", "new_customers")  # of the report `funnel`
COUNTED: Final = ("redemptions", "refused")
EARNED: Final = ("gross_minor", "discount_minor", "profit_minor")
CARDS: Final = (
    *("redemptions", "refused", "gross_minor", "discount_minor"),
    *("commission_minor", "profit_minor", "roi"),
)
OF_PARTNERS: Final = (
    *("visits", "redemptions", "refusal_rate", "new_customers"),
    *("gross_minor", "discount_minor", "commission_minor", "profit_minor", "roi"),
)
OF_RECENT: Final = ("code", "result", "at", "campaign", "partner", "order", "discount")

Answer = Mapping[str, Any]
Row = Mapping[str, Any]


class Reports(NamedTuple):
    """The answers of the reports that the page is made of."""

    series: Answer  # with the other period, and the sums of both
    partners: Answer
    failures: Answer


class Attention(NamedTuple):
    """How many campaigns need a look, and of what kind."""

    counts: Answer
    ending: int
    not_enforced: int
    refusals_up: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A card with its line, leading to the list that it counts."""

    card: Card
    spark: Sparkline | None
    href: str


@dataclass(frozen=True, slots=True)
class Item:
    """What needs a look, leading to the list of it."""

    count: str
    label: str
    href: str
    tone: str


@dataclass(frozen=True, slots=True)
class Earned:
    """What reports know of the period."""

    figures: Sequence[Figure]
    summary: str
    counted: Lines
    earned_summary: str
    earned: Lines
    currency: str
    funnel: Funnel
    columns: Sequence[Column]
    partners: Sequence[Row]
    reasons: Bars


@dataclass(frozen=True, slots=True)
class Recent:
    """The newest attempts."""

    columns: Sequence[Column]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class View:
    """The dashboard. What is None is out of reach, or not what was asked for."""

    picker: Picker
    attention: Sequence[Item] | None
    is_new: bool
    earned: Earned | None
    recent: Recent | None


def soon(now: datetime) -> str:
    return (now + timedelta(days=ENDING_DAYS)).astimezone(UTC).isoformat(timespec="seconds")


def attention(found: Attention, base: str) -> tuple[Item, ...]:
    """Return what needs a look, what is worst first; nothing where nothing does."""
    used_up = next(each["total"] for each in found.counts["data"] if each["status"] == "used_up")
    kinds = (
        ("not_enforced", found.not_enforced, "/campaigns?status=disabled", "bad"),
        ("refusals_up", found.refusals_up, "/failures?period=last_7_days", "bad"),
        ("ending", found.ending, "/campaigns?status=ending", ""),
        ("used_up", used_up, "/campaigns?status=used_up", ""),
    )
    return tuple(
        Item(numbers.number(count), say(f"dashboard.{kind}", n=count), base + way, tone)
        for kind, count, way, tone in kinds
        if count
    )


def earned(picked: Picked, told: Reports, currency: str, base: str) -> Earned:
    totals = figures.of_currency(told.series["totals"], currency)
    shown, figures_of = totals["currency"], totals["figures"]
    days_asked = dict(picked.asks.pairs("period", "from", "to"))
    ways = {
        "redemptions": _link(f"{base}/redemptions", result="SUCCESS", **days_asked),
        "refused": _link(f"{base}/failures", **days_asked),
    }
    before = picked.asks.one("compare")
    counts = {each: figures_of[each]["value"] for each in COUNTED}
    amounts = {each: money.money(figures_of[each]["value"], shown) for each in EARNED}
    days = spoken(picked)
    return Earned(
        figures=[
            Figure(
                figures.card(each, figures_of[each], shown, before),
                _spark(told.series, each, shown),
                ways.get(each, ""),
            )
            for each in CARDS
        ],
        summary=say("dashboard.summary", days=days, **figures.counted(counts)),
        counted=figures.lines(
            told.series, COUNTED, picked.zone, shown, before=told.series["before"]
        ),
        earned_summary=say("dashboard.earned_summary", days=days, currency=shown, **amounts),
        earned=figures.lines(told.series, EARNED, picked.zone, shown),
        currency=shown,
        funnel=Funnel([_step(each, told.series["totals"]) for each in STEPS]),
        columns=_columns(shown),
        partners=[row for row in told.partners["data"] if row["currency"] == shown],
        reasons=Bars([_reason(row, base, days_asked) for row in told.failures["data"]]),
    )


def recent(answer: Answer, currency: str) -> Recent:
    cards = {"code": "title", "result": "status", "order": "figure"}
    number = frozenset({"order", "discount"})
    columns = [
        Column(
            key,
            say(f"dashboard.{key}", currency=currency)
            if key in number
            else say(f"dashboard.{key}"),
            number=key in number,
            cut=key in ("campaign", "partner"),
            card=cards.get(key, "rest"),  # type: ignore[arg-type]
        )
        for key in OF_RECENT
    ]
    rows = [
        {**row, "why": reasons.word(row["reason"]) if row["reason"] else ""}
        for row in answer["data"]
    ]
    return Recent(columns, rows)


def _columns(currency: str) -> Sequence[Column]:
    return (
        Column("name", say("dashboard.partner")),
        *(
            Column(
                each,
                figures.head(each, currency),
                number=True,
                sorted="descending" if each == "roi" else "",
            )
            for each in OF_PARTNERS
        ),
    )


def _spark(series: Answer, measure: str, currency: str) -> Sparkline | None:
    points = figures.of_currency(series["series"], currency)["points"]
    values = [point.get(measure) or 0 for point in points]
    return Sparkline(values) if any(values) else None


def _step(measure: str, totals: Sequence[Row]) -> Step:
    """Draw a step of the funnel: counts have no currency, so those of all are added up."""
    count = sum(row["figures"][measure]["value"] for row in totals)
    return Step(say(f"dashboard.step_{measure}"), count, numbers.number(count))


def _reason(row: Row, base: str, days_asked: Mapping[str, str]) -> Bar:
    return Bar(
        reasons.word(row["reason"]),
        row["refused_minor"],
        money.money(row["refused_minor"], row["currency"]),
        href=_link(f"{base}/failures", reason=row["reason"], **days_asked),
        tail=say("dashboard.attempts", n=row["attempts"]),
    )


def _link(path: str, **query: str) -> str:
    return f"{path}?{urlencode(query)}" if query else path
