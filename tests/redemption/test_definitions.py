"""Redemption reports what it enforces at once, and whatever dies meanwhile."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError
from kit import outboxes
from kit.engines import NO_KAFKA
from kit.patience import until
from kit.redemption_processes import Outside, running
from kit.redemption_samples import (
    PROJECT,
    a_request,
    campaign_changed,
    codes_issued,
    project_changed,
    segment_changed,
    voucher_changed,
)
from kit.rules import a_rule

from contracts import topics
from contracts.applied import Applied, SnapshotApplied
from redemption import definitions
from redemption.applying import snapshots
from redemption.applying.snapshots import Snapshot
from redemption.batches.decider import Decider
from redemption.kafka.beside import Beside
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.metrics import Metrics
from servicekit.postgres.outbox import Message

OFF = campaign_changed(version=2, active=False)

# Enforces, and dies before Kafka has heard of it.
DIES_BEFORE_IT_REPORTS = """
import os, signal, sys
from redemption import streams
from redemption.__main__ import ROLES
from servicekit.process import main

async def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

streams.publish = die
sys.exit(main("redemption", ROLES, ["definitions"]))
"""


class Member:
    """As much of a consumer as moves its group, and whoever is reported to, in one sequence."""

    def __init__(self) -> None:
        self.happened: list[object] = []
        self.is_away = False

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition(topics.CAMPAIGNS.name, 0)}

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self.happened.append(offsets)

    async def report(self, messages: Sequence[Message]) -> None:
        if self.is_away:
            raise KafkaConnectionError
        self.happened += [SnapshotApplied.model_validate_json(m.value).data for m in messages]


async def handle(pool: asyncpg.Pool, member: Member, *changed: Snapshot) -> None:
    letters = DeadLetters(NO_KAFKA, "redemption", Metrics("redemption", "tests"))
    beside = Beside(partial(snapshots.enforce, pool, member.report), definitions.is_outage)
    records: list[Any] = [
        ConsumerRecord(topics.CAMPAIGNS.name, 0, offset, 0, 1, b"", each.encode(), None, 0, 0, ())
        for offset, each in enumerate(changed or [OFF], 7)
    ]
    message: Any = SimpleNamespace(raw_message=records)
    consumer: Any = member
    deps = definitions.Dependencies(pool, member.report, beside, letters)
    await definitions.on_snapshots(None, message, consumer, deps)


async def test_a_group_is_moved_past_no_snapshot_that_is_not_reported(pool: asyncpg.Pool) -> None:
    member = Member()
    member.is_away = True

    with pytest.raises(KafkaConnectionError):
        await handle(pool, member)
    assert member.happened == []
    assert await is_off(pool, "proj_a")

    member.is_away = False
    await handle(pool, member)
    reported, moved = member.happened
    assert (reported.id, reported.version) == ("camp_1", 2)  # type: ignore[attr-defined]
    assert moved == {TopicPartition(topics.CAMPAIGNS.name, 0): 8}


async def test_a_switch_is_reported_before_the_bulk_codes_that_it_came_behind(
    pool: asyncpg.Pool,
) -> None:
    member = Member()
    chunks = [
        codes_issued(f"{n}-A", f"{n}-B", number=n, project="proj_bulk", campaign="camp_2")
        for n in range(25)
    ]

    await handle(pool, member, *chunks, OFF)

    *reported, moved = member.happened
    assert [each.kind for each in reported] == ["campaign"] + ["chunk"] * 25  # type: ignore[attr-defined]
    assert moved == {TopicPartition(topics.CAMPAIGNS.name, 0): 33}
    assert await pool.fetchval("SELECT count(*) FROM vouchers") == 50


async def test_bulk_codes_of_a_campaign_that_is_locked_are_waited_for_once(
    pool: asyncpg.Pool,
) -> None:
    await snapshots.apply(pool, [campaign_changed()])
    chunks = [codes_issued(f"{n}", number=n) for n in range(25)]
    member = Member()

    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM campaign_locks FOR UPDATE")
        async with asyncio.timeout(30):  # its lock is waited for two seconds twice, not 25 times
            await handle(pool, member, *chunks, OFF)
        assert member.happened == [{TopicPartition(topics.CAMPAIGNS.name, 0): 7}]


async def test_a_segment_of_a_campaign_that_is_locked_holds_up_no_other_change(
    pool: asyncpg.Pool,
) -> None:
    only_press = a_rule(a={"name": "customer.segment", "$is": ["seg_1"]})
    await snapshots.apply(pool, [campaign_changed(rules=(only_press,))])
    changed: list[Snapshot] = [
        segment_changed("seg_1"),
        project_changed(),
        segment_changed("seg_2"),
    ]
    member = Member()

    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM campaign_locks FOR UPDATE")
        await handle(pool, member, *changed)

    reported = [(each.kind, each.id) for each in member.happened if isinstance(each, Applied)]
    assert reported == [("project", PROJECT), ("segment", "seg_2")]
    assert member.happened[-1] == {TopicPartition(topics.CAMPAIGNS.name, 0): 7}  # it is waited for


async def is_off(pool: asyncpg.Pool, project: str) -> bool:
    active = "SELECT active FROM campaign_locks WHERE project_id = $1"
    return await pool.fetchval(active, project) is False


@pytest.mark.fault
async def test_who_is_killed_before_he_reported_is_followed_by_one_who_does(
    tmp_path: Path, redemption_db: str, kafka: Outside, pool: asyncpg.Pool, decider: Decider
) -> None:
    """And past all outcomes that wait for the relay, which does not even run here."""
    project = f"proj_{uuid4().hex[:12]}"
    await snapshots.apply(
        pool, [campaign_changed(project=project), voucher_changed(project=project)]
    )
    await decider.decide([a_request(project=project) for _ in range(100)])
    bookmark = await kafka.ends([topics.APPLIED.name])
    start = partial(running, "definitions", tmp_path, redemption_db, kafka.operator)

    off = campaign_changed(project=project, version=2, active=False)
    await kafka.send(topics.CAMPAIGNS.name, off.encode())
    async with start(program=DIES_BEFORE_IT_REPORTS) as doomed:
        assert await doomed.ended() == -9
    assert await is_off(pool, project)
    assert await of(kafka, bookmark, project) == []

    await kafka.bury()
    async with start() as definitions:
        await until(reported(kafka, bookmark, project))
        assert (await definitions.stop())[0] == 0
    [record] = await of(kafka, bookmark, project)
    event = SnapshotApplied.model_validate_json(record.value or b"")
    assert (event.data.id, event.data.version, record.key) == ("camp_1", 2, b"camp_1")
    assert record.partition == zlib.crc32(record.key) % topics.APPLIED.partitions
    assert len(await outboxes.messages(pool)) == 100


async def of(
    kafka: Outside, bookmark: dict[TopicPartition, int], project: str
) -> list[ConsumerRecord[bytes, bytes]]:
    return [r for r in await kafka.since(bookmark) if project.encode() in (r.value or b"")]


def reported(
    kafka: Outside, bookmark: dict[TopicPartition, int], project: str
) -> Callable[[], Awaitable[bool]]:
    async def anything() -> bool:
        return bool(await of(kafka, bookmark, project))

    return anything
