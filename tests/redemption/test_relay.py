"""The relay as a process: every committed event arrives, whatever dies on the way."""

import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest
from aiokafka import ConsumerRecord, TopicPartition
from kit import outboxes
from kit.patience import until
from kit.redemption_books import agree, outcome
from kit.redemption_processes import Outside, running
from kit.redemption_samples import a_request, campaign_changed, voucher_changed

from contracts import topics
from redemption.applying import snapshots
from redemption.batches.decider import Decider

pytestmark = pytest.mark.fault

OUTCOMES = topics.REDEMPTIONS.name


async def decide(pool: asyncpg.Pool, decider: Decider, many: int) -> None:
    await snapshots.apply(pool, [campaign_changed(total_limit=many // 2), voucher_changed()])
    for start in range(0, many, 500):
        await decider.decide([a_request() for _ in range(min(500, many - start))])


async def left(pool: asyncpg.Pool) -> int:
    return len(await outboxes.messages(pool))


def none_left(pool: asyncpg.Pool) -> Callable[[], Awaitable[bool]]:
    async def nothing() -> bool:
        return await left(pool) == 0

    return nothing


async def arrived(kafka: Outside, bookmark: dict[TopicPartition, int]) -> Counter[str]:
    return Counter(str(outcome(r.value).id) for r in await kafka.since(bookmark))


async def decided(pool: asyncpg.Pool) -> set[str]:
    return {str(row["id"]) for row in await pool.fetch("SELECT id FROM ledger")}


async def test_every_outcome_arrives_once_under_its_key_in_its_partition(
    tmp_path: Path, redemption_db: str, kafka: Outside, pool: asyncpg.Pool, decider: Decider
) -> None:
    await decide(pool, decider, 600)
    bookmark = await kafka.ends([OUTCOMES])

    async with running("relay", tmp_path, redemption_db, kafka.operator) as relay:
        await until(none_left(pool))
        assert (await relay.stop())[0] == 0

    outcomes = await kafka.since(bookmark)
    ledger = {str(row["id"]): row for row in await pool.fetch("SELECT * FROM ledger")}
    assert len(outcomes) == len(ledger) == 600
    for record in outcomes:
        event = outcome(record.value)
        agree(ledger[event.id], event)
        assert record.key == event.subject.encode()
        assert record.partition == zlib.crc32(record.key) % topics.REDEMPTIONS.partitions
    assert in_order(outcomes, ledger)


def in_order(records: list[ConsumerRecord], ledger: dict[str, asyncpg.Record]) -> bool:
    """Tell whether outcomes of one partition lie there as they were decided."""
    by_partition: dict[int, list[datetime]] = {}
    for record in records:
        at = ledger[outcome(record.value).id]["decided_at"]
        by_partition.setdefault(record.partition, []).append(at)
    return all(sorted(moments) == moments for moments in by_partition.values())


async def test_a_relay_killed_again_and_again_loses_nothing(
    tmp_path: Path, redemption_db: str, kafka: Outside, pool: asyncpg.Pool, decider: Decider
) -> None:
    await decide(pool, decider, 12_000)
    bookmark = await kafka.ends([OUTCOMES])

    while before := await left(pool):
        async with running("relay", tmp_path, redemption_db, kafka.operator) as doomed:

            async def some(before: int = before) -> bool:
                return await left(pool) < before

            await until(some)
            doomed.kill()  # the next batch is on its way: deleted, sent perhaps, not committed

    assert (await arrived(kafka, bookmark)).keys() == await decided(pool)


async def test_a_stopped_relay_has_finished_its_batch(
    tmp_path: Path, redemption_db: str, kafka: Outside, pool: asyncpg.Pool, decider: Decider
) -> None:
    await decide(pool, decider, 6000)
    bookmark = await kafka.ends([OUTCOMES])

    async with running("relay", tmp_path, redemption_db, kafka.operator) as relay:

        async def some() -> bool:
            return await left(pool) < 6000

        await until(some)
        status, seconds = await relay.stop()

    assert (status, seconds < 20) == (0, True)
    found = await arrived(kafka, bookmark)
    assert set(found.values()) == {1}
    assert len(found) == 6000 - await left(pool)
