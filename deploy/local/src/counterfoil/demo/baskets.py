"""Which basket a coupon was used in, and what it took off there.

`sales_value` is what the retailer receives: after the loyalty price and its own match of a coupon,
but before the manufacturer's coupon, which is refunded. The price before any coupon is therefore
`sales_value + coupon_match_disc`; the same product's price on that day in that shop bears it out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from counterfoil.demo.dataset import ZONE, Dataset, Redemption, folder

COLUMNS = [
    "household_id",
    "basket_id",
    "product_id",
    "quantity",
    "sales_value",
    "coupon_disc",
    "coupon_match_disc",
    "transaction_timestamp",
]
EPOCH = date(1970, 1, 1)
HOUSEHOLD = 100_000  # above any day number, so that household and day fit into one integer


class Evidence(StrEnum):
    """What the chosen basket shows of the coupon, best first."""

    COUPON_ON_COVERED_LINE = "a covered line carries a coupon"
    COVERED_LINE = "a covered line, no coupon on it"
    COUPON_ELSEWHERE = "a coupon on another line"
    BASKET_ONLY = "no coupon on any line"


@dataclass(frozen=True, slots=True)
class Line:
    """A basket line: its amount before coupons, and what coupons took off it, in cents."""

    product: int
    quantity: int
    amount_minor: int
    coupon_minor: int


@dataclass(frozen=True, slots=True)
class Basket:
    """A purchase of one household at one time."""

    id: int
    household: int
    at: datetime
    lines: tuple[Line, ...]

    @property
    def amount_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class Use:
    """A redemption with its basket, and what that shows of it."""

    redemption: Redemption
    basket: Basket
    evidence: Evidence
    taken_off_minor: int | None


def uses(dataset: Dataset) -> tuple[Use, ...]:
    """Give every redemption its basket; in the order of time."""
    by_day = on_days({(r.household, r.day) for r in dataset.redemptions})
    result: list[Use] = []
    for redemption in dataset.redemptions:
        covered = dataset.covers[redemption.coupon]
        basket = choose(by_day[redemption.household, redemption.day], covered)
        result.append(Use(redemption, basket, *evidence(basket, covered)))
    return tuple(sorted(result, key=lambda use: (use.basket.at, use.basket.id, use.redemption)))


def stacks(uses: Iterable[Use]) -> list[tuple[Use, ...]]:
    """Put together what one basket was paid with, in the order of the baskets."""
    return [tuple(of_one) for _, of_one in groupby(uses, key=lambda use: use.basket.id)]


def choose(candidates: Iterable[Basket], covered: Collection[int]) -> Basket:
    """Pick the basket that shows most of the coupon; then the largest, then the lowest id."""
    order = list(Evidence)
    return min(
        candidates,
        key=lambda basket: (
            order.index(evidence(basket, covered)[0]),
            -basket.amount_minor,
            basket.id,
        ),
    )


def evidence(basket: Basket, covered: Collection[int]) -> tuple[Evidence, int | None]:
    """Tell what the basket shows, and what the coupon took off where a covered line tells it.

    A line may carry several coupons in one sum, so the smallest of the covered lines is taken.
    """
    lines = [line for line in basket.lines if line.product in covered]
    shown = [line.coupon_minor for line in lines if line.coupon_minor]
    if shown:
        return Evidence.COUPON_ON_COVERED_LINE, min(shown)
    if lines:
        return Evidence.COVERED_LINE, None
    if any(line.coupon_minor for line in basket.lines):
        return Evidence.COUPON_ELSEWHERE, None
    return Evidence.BASKET_ONLY, None


def on_days(wanted: Collection[tuple[int, date]]) -> dict[tuple[int, date], list[Basket]]:
    """Read the baskets of these households on these days of the shops."""
    table = _near(wanted)
    at_column = COLUMNS.index("transaction_timestamp")
    table = table.set_column(at_column, "at", table[at_column].cast(pa.timestamp("us")))
    lines: defaultdict[int, list[Line]] = defaultdict(list)
    heads: dict[int, tuple[int, datetime]] = {}
    for household, basket, product, quantity, value, coupon, match, at in zip(
        *(column.to_pylist() for column in table.columns), strict=True
    ):
        heads[basket] = household, at.replace(tzinfo=UTC)
        lines[basket].append(Line(product, quantity, cents(value + match), cents(coupon)))
    baskets: defaultdict[tuple[int, date], list[Basket]] = defaultdict(list)
    for basket, (household, at) in heads.items():
        day = at.astimezone(ZONE).date()
        if (household, day) in wanted:
            baskets[household, day].append(Basket(basket, household, at, tuple(lines[basket])))
    return dict(baskets)


def _near(wanted: Collection[tuple[int, date]]) -> pa.Table:
    """Read the lines of these households on the UTC days that those days touch."""
    keys = {
        household * HOUSEHOLD + (day + timedelta(days=later) - EPOCH).days
        for household, day in wanted
        for later in (0, 1)  # New York's evening is already the next day in UTC
    }
    table = pq.read_table(folder() / "transactions.parquet", columns=COLUMNS)
    day = table["transaction_timestamp"].cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    key = pc.add(pc.multiply(table["household_id"], HOUSEHOLD), day)
    return table.filter(pc.is_in(key, value_set=pa.array(sorted(keys), pa.int64())))


def cents(dollars: float) -> int:
    """Return an amount as we count it."""
    return round(dollars * 100)
