"""The worker as a process, between a real Kafka and a real Postgres.

The topics and groups are the service's own, so every test speaks for a project of its own.
"""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from kit.patience import until
from kit.redemption_books import audit, somebody_waits
from kit.redemption_processes import GROUPS, Outside, running
from kit.redemption_samples import (
    NOON,
    TICK,
    campaign_changed,
    codes_issued,
    envelope,
    project_changed,
    voucher_changed,
)
from kit.service_process import ServiceProcess

from contracts import topics
from contracts.principals import rights
from contracts.redemptions import Order, RedemptionRequest, RedemptionRequested
from counterfoil.access import granting
from counterfoil.bench.odd_batches import a_batch, a_bomb, a_record, append
from redemption import snapshots

pytestmark = pytest.mark.fault

LIVE = topics.REDEMPTION_REQUESTS.name
HISTORY = topics.REDEMPTION_REQUESTS_HISTORY.name
SNAPSHOTS = [topics.PROJECTS.name, topics.CAMPAIGNS.name, topics.VOUCHERS.name]
ASIDE = [topics.dead_letters(name, "redemption") for name in (LIVE, HISTORY, *SNAPSHOTS)]


@pytest.fixture
def project() -> str:
    return f"proj_{uuid4().hex[:12]}"


@pytest.fixture
def running_worker(
    tmp_path: Path, redemption_db: str, kafka: Outside
) -> Callable[[], AbstractAsyncContextManager[ServiceProcess]]:
    return lambda: running("worker", tmp_path, redemption_db, kafka.operator)


@pytest.fixture
async def worker(
    running_worker: Callable[[], AbstractAsyncContextManager[ServiceProcess]],
) -> AsyncIterator[ServiceProcess]:
    async with running_worker() as worker:
        await worker.ready()
        yield worker
        await worker.stop()  # or the next test's worker would wait for this one's session to end


def asked(project: str, request_id: str = "", code: str = "HOT") -> bytes:
    data = RedemptionRequest(
        request_id=request_id or uuid4().hex, code=code, order=Order(amount_minor=5000)
    )
    return RedemptionRequested(**envelope(project, code), data=data).encode()


def with_data(document: dict[str, Any], **fields: Any) -> bytes:
    return json.dumps(document | {"data": document["data"] | fields}).encode()


async def decided(pool: asyncpg.Pool, project: str) -> int:
    many: int = await pool.fetchval("SELECT count(*) FROM ledger WHERE project_id = $1", project)
    return many


async def until_decided(pool: asyncpg.Pool, project: str, many: int) -> None:
    async def enough() -> bool:
        return await decided(pool, project) >= many

    await until(enough, seconds=60)
    assert await decided(pool, project) == many


async def open_a_shop(pool: asyncpg.Pool, project: str, **terms: Any) -> None:
    await snapshots.apply(
        pool,
        [
            project_changed(project),
            campaign_changed(project=project, **terms),
            voucher_changed("HOT", project=project),
        ],
    )


@pytest.fixture
async def definitions(
    tmp_path: Path, redemption_db: str, kafka: Outside
) -> AsyncIterator[ServiceProcess]:
    async with running("definitions", tmp_path, redemption_db, kafka.operator) as definitions:
        await definitions.ready()
        yield definitions
        await definitions.stop()


async def test_definitions_and_requests_come_in_and_unreadable_ones_are_set_aside_untouched(
    worker: ServiceProcess,
    definitions: ServiceProcess,
    kafka: Outside,
    pool: asyncpg.Pool,
    project: str,
) -> None:
    aside = await kafka.ends(ASIDE)
    await kafka.send(topics.PROJECTS.name, project_changed(project).encode(), b"{", None)
    campaign = campaign_changed(project=project)
    newer = json.dumps(json.loads(campaign.encode()) | {"type": "coupons.campaign.changed.v2"})
    await kafka.send(topics.CAMPAIGNS.name, newer.encode(), campaign.encode())
    await kafka.send(topics.VOUCHERS.name, codes_issued("A", "B", project=project).encode())

    async def known() -> bool:
        many = """
            SELECT (SELECT count(*) FROM vouchers WHERE project_id = $1)
                + (SELECT count(*) FROM projects WHERE project_id = $1)
        """
        return bool(await pool.fetchval(many, project) == 3)

    await until(known)

    document = json.loads(asked(project))
    poison = [
        b"not json",
        b"",
        b'"\xff"',
        b"[" * 100_000,
        json.dumps(document | {"type": "coupons.redemption.requested.v2"}).encode(),
        json.dumps(document | {"type": "coupons.nobody.knows.v1"}).encode(),
        json.dumps(document | {"data": {"code": "\0", "request_id": "1"}}).encode(),
        with_data(document, redeemables=[{"code": "B"}]),
        with_data(document, code=None, redeemables=[{"code": "A"}, {"code": "A"}]),
        with_data(document, code=None, redeemables=[{"code": str(n)} for n in range(31)]),
        with_data(document, metadata={"no database keeps": "\0"}),
        with_data(document, metadata={"nor": 10**30}),
        b"x" * 1_000_000,
    ]
    async with kafka.producing() as producer:
        for value in poison:
            await producer.send(LIVE, asked(project, code="A"), key=b"A")
            await producer.send(
                LIVE,
                value,
                key=b"\x00\xff",
                headers=[("text", b"kept"), ("binary", b"\xff"), ("none", None)],
            )
            await producer.send(LIVE, asked(project, code="B"), key=None)
        await producer.send(LIVE, None, key=b"tombstone")
        for header in (b"\xff", None):
            await producer.send(LIVE, asked(project), key=b"", headers=[("odd", header)])

    await until_decided(pool, project, 2 * len(poison) + 2)
    await until(lambda: kafka.caught_up("redemption", [LIVE]))
    letters = await kafka.since(aside)
    requests = [letter for letter in letters if letter.topic == ASIDE[0]]
    assert sorted(letter.value for letter in requests if letter.key != b"tombstone") == sorted(
        poison
    )
    assert [(letter.key, letter.value) for letter in requests if letter.value is None] == [
        (b"tombstone", None)
    ]
    for letter in requests:
        await comes_from_its_original(kafka, letter)
        if letter.key == b"\x00\xff":
            assert letter.headers[:3] == (("text", b"kept"), ("binary", b"\xff"), ("none", None))
    assert len([letter for letter in letters if letter.topic != ASIDE[0]]) == 3
    assert await audit(pool) == 2  # quantity 1 each
    assert (worker.child.exit_code, definitions.child.exit_code) == (None, None)


async def test_what_gets_no_decision_is_set_aside_with_the_reason(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    aside = await kafka.ends(ASIDE[:1])
    await open_a_shop(pool, project)
    first = asked(project, "1")
    document = json.loads(first)
    other = with_data(document, order={"amount_minor": 1})
    pasted = with_data(document, code="HOT\u00a0", customer=None)
    nobody = asked(f"{project}typo")

    await kafka.send(LIVE, first, other, first, nobody)
    await until(lambda: kafka.caught_up("redemption", [LIVE]))
    await kafka.send(LIVE, other, pasted, nobody, asked(project))

    await until_decided(pool, project, 2)
    await until(lambda: kafka.caught_up("redemption", [LIVE]))
    letters = [(letter.value, dict(letter.headers)) for letter in await kafka.since(aside)]
    reasons = sorted((headers["error-class"], value) for value, headers in letters)
    assert reasons == [
        *[(b"UnknownProjectError", nobody)] * 2,
        *[(b"idempotency_key_reused", other)] * 2,
    ]
    assert {headers["error-text"] for value, headers in letters if value == nobody} == {
        f"there is no project '{project}typo'".encode()
    }
    for table in ("ledger", "requests"):
        assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 2
    samples = (await worker.get("/metrics")).text
    assert re.search(r'^decisions_total{outcome="key_reused".*} 2.0$', samples, re.MULTILINE)
    assert re.search(r'^decisions_total{outcome="refused".*} 0.0$', samples, re.MULTILINE)
    assert worker.child.exit_code is None


async def test_codes_that_are_sent_together_are_redeemed_together(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    await open_a_shop(pool, project, total_limit=3)
    await snapshots.apply(pool, [voucher_changed("COLD", project=project)])
    document = json.loads(asked(project))
    codes = [{"code": "HOT"}, {"code": "COLD"}]
    stacks = [
        with_data(document, request_id=str(n), code=None, redeemables=codes) for n in range(2)
    ]

    await kafka.send(LIVE, *stacks, *stacks)

    await until_decided(pool, project, 4)
    await until(lambda: kafka.caught_up("redemption", [LIVE]))
    rows = await pool.fetch("SELECT reason, order_minor, caller FROM ledger ORDER BY id")
    assert sorted((row["reason"] or "", row["order_minor"]) for row in rows) == [
        ("", 2500),
        ("", 2500),
        ("campaign_limit_exceeded", 5000),
        ("stack_refused", 0),
    ]
    assert {row["caller"] for row in rows} == {LIVE}
    assert await audit(pool) == 2
    assert worker.child.exit_code is None


async def comes_from_its_original(kafka: Outside, letter: ConsumerRecord) -> None:
    facts = {name: value.decode() for name, value in letter.headers[-8:] if value is not None}
    assert facts.keys() >= {"error-class", "error-text", "failed-at"}
    assert (facts["group"], facts["original-topic"]) == ("redemption", LIVE)
    ends = await kafka.ends([LIVE])
    [partition] = [p for p in ends if p.partition == int(facts["original-partition"])]
    original = (await kafka.since({partition: int(facts["original-offset"])}))[0]
    assert (original.key, original.value) == (letter.key, letter.value)
    assert str(original.timestamp) == facts["original-timestamp"]
    assert letter.partition == original.partition


async def test_a_record_too_large_to_be_set_aside_with_its_reasons_leaves_its_whereabouts(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    aside = await kafka.ends(ASIDE[:1])
    largest = 1_048_588 - 61 - 80  # what the broker takes, less a batch's and a record's frame
    await open_a_shop(pool, project)

    await kafka.send(LIVE, os.urandom(largest), asked(project))  # which no compression helps

    await until_decided(pool, project, 1)
    await until(lambda: kafka.caught_up("redemption", [LIVE]))
    [letter] = await kafka.since(aside)
    assert letter.value is None
    assert dict(letter.headers)["value-omitted-bytes"] == str(largest).encode()
    assert worker.child.exit_code is None


async def test_redelivery_changes_nothing(
    tmp_path: Path, redemption_db: str, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    await open_a_shop(pool, project, total_limit=150)
    bookmark = await kafka.ends([LIVE])
    requests = [asked(project) for _ in range(300)]
    async with running("worker", tmp_path, redemption_db, kafka.operator) as first:
        await first.ready()
        await kafka.send(LIVE, *requests, *requests[::2])
        await until_decided(pool, project, 300)
        await until(lambda: kafka.caught_up("redemption", [LIVE]))
        assert (await first.stop())[0] == 0
    before = [tuple(row) for row in await pool.fetch("SELECT * FROM ledger ORDER BY id")]

    await kafka.rewind("redemption", bookmark)
    async with running("worker", tmp_path, redemption_db, kafka.operator) as second:
        await second.ready()
        await until(lambda: kafka.caught_up("redemption", [LIVE]))
        assert (await second.stop())[0] == 0

    after = [tuple(row) for row in await pool.fetch("SELECT * FROM ledger ORDER BY id")]
    assert after == before
    assert await audit(pool) == 150


async def test_a_worker_killed_before_it_decided_loses_nothing(
    tmp_path: Path, redemption_db: str, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    await open_a_shop(pool, project)
    async with running("worker", tmp_path, redemption_db, kafka.operator) as first:
        await first.ready()
        async with pool.acquire() as conn, conn.transaction():
            await conn.execute("SELECT FROM campaign_locks FOR UPDATE")
            await kafka.send(LIVE, *(asked(project) for _ in range(100)))
            await until(lambda: somebody_waits(pool))
            first.kill()
    assert await decided(pool, project) == 0

    await kafka.bury()
    async with running("worker", tmp_path, redemption_db, kafka.operator) as second:
        await until_decided(pool, project, 100)
        await second.stop()
    assert await audit(pool) == 100


async def test_a_stop_under_load_is_orderly_and_loses_and_doubles_nothing(
    tmp_path: Path, redemption_db: str, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    await open_a_shop(pool, project)
    sent = 0
    flooding = True

    async def flood() -> None:
        nonlocal sent
        async with kafka.producing() as producer:
            while flooding:
                await asyncio.gather(
                    *[await producer.send(LIVE, asked(project), key=b"k") for _ in range(50)]
                )
                sent += 50
                await until(nearly_done)

    async def nearly_done() -> bool:
        return not flooding or await decided(pool, project) > sent - 1000

    async with asyncio.TaskGroup() as group:
        group.create_task(flood())
        for _ in range(2):
            async with running("worker", tmp_path, redemption_db, kafka.operator) as worker:
                start = await decided(pool, project)

                async def some(start: int = start) -> bool:
                    return await decided(pool, project) > start + 200

                await until(some)
                status, seconds = await worker.stop()
                assert (status, seconds < 10) == (0, True), worker.log[-2000:]
        flooding = False

    async with running("worker", tmp_path, redemption_db, kafka.operator) as last:
        await until_decided(pool, project, sent)
        await last.stop()
    assert await audit(pool) == sent


async def test_who_stops_leaves_its_groups_so_that_nobody_waits_for_its_session(
    tmp_path: Path, redemption_db: str, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    await open_a_shop(pool, project)
    async with (
        running("worker", tmp_path, redemption_db, kafka.operator) as worker,
        running("definitions", tmp_path, redemption_db, kafka.operator) as definitions,
    ):
        await kafka.send(LIVE, asked(project))
        await until_decided(pool, project, 1)
        await until(both_joined(kafka))
        assert (await worker.stop())[0] == 0
        assert (await definitions.stop())[0] == 0

    assert await kafka.members() == []


def both_joined(kafka: Outside) -> Callable[[], Awaitable[bool]]:
    async def joined() -> bool:
        return {group for group, _ in await kafka.members()} == set(GROUPS)

    return joined


async def test_live_requests_are_judged_by_the_broker_and_the_past_by_its_importer(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    assert worker.child.exit_code is None
    await open_a_shop(pool, project, starts_at=NOON - TICK, ends_at=NOON)
    began, moment = datetime.now(UTC) - timedelta(minutes=1), int(NOON.timestamp() * 1000)
    async with kafka.producing() as producer:
        for topic in (LIVE, HISTORY):
            for at in (moment - 2, moment - 1, moment):
                await producer.send(topic, asked(project, f"{topic} {at}"), timestamp_ms=at)

    await until_decided(pool, project, 6)
    rows = await pool.fetch("SELECT at, reason FROM ledger WHERE project_id = $1", project)
    by_importer = {row["at"]: row["reason"] for row in rows if row["at"] <= NOON}
    assert by_importer == {
        NOON - 2 * TICK: "voucher_not_active",
        NOON - TICK: None,
        NOON: "voucher_expired",
    }
    by_broker = [row["reason"] for row in rows if row["at"] > began]
    assert by_broker == ["voucher_expired"] * 3
    assert await audit(pool) == 1


@pytest.fixture
async def vendors_topic(kafka: Outside, project: str) -> AsyncIterator[Any]:
    """Make a topic for one vendor alone, as it comes with a new project."""
    admin = AIOKafkaAdminClient(**kafka.operator.options())
    await admin.start()
    name = topics.for_project(project)
    both = [name, topics.dead_letters(name, "redemption")]

    async def make(timestamps: str = "LogAppendTime") -> str:
        configs = {"message.timestamp.type": timestamps}
        await granting.ensure(kafka.operator, {}, rights(topics.of_project(project)), only=())
        await admin.create_topics([NewTopic(each, 1, 1, topic_configs=configs) for each in both])
        return name

    yield make
    await admin.delete_topics(both)
    await admin.close()


async def test_a_vendors_topic_is_noticed_and_speaks_for_its_project_alone(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str, vendors_topic: Any
) -> None:
    await open_a_shop(pool, project)
    await open_a_shop(pool, "proj_victim")
    topic = await vendors_topic()

    await kafka.send(topic, asked(project), asked("proj_victim"), asked(project))

    await until_decided(pool, project, 2)
    [letter] = await letters_of(kafka, topic)
    assert letter.value is not None
    assert json.loads(letter.value)["projectid"] == "proj_victim"
    assert await decided(pool, "proj_victim") == 0
    assert worker.child.exit_code is None


async def letters_of(kafka: Outside, topic: str) -> list[ConsumerRecord[bytes, bytes]]:
    aside = await kafka.ends([topics.dead_letters(topic, "redemption")])
    return await kafka.since(dict.fromkeys(aside, 0))


def odd_request(project: str, number: int) -> bytes:
    return a_record(number, asked(project), [(b"trace", b"1"), (b"\xff\xfe", b"")], key=b"\x00")


async def test_a_record_that_no_client_parses_is_set_aside_and_its_partition_goes_on(
    running_worker: Callable[[], AbstractAsyncContextManager[ServiceProcess]],
    kafka: Outside,
    pool: asyncpg.Pool,
    project: str,
    vendors_topic: Any,
) -> None:
    await open_a_shop(pool, project)
    topic = await vendors_topic()

    def good(number: int) -> bytes:
        return a_record(number, asked(project))

    def mixed(packed: str) -> bytes:
        return a_batch(good(0), good(1), odd_request(project, 2), good(3), packed=packed)

    async with running_worker() as first:
        await append(kafka.operator, topic, *map(mixed, ["plain", "gzip", "zstd"]))
        await kafka.send(LIVE, asked(project))
        await until_decided(pool, project, 10)
        await until(lambda: kafka.caught_up("redemption", [topic, LIVE]))
        assert (await first.stop())[0] == 0
    letters = await letters_of(kafka, topic)
    assert [dict(letter.headers)["original-offset"] for letter in letters] == [b"2", b"6", b"10"]
    for letter in letters:
        assert letter.key == b"\x00"
        assert letter.value is not None
        assert json.loads(letter.value)["projectid"] == project
        assert letter.headers[:2] == (("trace", b"1"), (r"\xff\xfe", b""))
        assert dict(letter.headers)["error-class"] == b"HeaderNameError"

    async with running_worker() as second:
        await append(kafka.operator, topic, a_batch(odd_request(project, 0)), a_batch(good(0)))
        await until_decided(pool, project, 11)
        assert (await second.stop())[0] == 0
    assert len(await letters_of(kafka, topic)) == 4
    assert await audit(pool) == 11


async def test_records_that_unpack_to_a_thousand_times_their_size_cost_no_memory(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str, vendors_topic: Any
) -> None:
    await open_a_shop(pool, project)
    topic = await vendors_topic()
    bombs = [a_bomb(200, "zstd"), a_bomb(200, "gzip"), a_bomb(200, "lz4"), a_bomb(30, "zstd")]
    before = peak_megabytes(worker)

    await append(kafka.operator, topic, *bombs, a_batch(a_record(0, asked(project))))

    await until_decided(pool, project, 1)
    await until(lambda: kafka.caught_up("redemption", [topic]))
    letters = await letters_of(kafka, topic)
    assert [dict(letter.headers)["original-offset"] for letter in letters] == [
        b"0",
        b"1",
        b"2",
        b"3",
    ]
    for letter, bomb in zip(letters, bombs, strict=True):
        facts = dict(letter.headers)
        assert facts["error-class"] == b"UnpackedTooLargeError"
        assert facts["value-omitted-bytes"] == str(len(bomb)).encode()
        assert letter.value is None
    assert peak_megabytes(worker) < before + 150
    assert (await worker.get("/livez")).status_code == 200


def peak_megabytes(role: ServiceProcess) -> float:
    status = Path(f"/proc/{role.child.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


async def test_a_campaign_that_somebody_keeps_locked_holds_up_its_own_partition_alone(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str, vendors_topic: Any
) -> None:
    other = f"{project}other"
    await open_a_shop(pool, project)
    await open_a_shop(pool, other)
    topic = await vendors_topic()
    locked = "SELECT FROM campaign_locks WHERE project_id = $1 FOR UPDATE"
    requests = [asked(project) for _ in range(3)]
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(locked, project)
        await kafka.send(topic, b"before", *requests, b"behind")
        await until(lambda: somebody_waits(pool))
        await kafka.send(LIVE, asked(other), asked(other))
        await until_decided(pool, other, 2)
        await kafka.send(LIVE, asked(other), asked(other))
        await until_decided(pool, other, 4)
        assert await decided(pool, project) == 0

    await until_decided(pool, project, 3)
    await until(lambda: kafka.caught_up("redemption", [topic, LIVE]))
    assert [letter.value for letter in await letters_of(kafka, topic)] == [b"before", b"behind"]
    assert await audit(pool) == 7
    assert worker.child.exit_code is None


async def test_a_campaign_that_somebody_keeps_locked_holds_up_nobody_elses_switch(
    definitions: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str
) -> None:
    """As one does whose limit is new, and counted through a past of millions."""
    other = f"{project}other"
    await open_a_shop(pool, project)
    await open_a_shop(pool, other)
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM campaign_locks WHERE project_id = $1 FOR UPDATE", project)
        for each in (project, other):
            changed = campaign_changed(project=each, version=2, active=False).encode()
            await kafka.send(topics.CAMPAIGNS.name, changed)
        await until(lambda: is_off(pool, other))
        off = campaign_changed(project=other, version=3, active=True).encode()
        await kafka.send(topics.CAMPAIGNS.name, off)
        await until(lambda: is_on(pool, other))
        assert not await kafka.caught_up("redemption-snapshots", [topics.CAMPAIGNS.name])
        assert await is_on(pool, project)

    await until(lambda: is_off(pool, project))
    await until(lambda: kafka.caught_up("redemption-snapshots", SNAPSHOTS))
    assert definitions.child.exit_code is None


async def is_on(pool: asyncpg.Pool, project: str) -> bool:
    sql = "SELECT active FROM campaign_locks WHERE project_id = $1"
    return bool(await pool.fetchval(sql, project))


async def is_off(pool: asyncpg.Pool, project: str) -> bool:
    return not await is_on(pool, project)


async def test_a_vendors_topic_whose_sender_chooses_the_moment_is_set_aside_alone(
    worker: ServiceProcess, kafka: Outside, pool: asyncpg.Pool, project: str, vendors_topic: Any
) -> None:
    await open_a_shop(pool, project)
    topic = await vendors_topic("CreateTime")

    await kafka.send(topic, asked(project), asked(project))
    await until(lambda: kafka.caught_up("redemption", [topic]))
    await kafka.send(LIVE, asked(project))
    await until_decided(pool, project, 1)

    for letter in await letters_of(kafka, topic):
        reason = f"{topic} must have message.timestamp.type=LogAppendTime"
        assert dict(letter.headers)["error-text"] == reason.encode()
    assert len(await letters_of(kafka, topic)) == 2
    assert worker.child.exit_code is None
