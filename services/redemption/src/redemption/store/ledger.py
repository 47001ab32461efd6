"""The ledger: an entry for each code of each request."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from redemption.entries import Entry, PastEntry
from redemption.model import CampaignKey
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
        "order_id",
        "kind",
        "reason",
        "order_minor",
        "discount_minor",
        "currency",
        "claims",
        "tracking_id",
        "metadata",
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
        order.id if order else None,
        "refused" if refusal else "redeemed",
        refusal.reason.value if refusal else None,
        entry.order_minor,
        entry.discount_minor,
        entry.currency,
        [(c.counter.kind, c.counter.subject, c.amount) for c in entry.claims] or None,
        request.tracking_id,
        request.metadata or None,
        request.caller,
        request.at,
        decided_at,
    )


async def find(conn: Connection, project_id: str, entry_id: UUID) -> PastEntry | None:
    """Return an entry of this project, or None."""
    row = await conn.fetchrow(
        """
        SELECT l.id, l.kind, l.reason, l.code, l.customer_id, l.order_id, l.order_minor, l.currency,
            l.tracking_id, l.metadata, l.at, r.body
        FROM ledger AS l JOIN requests AS r ON r.key = l.request_key
        WHERE l.id = $2 AND l.project_id = $1
        """,
        project_id,
        entry_id,
    )
    return None if row is None else PastEntry(**row)


async def redeemed_in(conn: Connection, campaign: CampaignKey) -> AsyncIterator[asyncpg.Record]:
    """Go through what was redeemed in a campaign, without holding all of it."""
    async for record in conn.cursor(
        """
        SELECT code, customer_id, at FROM ledger
        WHERE project_id = $1 AND campaign_id = $2 AND kind = 'redeemed'
        """,
        *campaign,
        prefetch=5000,
    ):
        yield record
