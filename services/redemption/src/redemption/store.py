"""What a decision reads in Postgres, on the caller's transaction: one function per statement.

`books.py` has what it writes, `copies.py` what keeps our copies of definitions, `lookups.py` what
HTTP asks beside decisions.

Every statement finds its rows by a key's index, whatever the planner believes: LATERAL … OFFSET 0
looks them up one by one, ON CONFLICT goes through the index. As plain joins, plans kept from a
time when tables were small compared every code with every request, for seconds a batch.

The order of locks, the same in every path: counters by (project, campaign), then customers, then
ledger keys. Whoever holds a campaign's counter is alone with its codes and its customers' uses.
"""

from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from contracts.campaigns import AmountOff, CommissionPlan, PercentOff
from redemption.decisions import (
    Answer,
    CampaignKey,
    CodeKey,
    CustomerKey,
    Offer,
)

Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy


async def locate(conn: Connection, codes: Collection[CodeKey]) -> dict[CodeKey, CampaignKey]:
    """Find the campaign of each code that exists. A code never moves: this needs no lock."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, c)
        CROSS JOIN LATERAL (
            SELECT project_id, code, campaign_id FROM vouchers
            WHERE project_id = p AND code = c OFFSET 0
        ) AS found
        """,
        *columns(codes, 2),
    )
    return {(r[0], r[1]): (r[0], r[2]) for r in rows}


async def lock_counters(
    conn: Connection, campaigns: Collection[CampaignKey]
) -> dict[CampaignKey, int]:
    """Hold the campaigns until commit, in one order in every process: no deadlock, no oversale."""
    rows = await conn.fetch(
        """
        SELECT held.* FROM (
            SELECT p, c FROM unnest($1::text[], $2::text[]) AS asked (p, c)
            ORDER BY p COLLATE "C", c COLLATE "C"
        ) AS in_order
        CROSS JOIN LATERAL (
            SELECT project_id, campaign_id, used FROM counters
            WHERE project_id = p AND campaign_id = c FOR UPDATE
        ) AS held
        """,
        *columns(campaigns, 2),
    )
    return {(r[0], r[1]): r[2] for r in rows}


async def counters(conn: Connection, campaigns: Collection[CampaignKey]) -> dict[CampaignKey, int]:
    """Read the counters without holding them: good for a forecast, not for a decision."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, c)
        CROSS JOIN LATERAL (
            SELECT project_id, campaign_id, used FROM counters
            WHERE project_id = p AND campaign_id = c OFFSET 0
        ) AS found
        """,
        *columns(campaigns, 2),
    )
    return {(r[0], r[1]): r[2] for r in rows}


async def offers(
    conn: Connection, codes: Collection[CodeKey]
) -> tuple[dict[CodeKey, Offer], dict[CodeKey, int], dict[CodeKey, int]]:
    """Read terms, uses and sequences of these codes. Only what is read behind the lock is true."""
    rows = await conn.fetch(
        """
        SELECT v.project_id, v.code, v.uses, v.sequence, v.campaign_id, c.version, c.name,
            c.partner_id, c.channel, c.category_id, c.active, c.starts_at, c.ends_at,
            c.total_limit, c.per_customer_limit, c.currency, c.amount_off_minor,
            c.discount_basis_points, c.commission_share_basis_points, c.commission_flat_minor,
            c.commission_bonus_minor, c.margin_basis_points, v.voucher_id, v.active, v.quantity
        FROM unnest($1::text[], $2::text[]) AS asked (p, k)
        CROSS JOIN LATERAL (
            SELECT * FROM vouchers WHERE project_id = p AND code = k OFFSET 0
        ) AS v
        CROSS JOIN LATERAL (
            SELECT * FROM campaigns
            WHERE project_id = v.project_id AND campaign_id = v.campaign_id OFFSET 0
        ) AS c
        """,
        *columns(codes, 2),
    )
    terms: dict[CampaignKey, tuple[Any, ...]] = {}  # a batch has many codes of few campaigns
    found: dict[CodeKey, Offer] = {}
    for r in rows:
        campaign = (r[0], r[4])
        if campaign not in terms:
            terms[campaign] = _terms(r)
        found[r[0], r[1]] = Offer._make(terms[campaign] + r[22:25])
    return (
        found,
        {(r[0], r[1]): r[2] for r in rows},
        {(r[0], r[1]): r[3] for r in rows},
    )


def _terms(r: asyncpg.Record) -> tuple[Any, ...]:
    discount: AmountOff | PercentOff
    if r[16] is not None:
        discount = AmountOff(amount_off_minor=r[16])
    else:
        discount = PercentOff(basis_points=r[17])
    plan = CommissionPlan(
        share_basis_points=r[18], flat_minor=r[19], new_customer_bonus_minor=r[20]
    )
    return (*r[4:16], discount, plan, r[21])


async def customer_uses(
    conn: Connection, customers: Collection[CustomerKey]
) -> dict[CustomerKey, int]:
    """Read what these customers used of limited campaigns."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (p, c, who)
        CROSS JOIN LATERAL (
            SELECT project_id, campaign_id, customer_id, used FROM customer_uses
            WHERE project_id = p AND campaign_id = c AND customer_id = who OFFSET 0
        ) AS found
        """,
        *columns(customers, 3),
    )
    return {(r[0], r[1], r[2]): r[3] for r in rows}


async def answers_given(conn: Connection, keys: Collection[bytes]) -> dict[bytes, Answer]:
    """Find the answers that were given before: they are given again."""
    rows = await conn.fetch(
        "SELECT key, fingerprint, status, body FROM ledger WHERE key = ANY($1::bytea[])",
        list(keys),
    )
    return {r[0]: Answer(r[1], r[2], r[3], replayed=True) for r in rows}


def columns(keys: Collection[Sequence[str]], width: int) -> list[list[str]]:
    """Turn keys into one array per column, as unnest wants them."""
    return [[key[i] for key in keys] for i in range(width)]
