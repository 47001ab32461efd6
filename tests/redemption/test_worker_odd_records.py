"""The worker and what nobody can read: set aside untouched, and everything around it goes on."""

import json
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from kit.patience import until
from kit.redemption_books import audit
from kit.redemption_processes import Outside
from kit.redemption_samples import (
    campaign_changed,
    codes_issued,
    project_changed,
)
from kit.redemption_worker import (
    ASIDE,
    LIVE,
    asked,
    letters_of,
    open_a_shop,
    until_decided,
    with_data,
)
from kit.service_process import ServiceProcess

from contracts import topics
from counterfoil.bench.odd_batches import a_batch, a_bomb, a_record, append

pytestmark = pytest.mark.fault


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
