"""Waits for what is under way, reads the three places, and reports what they disagree on."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

import asyncpg
import clickhouse_connect
from aiokafka.errors import KafkaError
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import ClickHouseError

from counterfoil.errors import PlatformError
from counterfoil.reconcile import in_clickhouse, in_ledger, on_kafka
from counterfoil.reconcile.compare import Difference, Told, differences, sums_that_differ
from counterfoil.reconcile.facts import Day, Fact, Scope, Totals, totals
from counterfoil.reconcile.on_kafka import OnKafka

PAUSE_SECONDS = 0.5

# What the places raise while they are away.
FAULTS = (KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError, ClickHouseError)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the three places are."""

    redemption_dsn: str
    kafka: str
    clickhouse_url: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What differs, and how much was looked at to say so."""

    differences: list[Difference]
    checked: dict[str, Any]


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
        found = await _compare(conn, client, addresses.kafka, scope)
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


async def _compare(
    conn: asyncpg.Connection, client: AsyncClient, kafka: str, scope: Scope
) -> Reconciliation:
    ledger = await in_ledger.decisions(conn, scope)
    topic = await on_kafka.decisions(kafka, scope)
    clickhouse = await in_clickhouse.decisions(client, scope)
    unsent = await in_ledger.unsent(conn, scope)
    facts = {event_id: fact for event_id, (fact, _) in ledger.items()}
    told = Told(facts, topic.facts, clickhouse, _forgotten(ledger, topic), tuple(topic.conflicts))
    ledger_sums, clickhouse_sums = totals(facts.values()), totals(clickhouse.values())
    found = [
        *differences(told),
        *sums_that_differ(
            await in_ledger.totals(conn, scope), "ledger", ledger_sums, commission=False
        ),
        *sums_that_differ(
            await in_clickhouse.totals(client, scope),
            "clickhouse",
            clickhouse_sums,
            commission=True,
        ),
        *({"kind": "counter", **row} for row in await in_ledger.counters_off(conn, scope)),
    ]
    if unsent:
        found.append({"kind": "outbox", "where": "redemption", "rows": unsent})
    return Reconciliation(found, _checked(scope, told, topic, ledger_sums, clickhouse_sums))


def _forgotten(ledger: Mapping[UUID, tuple[Fact, datetime]], topic: OnKafka) -> frozenset[UUID]:
    if topic.keeps_from is None:
        return frozenset()
    return frozenset(
        event_id for event_id, (_, decided_at) in ledger.items() if decided_at < topic.keeps_from
    )


def _checked(
    scope: Scope,
    told: Told,
    topic: OnKafka,
    ledger_sums: Mapping[Day, Totals],
    clickhouse_sums: Mapping[Day, Totals],
) -> dict[str, Any]:
    return {
        "until": scope.until.isoformat(timespec="milliseconds"),
        "project_id": scope.project_id,
        "decisions": {
            "ledger": len(told.ledger),
            "kafka": len(told.kafka),
            "clickhouse": len(told.clickhouse),
        },
        "kafka_records": topic.records,
        "kafka_duplicates": topic.duplicates,
        "kafka_unreadable": topic.unreadable,
        "kafka_no_longer_keeps": len(told.forgotten_by_kafka - told.kafka.keys()),
        "partner_days": len(ledger_sums),
        "sums": {
            "ledger": asdict(_sum(ledger_sums)) | {"commission_minor": None},
            "kafka": asdict(_sum(totals(told.kafka.values()))),
            "clickhouse": asdict(_sum(clickhouse_sums)),
        },
    }


def _sum(days: Mapping[Day, Totals]) -> Totals:
    result = Totals()
    for of_day in days.values():
        result.add(of_day)
    return result
