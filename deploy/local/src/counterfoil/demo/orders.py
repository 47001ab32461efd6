"""Every basket of the year: what the shops sold, with coupons and without."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from counterfoil.demo.baskets import cents
from counterfoil.demo.dataset import folder

COLUMNS: Final = [
    "basket_id",
    "household_id",
    "transaction_timestamp",
    "product_id",
    "quantity",
    "sales_value",
    "coupon_match_disc",
]
ROWS_AT_A_TIME: Final = 50_000


class Paid(NamedTuple):
    """A basket as it was paid, in cents before coupons: a line is (product, quantity, amount)."""

    basket: int
    household: int
    at: datetime
    lines: list[tuple[int, int, int]]

    @property
    def amount_minor(self) -> int:
        return sum([amount for _, _, amount in self.lines])


def paid() -> Iterator[Paid]:
    """Give every basket, in the order of time; of one moment the lowest id first."""
    table = pq.read_table(folder() / "transactions.parquet", columns=COLUMNS)
    at = COLUMNS.index("transaction_timestamp")
    table = table.set_column(at, COLUMNS[at], table[COLUMNS[at]].cast(pa.timestamp("us")))
    table = table.sort_by([(COLUMNS[at], "ascending"), ("basket_id", "ascending")])
    for basket, lines in groupby(_rows(table), key=lambda row: row[0]):
        bought = list(lines)
        _, household, moment, *_ = bought[0]
        yield Paid(
            basket,
            household,
            moment.replace(tzinfo=UTC),
            [(product, many, cents(value + match)) for *_, product, many, value, match in bought],
        )


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(ROWS_AT_A_TIME):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
