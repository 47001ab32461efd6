"""One project's crowd, and another one's ordinary day beside it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaProducer
from kit.commands import counterfoil
from kit.patience import until
from kit.records import dead_letters
from kit.shops import Shop, ask, requested
from kit.watching import assert_reconciled, digest, restarts

from contracts import topics
from counterfoil.bench.odd_batches import PACKED, a_batch, a_bomb, a_record, append
from counterfoil.platform import Platform
from servicekit.kafka.connection import Kafka

CROWD = 30
REPORT = "/v1/reports/partners"
ODD_HEADERS = [(b"bytes", b"\xff\x00"), (b"none", None), ("ü".encode(), b"x" * 1000)]
PARTITIONS = topics.REDEMPTION_REQUESTS.partitions


async def test_thirty_reports_at_once_keep_nobody_elses_waiting(
    shop: Shop, other_shop: Shop
) -> None:
    await other_shop.listed(REPORT)

    async with asyncio.TaskGroup() as group:
        crowd = [group.create_task(shop.call("GET", REPORT)) for _ in range(CROWD)]
        await asyncio.sleep(0)  # they are on their way
        await other_shop.listed(REPORT)
        still_waiting = [each for each in crowd if not each.done()]

    assert still_waiting  # the other project's was answered before the crowd's last
    assert {each.result().status_code for each in crowd} <= {200, 503}


async def test_whatever_a_vendor_sends_and_how_another_vendors_requests_are_decided(
    platform: Platform, shop: Shop, other_shop: Shop
) -> None:
    """Every codec and odd headers pass, what cannot be read is set aside: no partition stands."""
    code, others_code = [await _code_in_force(each) for each in (shop, other_shop)]
    odd, plain = [await _vendor(platform, each) for each in (shop, other_shop)]
    alive = restarts(platform)
    topic, good = topics.for_project(shop.project_id), list[str]()

    def asked() -> bytes:
        good.append(uuid4().hex)
        return requested(shop.project_id, code, request_id=good[-1]).encode()

    async with _asking(platform, other_shop, plain, others_code) as others:
        before = len(others)
        for partition in range(PARTITIONS):
            batches = [
                batch
                for packed in PACKED
                for batch in (
                    a_batch(
                        a_record(0, asked(), ODD_HEADERS),
                        a_record(1, b"no JSON", ODD_HEADERS, key=None),
                        a_record(2, asked()),
                        packed=packed,
                    ),
                    a_batch(a_record(0, asked(), [(b"\xff", b"")]), packed=packed),
                )
            ]
            bombs = [a_bomb(100, packed) for packed in ("gzip", "zstd")]
            await append(
                odd, topic, *batches, *bombs, a_batch(a_record(0, asked())), partition=partition
            )
        # What has a header name that is no text is set aside, as it came.
        aside = PARTITIONS * len(PACKED)
        await until(
            lambda: _decided(platform, shop, good, len(good) - aside), what="its good requests"
        )
        letters = await dead_letters(
            platform.kafka, topics.dead_letters(topic, "redemption"), 2 * aside + 2 * PARTITIONS
        )

    reasons = [dict(letter.headers)["error-class"] for letter in letters]
    assert reasons.count(b"UnreadableError") == aside
    assert reasons.count(b"HeaderNameError") == aside
    assert reasons.count(b"UnpackedTooLargeError") == 2 * PARTITIONS
    assert len(others) > before + 3  # each was decided: no partition stood still
    assert restarts(platform) == alive
    await assert_reconciled(shop)


async def _code_in_force(shop: Shop) -> str:
    code = await shop.code(await shop.campaign())
    await until(partial(_redeems, shop, code), what="a code in force")
    return code


async def _redeems(shop: Shop, code: str) -> bool:
    return (await shop.redeem(code)).status_code == 200


async def _vendor(platform: Platform, shop: Shop) -> Kafka:
    where = ("--json", "--data", str(platform.folder.path))
    done = await asyncio.to_thread(counterfoil, "vendors", "add", shop.project_id, *where)
    assert done.returncode == 0, done.stdout + done.stderr
    password = json.loads(done.stdout)["client"]["sasl.password"]
    return platform.kafka.acting_as(shop.project_id, password)


async def _decided(platform: Platform, shop: Shop, request_ids: list[str], number: int) -> bool:
    books = await asyncpg.connect(platform.views["redemption"])
    try:
        sql = "SELECT count(*) FROM reconciliation_answers WHERE key = ANY ($1)"
        keys = [digest(shop.project_id, each) for each in request_ids]
        return int(await books.fetchval(sql, keys)) == number
    finally:
        await books.close()


@asynccontextmanager
async def _asking(
    platform: Platform, shop: Shop, vendor: Kafka, code: str
) -> AsyncIterator[list[str]]:
    """Send one request after the other as a vendor, each once the one before was decided."""
    decided_ids, over = list[str](), asyncio.Event()

    async def asking() -> None:
        async with AIOKafkaProducer(**vendor.options(), acks="all") as producer:
            while not over.is_set():
                request_id = uuid4().hex
                wanted = requested(shop.project_id, code, request_id=request_id)
                await ask(producer, wanted, topics.for_project(shop.project_id))
                decided = partial(_decided, platform, shop, [request_id], 1)
                await until(decided, every=0.02, what="a decision")
                decided_ids.append(request_id)

    async with asyncio.TaskGroup() as group:
        group.create_task(asking())
        await until(lambda: _some(decided_ids), what="the other vendor at work")
        yield decided_ids
        over.set()


async def _some(request_ids: list[str]) -> bool:
    return len(request_ids) > 2
