"""Every basket of the year as an order: what the shops sold, with coupons and without."""

import asyncio
from collections.abc import Awaitable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from aiokafka import AIOKafkaProducer

from contracts import topics
from counterfoil.demo.baskets import cents
from counterfoil.demo.dataset import folder
from counterfoil.demo.progress import Advance
from counterfoil.demo.real_year import customer
from counterfoil.demo.sending import SOURCE, identity
from counterfoil.demo.target import Target
from servicekit.kafka.publishing import CLOUD_EVENT

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
BASKETS: Final = 155_848  # of the year
AT_A_TIME: Final = 2_000


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


async def send_orders(producer: AIOKafkaProducer, target: Target, advance: Advance) -> None:
    """Tell of every basket as an order that was paid at its time."""
    acks: list[Awaitable[object]] = []
    for number, order in enumerate(paid(), start=1):
        key = str(order.basket).encode()
        acks.append(
            await producer.send(topics.ORDERS.name, told(target, order), key, headers=CLOUD_EVENT)
        )
        if len(acks) == AT_A_TIME:
            await asyncio.gather(*acks)
            acks.clear()
            advance(number)
    await asyncio.gather(*acks)
    advance(BASKETS)


def told(target: Target, order: Paid) -> bytes:
    """Write the event of an order, which the contract would take ten times as long for."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": identity(target, f"order-{order.basket}"),
            "source": SOURCE,
            "type": "coupons.order.changed.v1",
            "time": order.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "projectid": target.project_id,
            "data": {
                "order_id": str(order.basket),
                "status": "PAID",
                "amount_minor": order.amount_minor,
                "customer": {"source_id": customer(order.household)},
                "items": [
                    {"product_id": str(product), "quantity": many, "amount_minor": amount}
                    for product, many, amount in order.lines
                ],
            },
        }
    )
