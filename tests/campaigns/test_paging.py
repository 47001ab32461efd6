"""Pages of lists: put together they are the whole list, whatever the order and however many tie."""

from datetime import timedelta
from functools import partial
from itertools import cycle
from typing import get_args

import asyncpg
import pytest
from kit.campaigns_samples import NOON, a_definition, store_vouchers

from campaigns.campaigns import store as campaigns
from campaigns.model import CodeTemplate
from campaigns.partners import store as partners
from campaigns.vouchers import store as vouchers
from servicekit.postgres.pool import transaction

PROJECT = "proj_a"
NAMES = [f"name-{n}" for n in range(11)]


async def tie(pool: asyncpg.Pool, table: str) -> None:
    """Give rows few different times, in no order, and to some no second one."""
    moments = cycle([(2, None), (1, 5), (2, 3), (1, None), (2, 5)])
    for row in await pool.fetch(f"SELECT id FROM {table} ORDER BY id"):
        created, updated = next(moments)
        await pool.execute(
            f"UPDATE {table} SET created_at = $2, updated_at = $3 WHERE id = $1",
            row["id"],
            NOON + timedelta(days=created),
            None if updated is None else NOON + timedelta(days=updated),
        )


async def store_campaigns(pool: asyncpg.Pool) -> None:
    await store_vouchers(pool, PROJECT, {})
    async with transaction(pool) as conn:
        for name in NAMES[1:]:
            await campaigns.add(
                conn,
                PROJECT,
                f"camp_{name}",
                a_definition(name=name),
                partner_id="part_1",
                category_id=None,
                code_template=CodeTemplate(),
            )


@pytest.mark.parametrize("sort_by", get_args(campaigns.SortBy))
async def test_pages_of_campaigns_are_the_whole_list(
    pool: asyncpg.Pool, sort_by: campaigns.SortBy
) -> None:
    await store_campaigns(pool)
    await tie(pool, "campaigns")
    async with transaction(pool) as conn:
        whole, total = await campaigns.page(conn, PROJECT, sort_by, 100, 0)
        for limit in (1, 2, 3, 10, 11, 12):
            pages = [
                await campaigns.page(conn, PROJECT, sort_by, limit, offset)
                for offset in range(0, total + limit, limit)
            ]
            assert [each for page, _ in pages for each in page] == whole, limit
            assert {count for _, count in pages} == {total}

    assert total == len({each.id for each in whole}) == len(NAMES)


@pytest.mark.parametrize("sort_by", get_args(vouchers.SortBy))
async def test_pages_of_vouchers_are_the_whole_list_in_its_order(
    pool: asyncpg.Pool, sort_by: vouchers.SortBy
) -> None:
    await store_vouchers(pool, PROJECT, {f"v_{name}": name for name in NAMES})
    await tie(pool, "vouchers")

    async def page(limit: int, offset: int) -> tuple[list[str], int]:
        rows, total = await vouchers.page(
            conn,
            PROJECT,
            campaign_id="camp_1",
            code=None,
            sort_by=sort_by,
            limit=limit,
            offset=offset,
        )
        return [row.code for row in rows], total

    async with transaction(pool) as conn:
        whole, total = await page(100, 0)
        for limit in (1, 4, 10, 11, 12):
            pages = [(await page(limit, offset))[0] for offset in range(0, total + limit, limit)]
            assert [code for codes in pages for code in codes] == whole, limit

    assert sorted(whole) == sorted(NAMES)
    if sort_by.endswith("code"):
        assert whole == sorted(NAMES, reverse=sort_by.startswith("-"))


async def test_partners_come_newest_first_and_each_once(pool: asyncpg.Pool) -> None:
    await store_vouchers(pool, PROJECT, {})
    async with transaction(pool) as conn:
        for name in NAMES[1:]:
            await partners.add(conn, PROJECT, f"part_{name}", name)
    await tie(pool, "partners")

    async with transaction(pool) as conn:
        page = partial(partners.page, conn, PROJECT, text=None, status=None, sort_by="-created_at")
        whole, total = await page(limit=100, offset=0)
        pages = [await page(limit=3, offset=offset) for offset in range(0, total, 3)]

    assert [each for page, _ in pages for each in page] == whole
    assert whole == sorted(whole, key=lambda each: (each.created_at, each.id), reverse=True)
