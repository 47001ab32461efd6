"""What reports say, as cards and charts draw it. Pure.

More refusals or more cost is never good, and a base too small for a percentage shows the
difference. Where a comparison has no base at all, the figure is new.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from console.design.charts import Lines, Series
from console.design.parts import Change
from console.design.words import say
from console.format import instants, money, numbers
from console.format.instants import MONTHS

FEW: Final = 20  # events: below, a percentage says nothing
COST: Final = frozenset({"refused", "refused_minor", "refusal_rate", "cost_minor"})
NEUTRAL: Final = frozenset({"discount_minor", "commission_minor", "attempts"})
COUNTS: Final = frozenset({"visits", "redemptions", "refused", "attempts", "new_customers"})


@dataclass(frozen=True, slots=True)
class Card:
    """A figure as design/components/figures.html draws it."""

    name: str
    value: str
    unit: str = ""
    change: Change | None = None
    full: str = ""
    note: str = ""


def card(measure: str, figure: Mapping[str, Any], currency: str, before: str = "previous") -> Card:
    """Draw a measure of the report of totals; `before` names what it is compared with."""
    value = figure["value"]
    name, is_money = say(f"figures.{measure}"), measure.endswith("_minor")
    if value is None:
        return Card(name, "\N{EN DASH}", note=say(f"figures.{measure}_none"))
    moved = change(measure, figure, currency, before)
    if not is_money:
        return Card(name, written(measure, value, currency), change=moved)
    short, full = money.short_money(value, currency), money.money(value, currency)
    return Card(name, short, currency, moved, "" if short == full else f"{full} {currency}")


def written(measure: str, value: Any, currency: str) -> str:
    """Write a value of a measure, without its currency; what has none is a dash."""
    if value is None:
        return "\N{EN DASH}"
    if measure.endswith("_minor"):
        return money.money(value, currency)
    if measure == "roi":
        return numbers.times(value)
    return numbers.percent(value) if measure.endswith("_rate") else numbers.number(value)


def head(measure: str, currency: str) -> str:
    """Write the head of a measure's column: money says once which it is in."""
    name = say(f"figures.{measure}")
    return f"{name}, {currency}" if measure.endswith("_minor") else name


def of_currency(rows: Sequence[Mapping[str, Any]], currency: str) -> Mapping[str, Any]:
    """Return the row in this currency; in another one where there is none."""
    return next((row for row in rows if row["currency"] == currency), rows[0])


def lines(
    answer: Mapping[str, Any],
    measures: Sequence[str],
    zone: ZoneInfo,
    currency: str,
    *,
    before: Mapping[str, Any] | None = None,
) -> Lines:
    """Draw measures of a time series, of what is in this currency.

    `before` is the same of the period that it is compared with; its first measure is drawn. What
    has not begun yet is not drawn: it would look like a fall to nothing.
    """
    buckets, series = _begun(answer["buckets"]), of_currency(answer["series"], currency)
    starts = [instants.read(bucket["start"]).astimezone(zone) for bucket in buckets]
    write = _AXIS[answer["grain"]]
    count = len(buckets)
    drawn = [_series(say(f"figures.{measure}"), measure, series, count) for measure in measures]
    compared = None
    if before is not None:
        then = of_currency(before["series"], currency)
        compared = _series(say("figures.before"), measures[0], then, count)
    return Lines(
        [write(start) for start in starts],
        [_spoken(start, answer["grain"]) for start in starts],
        drawn,
        compared,
        unfinished=bool(buckets) and buckets[-1]["unfinished"],
    )


def counted(values: Mapping[str, int]) -> dict[str, str]:
    """Write counts with what they count: 1 redemption, 2 refusals."""
    return {measure: say(f"figures.n_{measure}", n=value) for measure, value in values.items()}


def _begun(buckets: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Leave out what follows the first that is not over."""
    at = next((at for at, each in enumerate(buckets) if each["unfinished"]), len(buckets))
    return buckets[: at + 1]


def _series(name: str, measure: str, series: Mapping[str, Any], count: int) -> Series:
    currency = series["currency"]
    values = [point[measure] for point in series["points"][:count]]
    scale = 10 ** money.decimals(currency) if measure.endswith("_minor") else 1
    drawn = [None if value is None else value / scale for value in values]
    return Series(name, drawn, [written(measure, value, currency) for value in values])


def change(measure: str, figure: Mapping[str, Any], currency: str, before: str) -> Change | None:
    base, difference = figure["before"], figure["difference"]
    if difference is None:
        return None
    against = say(f"period.before_{before}")
    if figure["new"]:
        return Change(say("figures.new"), say("figures.new_spoken", before=against), "up")
    if difference == 0:
        return Change(say("figures.same"), say("figures.same_spoken", before=against))
    is_few = measure in COUNTS and base < FEW
    if is_few or figure["ratio"] is None:
        text = written(measure, abs(difference), currency)
    else:
        text = numbers.percent(abs(figure["ratio"]))
    is_up = difference > 0
    sign = "+" if is_up else numbers.MINUS
    direction: Literal["up", "down"] = "up" if is_up else "down"
    said = say(f"figures.{direction}_spoken", by=text, before=against)
    return Change(sign + text, said, direction, _judged(measure, is_up=is_up))


def _judged(measure: str, *, is_up: bool) -> Literal["good", "bad", ""]:
    if measure in NEUTRAL:
        return ""
    return "good" if is_up != (measure in COST) else "bad"


def _day(at: datetime) -> str:
    return f"{at.day} {MONTHS[at.month - 1]}"


_AXIS: Final[Mapping[str, Callable[[datetime], str]]] = {
    "hour": lambda at: f"{at:%H:%M}",
    "day": _day,
    "week": _day,
    "month": lambda at: f"{MONTHS[at.month - 1]} {at.year}",
}


def _spoken(at: datetime, grain: str) -> str:
    if grain == "hour":
        return f"{instants.day_of(at.date())}, {at:%H:%M}"
    if grain == "month":
        return f"{MONTHS[at.month - 1]} {at.year}"
    day = f"{at:%A}, {instants.day_of(at.date())}"
    return say("figures.week_of", day=day) if grain == "week" else day
