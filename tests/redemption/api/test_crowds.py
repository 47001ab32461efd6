"""One project's crowd with a valid key: what it leaves to the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
import httpx
import pytest
from kit.patience import until
from kit.redemption_http import a_body, proof, serving

from redemption import app
from redemption.api.crowds import Crowds
from redemption.batches.validate import MOST
from redemption.batches.work import OverloadedError

SHARE = 3
OTHERS = proof("key_b")


@asynccontextmanager
async def holding_up_forecasts(pool: asyncpg.Pool) -> AsyncIterator[None]:
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("LOCK TABLE campaigns IN ACCESS EXCLUSIVE MODE")
        yield


async def held_up(pool: asyncpg.Pool, connections: int = SHARE) -> bool:
    waiting = """
        SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
        WHERE NOT granted AND datname = current_database()
        """
    return bool(await pool.fetchval(waiting) >= connections)


async def test_a_project_that_holds_what_it_may_leaves_connections_to_the_others(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    asked_for = "/v1/redemptions/r_" + "0" * 32
    assert (await client.get(asked_for, headers=OTHERS)).status_code == 404
    async with holding_up_forecasts(pool), asyncio.TaskGroup() as group:
        crowd = []
        for connections in (*range(1, SHARE + 1), SHARE):  # who comes meanwhile shares the next one
            crowd += [
                group.create_task(client.post("/v1/validations", json=a_body()))
                for _ in range(MOST)
            ]
            await until(partial(held_up, pool, connections))

        async with asyncio.timeout(30):
            looked_up = await client.get(asked_for, headers=OTHERS)
            redeemed = await client.post("/v1/redemptions", json=a_body("NOBODYS"), headers=OTHERS)

        assert (looked_up.status_code, redeemed.status_code) == (404, 404)
        assert await held_up(pool)  # still
        for each in crowd:
            each.cancel()


def test_a_projects_crowd_leaves_room_in_the_queue_to_the_others() -> None:
    crowds = Crowds(most=1)
    with crowds.joined("proj_a"):
        with pytest.raises(OverloadedError, match="of this project"), crowds.joined("proj_a"):
            pass
        with crowds.joined("proj_b"):
            pass
    with crowds.joined("proj_a"):  # those that waited are gone
        pass


@pytest.mark.usefixtures("client")  # there is a code
async def test_past_its_share_of_the_queue_a_project_is_told_at_once(
    redemption_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "WAITING_OF_A_PROJECT", 1)
    async with serving(redemption_db) as crowded:
        answers = await asyncio.gather(
            *(crowded.post("/v1/redemptions", json=a_body()) for _ in range(3)),
            crowded.post("/v1/redemptions", json=a_body("NOBODYS"), headers=OTHERS),
        )
    told = [(each.status_code, "of this project" in each.text) for each in answers]
    assert sorted(told[:3]) == [(200, False), (503, True), (503, True)]
    assert told[3] == (404, False)
