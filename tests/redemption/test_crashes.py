"""Processes are killed, connections cut: the books agree afterwards, and nothing is lost."""

import asyncio
from functools import partial
from urllib.parse import urlsplit

import asyncpg
import pytest
from kit import redemption_hammer as hammer
from kit.patience import until
from kit.redemption_books import audit
from kit.redemption_samples import a_request, campaign_changed, voucher_changed

from redemption.applying import snapshots
from redemption.batches.collisions import FAILURES
from redemption.batches.decider import Decider
from redemption.model import Request
from redemption.outcomes import Response

pytestmark = pytest.mark.fault


def lines(output: bytes) -> list[tuple[str, int, str]]:
    """Read what a process was told; a killed one may have been cut off in a word."""
    whole = output[: output.rfind(b"\n") + 1].decode()
    return [(i, int(s), d) for i, s, d in (line.split() for line in whole.splitlines())]


@pytest.mark.parametrize(
    ("crowd", "batches"), [(hammer.MANY, 5), (hammer.LONE, 300)], ids=["batches", "lone requests"]
)
async def test_three_processes_give_away_a_campaigns_uses_and_not_one_more(
    redemption_db: str, pool: asyncpg.Pool, crowd: hammer.Crowd, batches: int
) -> None:
    await snapshots.apply(pool, [campaign_changed(total_limit=500), voucher_changed("HOT")])

    async def run(name: str) -> list[tuple[str, int, str]]:
        async with hammer.running(redemption_db, name, batches, crowd=crowd) as process:
            output, _ = await process.communicate()
            assert process.returncode == 0
            return lines(output)

    told = [line for one in await asyncio.gather(*map(run, "abc")) for line in one]

    assert len(told) == 3 * crowd.clients * crowd.batch * batches
    assert sum(status == 200 for _, status, _ in told) == 500
    assert await audit(pool) == 500


async def test_what_a_killed_process_was_told_is_in_the_ledger_and_nothing_is_half_done(
    redemption_db: str, pool: asyncpg.Pool, decider: Decider
) -> None:
    campaign = campaign_changed(total_limit=2000, per_customer_limit=1000)
    await snapshots.apply(pool, [campaign, voucher_changed("HOT")])
    told = []
    for name in ("first", "second", "third"):
        async with hammer.running(redemption_db, name) as process:
            assert process.stdout is not None
            output = b""
            while output.count(b"\n") < 300:
                output += await process.stdout.read(4096)
            process.kill()
            told += lines(output + await process.stdout.read())
        await until(partial(gone, pool, name))

        accepted = await audit(pool)
        assert accepted >= sum(status == 200 for _, status, _ in told)

    for id_, status, digest in told[:: len(told) // 300]:
        [again] = await decider.decide([hammer.request(id_)])
        assert (again.status, hammer.digest(again), again.replayed) == (status, digest, True)


async def gone(pool: asyncpg.Pool, name: str) -> bool:
    """Tell whether Postgres has noticed that a process is no more, and undone what it had begun."""
    left: int = await pool.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", name
    )
    return left == 0


async def test_cut_connections_lose_no_answer_and_deciders_go_on_by_themselves(
    postgres_url: str, redemption_db: str, pool: asyncpg.Pool, three_deciders: list[Decider]
) -> None:
    await snapshots.apply(pool, [campaign_changed(per_customer_limit=5), voucher_changed()])
    told: list[tuple[Request, Response]] = []
    outages: list[Exception] = []
    flooding = True

    async def client(decider: Decider, customer: str) -> None:
        while flooding:
            request, answer = a_request(customer=customer), None
            while answer is None:
                try:
                    [answer] = await decider.decide([request])
                except FAILURES as outage:
                    outages.append(outage)  # whether it was decided is answered by its key
            told.append((request, answer))

    async def more_than(many: int) -> bool:
        return len(told) > many

    async with asyncio.TaskGroup() as clients:
        for number, decider in enumerate(three_deciders * 8):
            clients.create_task(client(decider, f"customer {number % 7}"))
        for _ in range(10):
            before = len(told)
            await until(partial(more_than, before + 50))
            await cut_connections(postgres_url, redemption_db)
        flooding = False

    assert outages
    assert await audit(pool) == sum(answer.status == 200 for _, answer in told) == 7 * 5
    again = await three_deciders[0].decide([request for request, _ in told])
    assert [(a.status, a.body) for a in again] == [(a.status, a.body) for _, a in told]


async def cut_connections(postgres_url: str, dsn: str) -> None:
    """Kill the service's backends, as a restart of the server would."""
    admin = await asyncpg.connect(postgres_url)
    try:
        await admin.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = $1 AND pid <> pg_backend_pid()
            """,
            urlsplit(dsn).path.removeprefix("/"),
        )
    finally:
        await admin.close()
