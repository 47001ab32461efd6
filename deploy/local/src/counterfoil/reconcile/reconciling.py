"""Waits for what is under way, holds the three places against each other, names what differs.

First by sums: each place adds up, per project, partner and day, and the sums are compared. Only the
groups in which they differ are read decision by decision, as streams in the order of ids. Memory is
bounded by the number of groups and by what is listed, not by that of decisions.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import asyncpg
import clickhouse_connect
from aiokafka.errors import KafkaError
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import ClickHouseError

from counterfoil.errors import PlatformError
from counterfoil.reconcile import in_clickhouse, in_ledger, on_kafka
from counterfoil.reconcile.compare import Difference, differences, suspects
from counterfoil.reconcile.facts import PLACES, Group, Place, Scope, Sums, Totals
from counterfoil.reconcile.on_kafka import OnKafka
from counterfoil.reconcile.rows import Row, side_by_side
from counterfoil.reconcile.sorting import by_id
from servicekit.kafka.connection import Kafka

PAUSE_SECONDS = 0.5
LISTED = 1_000  # a list that is longer than anybody reads helps nobody

# What the places raise while they are away.
FAULTS = (KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError, ClickHouseError)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the three places are."""

    redemption_dsn: str
    kafka: Kafka
    clickhouse_url: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What differs, at most LISTED of it, and how much was looked at to say so."""

    differences: list[Difference]
    checked: dict[str, Any]


@dataclass(slots=True)
class OneByOne:
    """What was found in the groups whose sums differ."""

    differences: list[Difference] = field(default_factory=list)
    count: int = 0
    totals: dict[Place, Totals] = field(default_factory=lambda: {p: Totals() for p in PLACES})
    decisions: int = 0
    forgotten: int = 0

    def name(self, difference: Difference) -> None:
        self.count += 1
        if len(self.differences) < LISTED:
            self.differences.append(difference)


@dataclass(frozen=True, slots=True)
class Places:
    """The three places, opened."""

    conn: asyncpg.Connection
    client: AsyncClient
    kafka: Kafka


async def reconcile(
    addresses: Addresses, *, project_id: str | None = None, wait_seconds: float = 30
) -> Reconciliation:
    """Compare everything that was decided before now; what is decided meanwhile is left out."""
    now = datetime.now(UTC)
    scope = Scope(now.replace(microsecond=now.microsecond // 1000 * 1000), project_id)
    conn = await asyncpg.connect(addresses.redemption_dsn)
    client = await clickhouse_connect.get_async_client(dsn=addresses.clickhouse_url)
    try:
        await _settle(conn, client, scope, wait_seconds)
        scope = replace(scope, kept_from=await on_kafka.kept_from(addresses.kafka))
        found = await compare(Places(conn, client, addresses.kafka), scope)
        nothing = not found.differences and not any(found.checked["decisions"].values())
        if nothing and project_id is not None and not await in_ledger.knows(conn, project_id):
            raise PlatformError(f"there is no project {project_id}")
        return found
    finally:
        await client.close()
        with suppress(OSError, asyncpg.PostgresError):
            await conn.close(timeout=5)


async def _settle(
    conn: asyncpg.Connection, client: AsyncClient, scope: Scope, wait_seconds: float
) -> None:
    """Give what was decided the time to arrive; what has not by then is a difference."""
    deadline = monotonic() + wait_seconds
    while monotonic() < deadline:
        decided = await in_ledger.count(conn, scope)
        if not await in_ledger.unsent(conn, scope) and decided == await in_clickhouse.count(
            client, scope
        ):
            return
        await asyncio.sleep(PAUSE_SECONDS)


async def compare(places: Places, scope: Scope) -> Reconciliation:
    """Compare what the places hold right now."""
    adding_up = (
        asyncio.create_task(in_ledger.sums(places.conn, scope)),
        asyncio.create_task(in_clickhouse.sums(places.client, scope)),
        asyncio.create_task(on_kafka.sums(places.kafka, scope)),
    )
    try:
        ledger, clickhouse, topic = await asyncio.gather(*adding_up)
    finally:
        for task in adding_up:
            task.cancel()  # one that failed leaves no other at work
    told: dict[Place, Mapping[Group, Sums]] = {
        "ledger": ledger,
        "kafka": topic.sums,
        "clickhouse": clickhouse,
    }
    groups = suspects(ledger, topic.sums, clickhouse)
    found = await _one_by_one(places, scope, groups) if groups else OneByOne()
    for row in await in_ledger.counters_off(places.conn, scope):
        found.name({"kind": "counter", **row})
    if unsent := await in_ledger.unsent(places.conn, scope):
        found.name({"kind": "outbox", "where": "redemption", "rows": unsent})
    return Reconciliation(found.differences, _checked(scope, told, topic, groups, found))


async def _one_by_one(places: Places, scope: Scope, groups: set[Group]) -> OneByOne:
    found = OneByOne()
    async with (
        aclosing(in_ledger.rows(places.conn, scope, groups)) as ledger,
        aclosing(by_id(on_kafka.rows(places.kafka, scope, groups))) as kafka,
        aclosing(in_clickhouse.rows(places.client, scope, groups)) as clickhouse,
    ):
        streams: dict[Place, AsyncGenerator[Row, None]] = {
            "ledger": ledger,
            "kafka": kafka,
            "clickhouse": clickhouse,
        }
        async for present in side_by_side(streams):
            found.decisions += 1
            for place, row in present.items():
                found.totals[place].count(row.fact)
            row = next(iter(present.values()))
            conflict = "kafka" in present and present["kafka"].conflict
            found.forgotten += "ledger" in present and "kafka" not in present and not row.kept
            facts = {place: row.fact for place, row in present.items()}
            for difference in differences(row.event_id, facts, kept=row.kept, conflict=conflict):
                found.name(difference)
    return found


def _checked(
    scope: Scope,
    told: Mapping[Place, Mapping[Group, Sums]],
    topic: OnKafka,
    groups: set[Group],
    found: OneByOne,
) -> dict[str, Any]:
    """Say what was compared: of the groups that were read one by one, what was read."""
    totals = {place: _sum(told[place], groups, found.totals[place]) for place in PLACES}
    forgotten = sum(
        sums.totals.decisions
        for group, sums in told["ledger"].items()
        if not group.kept and group not in groups
    )
    return {
        "until": scope.until.isoformat(timespec="milliseconds"),
        "project_id": scope.project_id,
        "decisions": {place: totals[place].decisions for place in PLACES},
        "kafka_records": topic.records,
        "kafka_duplicates": topic.in_scope - totals["kafka"].decisions,
        "kafka_unreadable": topic.unreadable,
        "kafka_no_longer_keeps": forgotten + found.forgotten,
        "partner_days": len({group[:3] for group in told["ledger"]}),
        "compared_one_by_one": found.decisions,
        "differences_not_listed": found.count - len(found.differences),
        "sums": {
            place: asdict(totals[place]) | ({"commission_minor": None} if place == "ledger" else {})
            for place in PLACES
        },
    }


def _sum(sums: Mapping[Group, Sums], without: set[Group], result: Totals) -> Totals:
    for group, of_group in sums.items():
        if group not in without:
            result.add(of_group.totals)
    return result
