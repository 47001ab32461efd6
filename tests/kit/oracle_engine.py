"""The real engine as an oracle's opponent: every door of it that a checkout or marketing uses."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
from aiokafka import ConsumerRecord

from contracts import topics
from kit import oracle_terms
from kit.oracle.terms import Word
from kit.redemption_rollbacks import a_rollback
from kit.redemption_samples import CUSTOMER_KEY
from redemption.api import order_bodies
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.batches.validate import Forecasts
from redemption.kafka.order_records import Dependencies, on_orders
from redemption.kafka.projects import KnownProjects
from redemption.model import Request
from redemption.orders import ordering, overdue, refunding
from redemption.orders.told import RefundedTooMuchError
from redemption.outcomes import Decision, Response
from redemption.render.validation import validation
from redemption.returns import Asked
from servicekit.postgres.bulkheads import Bulkheads

UNTOUCHED = ("campaign_locks", "counters", "customers", "orders", "vouchers")
GROWING = ("ledger", "requests", "outbox")
TABLES = (
    *UNTOUCHED,
    *GROWING,
    "campaigns",
    "campaign_versions",
    "campaign_segments",
    "customer_profiles",
    "segments",
    "segment_members",
    "projects",
)


class _Kafka:
    """As much of a consumer and of dead letters as a batch of orders meets."""

    async def commit(self, _offsets: Any) -> None: ...

    async def send_to_dlq(self, letters: Any) -> None:
        assert not letters


class Engine:
    """One project of it; a class because it goes on from step to step."""

    def __init__(self, runner: asyncio.Runner, pool: asyncpg.Pool, decider: Decider) -> None:
        self.run = runner.run
        self.pool = pool
        self.decider = decider
        self.project = f"proj_{uuid4().hex}"
        self._forecasts = Forecasts(Bulkheads(pool, 3), decider._memory)

    def apply(self, *told: snapshots.Snapshot) -> None:
        self.run(snapshots.apply(self.pool, told))

    def decide(self, *requests: Asked) -> list[Response]:
        return self.run(self.decider.decide(requests))

    def foretell(self, requests: Sequence[Request]) -> list[Any]:
        """Return the answers to validations that come at once."""

        async def all_of_them() -> list[Decision]:
            return await asyncio.gather(*map(self._forecasts.of, requests))

        decisions = self.run(all_of_them())
        return [orjson.loads(validation(each)) for each in decisions]

    def a_rollback(self, id_: str, **said: Any) -> Asked:
        return self.run(a_rollback(self.pool, id_, project=self.project, **said))

    def send(self, words: Sequence[Word]) -> None:
        """Tell of orders by Kafka, in one batch."""
        values = [oracle_terms.order_record(word, self.project) for word in words]
        records = [
            ConsumerRecord(topics.ORDERS.name, 0, n, 0, 1, b"", value, None, 0, 0, ())
            for n, value in enumerate(values)
        ]
        message: Any = SimpleNamespace(raw_message=records)
        kafka: Any = _Kafka()
        known = KnownProjects(self.pool)
        dependencies = Dependencies(self.pool, self.decider, known, kafka, CUSTOMER_KEY)
        self.run(on_orders(None, message, kafka, dependencies))

    def post(self, word: Word) -> bool:
        """Tell of an order by HTTP, as of its moment; return whether that was accepted."""
        body = order_bodies._orders.decode(oracle_terms.order_body(word))
        told = order_bodies.told_of(body, self.project, word.order_id, CUSTOMER_KEY)
        try:
            self.run(ordering.keep(self.pool, [told._replace(at=word.at)]))
        except RefundedTooMuchError:
            return False
        self.run(refunding.roll_back(self.pool, self.decider, [told.key]))
        return True

    def see_to_what_is_overdue(self) -> None:
        self.run(overdue.roll_back_all(self.pool, self.decider))

    def books(self) -> dict[str, Any]:
        return self.run(self._books())

    async def _books(self) -> dict[str, Any]:
        """Return uses of campaigns and codes, customers won, orders, and what customers bought."""
        used = await self.pool.fetch(
            """
            SELECT campaign_id AS name, used FROM campaign_locks
            WHERE project_id = $1 AND used <> 0
            UNION ALL SELECT code, uses FROM vouchers WHERE project_id = $1 AND uses <> 0
            """,
            self.project,
        )
        won = await self.pool.fetch(
            """
            SELECT customer_id FROM ledger
            WHERE project_id = $1 AND customer_is_new AND kind = 'redeemed'
            """,
            self.project,
        )
        orders = await self.pool.fetch(
            """
            SELECT order_id, status, amount_minor, refunded_minor, paid_at, customer_id,
                counted_minor
            FROM orders WHERE project_id = $1
            """,
            self.project,
        )
        customers = await self.pool.fetch(
            """
            SELECT customer_id, paid_orders, spent_minor, first_paid_at, last_paid_at
            FROM customers WHERE project_id = $1 AND paid_orders > 0
            """,
            self.project,
        )
        return {
            "used": dict(map(tuple, used)),
            "won": {row[0] for row in won},
            "orders": {row[0]: tuple(row)[1:] for row in orders},
            "customers": {row[0]: tuple(row)[1:] for row in customers},
        }

    def everything(self) -> list[Any]:
        """Return all that who only looks must not touch."""
        return self.run(self._everything())

    async def _everything(self) -> list[Any]:
        fetch = self.pool.fetch
        return [await fetch(f"SELECT * FROM {table} ORDER BY 1, 2") for table in UNTOUCHED] + [
            await fetch(f"SELECT count(*) FROM {table}") for table in GROWING
        ]

    async def forget(self) -> None:
        """Keep the audit of the next example short."""
        for table in TABLES:
            await self.pool.execute(f"DELETE FROM {table}")
