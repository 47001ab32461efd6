"""The ledger: an entry for each code of each request."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Any, Final

import asyncpg

from redemption.ledger.entries import Entry, PastEntry, shown_id
from redemption.model import CampaignKey
from redemption.outcomes import Line
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Rows, Table

TABLE: Final = Table(
    "ledger",
    (
        "id",
        "request_key",
        "project_id",
        "campaign_id",
        "campaign_version",
        "code",
        "customer_id",
        "customer_is_new",
        "order_id",
        "kind",
        "reason",
        "hint",
        "would_pass",
        "campaign_name",
        "order_minor",
        "basket_minor",
        "discount_minor",
        "currency",
        "claims",
        "lines",
        "tracking_id",
        "metadata",
        "segment_ids",
        "caller",
        "at",
        "decided_at",
    ),
)


def rows(entries: Sequence[Entry], decided_at: datetime) -> Rows:
    """Keep what was decided."""
    return Rows(TABLE, [_row(entry, decided_at) for entry in entries])


def _row(entry: Entry, decided_at: datetime) -> tuple[Any, ...]:
    request, refusal, order = entry.request, entry.refusal, entry.request.order
    campaign = entry.offer.campaign if entry.offer else None
    return (
        entry.id,
        request.key,
        request.project_id,
        campaign.id if campaign else None,
        campaign.version if campaign else None,
        entry.code,
        request.customer_id,
        entry.customer_is_new,
        order.id if order else None,
        "refused" if refusal else "redeemed",
        refusal.reason.value if refusal else "",
        refusal.hint if refusal else None,
        refusal.would_pass if refusal else None,
        campaign.name if campaign else None,
        entry.order_minor if order else None,
        entry.basket_minor,
        entry.discount_minor,
        entry.currency,
        [(c.counter.kind, c.counter.subject, c.amount) for c in entry.claims] or None,
        _written(entry.lines) if entry.lines else None,
        request.tracking_id,
        request.metadata or None,
        entry.segment_ids or None,
        request.caller,
        request.at,
        decided_at,
    )


def _written(lines: Sequence[Line]) -> list[tuple[Any, ...]]:
    """Leave out what says nothing but that the discount is on the order."""
    return [line[:5] if line.free_units is None else line[:] for line in lines]


PAST: Final = """
    l.id, l.request_key, l.kind, CASE WHEN l.kind = 'refused' THEN l.reason END AS reason, l.hint,
    l.would_pass, l.code, v.voucher_id, l.campaign_id, l.campaign_name, l.customer_id, l.order_id,
    l.order_minor, l.basket_minor, l.discount_minor, l.currency, l.tracking_id, l.metadata, l.at,
    l.lines
"""


async def names_of_request(conn: Connection, request_key: bytes) -> list[str]:
    """Return how the API names a request's entries, in the order of their codes."""
    rows = await conn.fetch(
        """
        SELECT l.id, l.kind
        FROM requests AS r
        CROSS JOIN LATERAL generate_series(1, length(r.entries), 16) AS place
        JOIN ledger AS l ON l.id = encode(substr(r.entries, place, 16), 'hex')::uuid
        WHERE r.key = $1 ORDER BY place
        """,
        request_key,
    )
    return [shown_id(row["id"], row["kind"]) for row in rows]


async def entries_of(
    conn: Connection, request_keys: Collection[bytes]
) -> dict[bytes, list[PastEntry]]:
    """Return the entries of requests, in the order of their codes."""
    rows = await conn.fetch(
        f"""
        SELECT {PAST}
        FROM requests AS r
        CROSS JOIN LATERAL generate_series(1, length(r.entries), 16) AS place
        JOIN ledger AS l ON l.id = encode(substr(r.entries, place, 16), 'hex')::uuid
        LEFT JOIN vouchers AS v ON (v.project_id, v.code) = (l.project_id, l.code)
        WHERE r.key = ANY ($1::bytea[]) ORDER BY r.key, place
        """,  # noqa: S608 - our own columns
        list(request_keys),
    )
    found: dict[bytes, list[PastEntry]] = defaultdict(list)
    for row in rows:
        found[row["request_key"]].append(PastEntry(**row))
    return found


async def used_in(conn: Connection, campaign: CampaignKey) -> AsyncIterator[asyncpg.Record]:
    """Go through what was used in a campaign and given back to it, without holding all of it."""
    async for record in conn.cursor(
        """
        SELECT code, customer_id, coalesce(redeemed_at, at) AS at,
            CASE WHEN kind = 'redeemed' THEN 1 ELSE -gives_use::integer END AS uses,
            CASE WHEN kind = 'redeemed' OR gives_budget THEN discount_minor ELSE 0 END
                AS discount_minor,
            CASE WHEN kind = 'redeemed' OR gives_budget THEN coalesce(order_minor, 0) ELSE 0 END
                AS order_minor
        FROM ledger
        WHERE project_id = $1 AND campaign_id = $2 AND kind IN ('redeemed', 'rolled_back')
        """,
        *campaign,
        prefetch=5000,
    ):
        yield record
