"""What is kept of codes' ages never hides one: lists by age look no further than it says."""

import random
from urllib.parse import parse_qsl

import asyncpg
import pytest
from kit.campaigns_lists import PROJECT, store_stock
from kit.campaigns_samples import NOON

from campaigns.listing import counting, tuning, verbs
from campaigns.listing.fields import VOUCHERS
from campaigns.listing.spelling import parse
from campaigns.status import RANK


async def found(pool: asyncpg.Pool, asked: str, limit: int = 100) -> list[str]:
    query = parse(parse_qsl(f"{asked}&limit={limit}"), VOUCHERS)
    async with (
        pool.acquire() as conn,
        conn.transaction(isolation="repeatable_read", readonly=True),
    ):
        page = await verbs.vouchers(conn, PROJECT, query, NOON)
    return [key[-1] for key in page.keys]


async def folded(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await counting.fold(conn)


async def test_a_newer_code_is_seen_in_a_state_that_an_older_one_left_at_that_moment(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FEW": -1, "PROBED": 1, "FEW_CAMPAIGNS": 0}.items():
        monkeypatch.setattr(tuning, name, value)
    stock = await store_stock(pool, random.Random(7), deals=14, codes=80)  # noqa: S311
    mine, other, *_ = sorted({c.deal.id for c in stock.codes if c.deal.rank == RANK["live"]})
    over = next(c.deal.id for c in stock.codes if c.deal.rank == RANK["expired"])
    await pool.execute("DELETE FROM vouchers")
    await folded(pool)
    for code, deal, day, active in (
        ("old", mine, 1, True),
        ("new", mine, 9, False),
        ("middle", other, 5, True),
        ("mild", other, 4, True),
        *((f"over{n}", over, 12 + n, True) for n in range(9)),  # so that no walk gets there
    ):
        await pool.execute(
            "INSERT INTO vouchers (project_id, id, code, campaign_id, generated, active,"
            " created_at) VALUES ($1, $2, $2, $3, true, $4, $5)",
            PROJECT,
            code,
            deal,
            active,
            NOON.replace(day=day),
        )
    await pool.execute(
        "UPDATE voucher_listing SET active = NOT active WHERE campaign_id = $1", mine
    )
    for _ in range(2):
        assert await found(pool, "status=live", limit=1) == ["new"]
        await folded(pool)


@pytest.mark.parametrize("way", [{}, {"FEW": -1, "PROBED": 1, "PROBED_BY_VOUCHERS": 1}])
async def test_what_is_said_of_a_code_and_of_its_share_wins_over_its_campaigns(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, way: dict[str, int]
) -> None:
    for name, value in way.items():
        monkeypatch.setattr(tuning, name, value)
    stock = await store_stock(pool, random.Random(7), deals=14, codes=160)  # noqa: S311
    await pool.execute(
        "UPDATE shares SET state = CASE kind WHEN 'campaign' THEN 'shared' ELSE 'held_back' END"
    )
    rows = await pool.fetch(
        "SELECT v.id, s.partner_id FROM vouchers AS v"
        " JOIN shares AS s ON s.campaign_id = v.campaign_id AND s.kind = 'campaign'"
        " WHERE NOT EXISTS (SELECT FROM shared_codes AS c WHERE c.voucher_id = v.id)"
    )
    outside = {code.id for code in stock.codes if code.rank > 1}
    assert len(rows) < len(outside)
    for partner in ("part_0", "part_1", "part_2"):
        mine = {row["id"] for row in rows if row["partner_id"] == partner} & outside
        for order in ("created_at", "-code", "channel"):
            assert {*await found(pool, f"shared_with={partner}&order={order}")} == mine
