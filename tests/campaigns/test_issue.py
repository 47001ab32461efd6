"""Bulk issues under kill -9 and rivalry: exactly as many codes as were asked for."""

import asyncio
from itertools import chain

import asyncpg
import httpx
import pytest
from kit.campaigns_samples import a_process, open_shop, outbox_of
from kit.patience import until

from campaigns.issuing.chunks import issue_chunk
from contracts.vouchers import VouchersIssued


async def done(pool: asyncpg.Pool) -> int:
    return int(await pool.fetchval("SELECT done FROM issue_jobs"))


async def over(pool: asyncpg.Pool) -> bool:
    return bool(await pool.fetchval("SELECT status = 'DONE' FROM issue_jobs"))


async def exactly(wanted: int, pool: asyncpg.Pool, dsn: str) -> None:
    """Check that what is stored, what was told and what was counted are the same codes."""
    stored = {row["code"] for row in await pool.fetch("SELECT code FROM vouchers")}
    chunks = [
        VouchersIssued.model_validate_json(row["value"]).data
        for row in await outbox_of(dsn)
        if b":" in row["key"]
    ]
    told = [issued.code for issued in chain.from_iterable(chunk.vouchers for chunk in chunks)]
    assert len(stored) == len(told) == wanted
    assert set(told) == stored
    assert [chunk.number for chunk in chunks] == list(range(1, len(chunks) + 1))
    assert await pool.fetchval("SELECT vouchers_count FROM campaigns") == wanted


@pytest.mark.fault
async def test_a_job_killed_half_way_is_finished_by_whoever_starts_next(
    campaigns_db: str, pool: asyncpg.Pool
) -> None:
    wanted = 12_000

    async def half_way() -> bool:
        return await done(pool) >= 3000

    async with a_process("api", campaigns_db) as process:
        async with httpx.AsyncClient(base_url=process.url, timeout=20) as http:
            shop = await open_shop(http)
            campaign = await shop.campaign()
            await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers?vouchers_count={wanted}")
        await until(half_way)
        process.kill()
    half = await done(pool)
    assert 3000 <= half < wanted
    assert await pool.fetchval("SELECT count(*) FROM vouchers") == half

    async with a_process("api", campaigns_db):
        await until(lambda: over(pool))

    await exactly(wanted, pool, campaigns_db)


async def test_rivals_that_work_on_one_job_draw_no_code_too_many(
    campaigns_db: str, pool: asyncpg.Pool
) -> None:
    async with a_process("api", campaigns_db) as process:
        async with httpx.AsyncClient(base_url=process.url, timeout=20) as http:
            shop = await open_shop(http)
            campaign = await shop.campaign()
            await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers?vouchers_count=12345")
        while await done(pool) < 12345:
            await asyncio.gather(*(issue_chunk(pool) for _ in range(3)))

    await exactly(12345, pool, campaigns_db)
