"""The worker stops, is killed, reads again: nothing is lost and nothing is doubled."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest
from kit.patience import until
from kit.redemption_books import audit, somebody_waits
from kit.redemption_processes import GROUPS, Outside, running
from kit.redemption_worker import LIVE, asked, decided, open_a_shop, until_decided

from servicekit.kafka.background_commits import EVERY_SECONDS

pytestmark = pytest.mark.fault


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
            await asyncio.sleep(5 * EVERY_SECONDS)  # whoever commits too early has by then
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
                assert (status, seconds < 20) == (0, True), worker.log[-2000:]
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
