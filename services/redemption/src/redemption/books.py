"""What a decision writes to Postgres, on the caller's transaction: one function per statement.

In bulk, and behind the locks that `store.py` takes: COPY for new rows, upserts for counts.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from redemption.decisions import (
    Accepted,
    Answer,
    CampaignKey,
    CodeKey,
    CustomerKey,
    Decision,
    Refused,
)
from redemption.store import Connection, columns


class Message(NamedTuple):
    """A row of the outbox: what the relay will publish."""

    topic: str
    key: bytes
    value: bytes


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
        *columns(keys, 2),
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
        *columns(keys, 2),
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
        *columns(keys, 2),
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
        *columns(keys, 3),
        [used[key] for key in keys],
    )
