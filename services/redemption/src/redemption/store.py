"""What a decision reads and writes in Postgres, on the caller's transaction.

One function per statement; `copies.py` has those that keep our copies of definitions.

Every statement finds its rows by a key's index, whatever the planner believes: LATERAL … OFFSET 0
looks them up one by one, ON CONFLICT goes through the index. As plain joins, plans kept from a
time when tables were small compared every code with every request, for seconds a batch.

The order of locks, the same in every path: counters by (project, campaign), then customers, then
ledger keys. Whoever holds a campaign's counter is alone with its codes and its customers' uses.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from contracts.campaigns import AmountOff, CommissionPlan, PercentOff
from redemption.decisions import (
    Accepted,
    Answer,
    CampaignKey,
    CodeKey,
    CustomerKey,
    Decision,
    Offer,
    Refused,
)

Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy


class Message(NamedTuple):
    """A row of the outbox: what the relay will publish."""

    topic: str
    key: bytes
    value: bytes


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
        *_columns(codes, 2),
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
        *_columns(campaigns, 2),
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
        *_columns(campaigns, 2),
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
        *_columns(codes, 2),
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
        *_columns(customers, 3),
    )
    return {(r[0], r[1], r[2]): r[3] for r in rows}


async def answers_given(conn: Connection, keys: Collection[bytes]) -> dict[bytes, Answer]:
    """Find the answers that were given before: they are given again."""
    rows = await conn.fetch(
        "SELECT key, fingerprint, status, body FROM ledger WHERE key = ANY($1::bytea[])",
        list(keys),
    )
    return {r[0]: Answer(r[1], r[2], r[3], replayed=True) for r in rows}


async def meet_customers(
    conn: Connection, firsts: dict[tuple[str, str], Accepted]
) -> set[tuple[str, str]]:
    """Remember who redeemed, and return (project, customer) of those who did so for the first time.

    Two campaigns may meet a customer at once: the second waits here, in the order of the key.
    """
    keys = sorted(firsts)
    rows = await conn.fetch(
        """
        INSERT INTO customers (project_id, customer_id, first_redemption_id)
        SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[]) AS met (p, c, r)
        ORDER BY p, c ON CONFLICT DO NOTHING
        RETURNING project_id, customer_id
        """,
        *_columns(keys, 2),
        [firsts[key].id for key in keys],
    )
    return {(r[0], r[1]) for r in rows}


LEDGER = (
    "id",
    "key",
    "fingerprint",
    "project_id",
    "campaign_id",
    "campaign_version",
    "code",
    "customer_id",
    "order_id",
    "accepted",
    "reason",
    "order_minor",
    "discount_minor",
    "currency",
    "at",
    "decided_at",
    "status",
    "body",
)


async def write_ledger(
    conn: Connection, decided: Iterable[tuple[Decision, Answer]], decided_at: datetime
) -> None:
    """Keep the decisions. Raises UniqueViolationError where a rival answered the same key."""
    rows = [_ledger_row(decision, answer, decided_at) for decision, answer in decided]
    rows.sort(key=lambda row: row[1])  # or two batches deadlock in the unique index
    await conn.copy_records_to_table("ledger", records=rows, columns=LEDGER)


def _ledger_row(decision: Decision, answer: Answer, decided_at: datetime) -> tuple[Any, ...]:
    request, offer = decision.request, decision.offer
    refusal = decision.refusal if isinstance(decision, Refused) else None
    discount = decision.discount_minor if isinstance(decision, Accepted) else 0
    return (
        decision.id,
        request.key,
        request.fingerprint,
        request.project_id,
        offer.campaign_id if offer else None,
        offer.campaign_version if offer else None,
        request.code,
        request.customer_id,
        request.order_id,
        refusal is None,
        refusal.reason.value if refusal else None,
        request.order_minor or 0,
        discount,
        offer.currency if offer else request.currency,
        request.at,
        decided_at,
        answer.status,
        answer.body,
    )


async def write_outbox(conn: Connection, messages: Iterable[Message]) -> None:
    """Hand messages to the relay, in this order."""
    await conn.copy_records_to_table("outbox", records=messages, columns=["topic", "key", "value"])


async def move_counters(conn: Connection, used: dict[CampaignKey, int]) -> None:
    """Set what the campaigns have used, behind their locks."""
    keys = list(used)
    await conn.execute(
        """
        INSERT INTO counters (project_id, campaign_id, used)
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
        ON CONFLICT (project_id, campaign_id) DO UPDATE SET used = excluded.used
        """,
        *_columns(keys, 2),
        [used[key] for key in keys],
    )


async def move_codes(conn: Connection, last: dict[CodeKey, Accepted]) -> None:
    """Set what the codes have used after the last acceptance of each, behind the locks."""
    keys = list(last)
    await conn.execute(
        """
        INSERT INTO vouchers
            (project_id, code, campaign_id, voucher_id, version, active, uses, sequence)
        SELECT p, k, c, v, 0, true, u, s FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[]
        ) AS moved (p, k, c, v, u, s)
        ON CONFLICT (project_id, code)
        DO UPDATE SET uses = excluded.uses, sequence = excluded.sequence
        """,
        *_columns(keys, 2),
        [last[key].offer.campaign_id for key in keys],
        [last[key].offer.voucher_id for key in keys],
        [last[key].uses for key in keys],
        [last[key].sequence for key in keys],
    )


async def move_customers(conn: Connection, used: dict[CustomerKey, int]) -> None:
    """Set what customers have used of limited campaigns, behind those campaigns' locks."""
    keys = list(used)
    await conn.execute(
        """
        INSERT INTO customer_uses (project_id, campaign_id, customer_id, used)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
        ON CONFLICT (project_id, campaign_id, customer_id) DO UPDATE SET used = excluded.used
        """,
        *_columns(keys, 3),
        [used[key] for key in keys],
    )


def _columns(keys: Collection[Sequence[str]], width: int) -> list[list[str]]:
    """Turn keys into one array per column, as unnest wants them."""
    return [[key[i] for key in keys] for i in range(width)]


async def api_key(conn: asyncpg.Pool, key_id: str) -> tuple[str, bytes, list[str]] | None:
    """Find a key that is in force: its project, the digest of its secret, its scopes."""
    row = await conn.fetchrow(
        "SELECT project_id, digest, scopes FROM api_keys WHERE key_id = $1", key_id
    )
    return (row[0], row[1], row[2]) if row else None


async def ledger_entry(conn: asyncpg.Pool, project_id: str, id_: UUID) -> asyncpg.Record | None:
    """Find one decision of a project: when it was judged, how, and the answer that was given."""
    return await conn.fetchrow(
        """
        SELECT accepted, reason, code, customer_id, order_id, order_minor, at, body
        FROM ledger WHERE id = $2 AND project_id = $1
        """,
        project_id,
        id_,
    )
