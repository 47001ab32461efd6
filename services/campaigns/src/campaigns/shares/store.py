"""Shares of a project. Reads add the names beside the ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from servicekit.postgres.pool import Connection

Kind = Literal["campaign", "codes", "allotment"]
State = Literal["shared", "held_back", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Share:
    """Codes of a campaign that its partner may see; a `codes_count` of None is all of them."""

    id: str
    kind: Kind
    state: State
    partner_id: str
    partner: str
    campaign_id: str
    campaign: str
    name: str | None
    codes_count: int | None
    shared_by: str
    created_at: datetime
    changed_at: datetime | None


async def lock(conn: Connection, campaign_id: str) -> None:
    """Let one call at a time share of this campaign, until commit.

    A lock of its own: whoever switches or changes the campaign waits for nobody who shares.
    """
    await conn.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('share:' || $1, 0))", campaign_id
    )


async def add(
    conn: Connection,
    project_id: str,
    share_id: str,
    *,
    campaign_id: str,
    partner_id: str,
    kind: Kind,
    name: str | None,
    codes_count: int | None,
    shared_by: str,
) -> None:
    await conn.execute(
        """
        INSERT INTO shares
            (project_id, id, campaign_id, partner_id, kind, name, codes_count, shared_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        project_id,
        share_id,
        campaign_id,
        partner_id,
        kind,
        name,
        codes_count,
        shared_by,
    )


async def find(conn: Connection, project_id: str, partner_id: str, share_id: str) -> Share | None:
    row = await conn.fetchrow(
        f"{_SHARES} WHERE s.project_id = $1 AND s.partner_id = $2 AND s.id = $3",
        project_id,
        partner_id,
        share_id,
    )
    return None if row is None else _share(row)


async def of_whole_campaign(conn: Connection, project_id: str, campaign_id: str) -> Share | None:
    """Return the share of all of a campaign's codes, in whatever state; there is one at most."""
    row = await conn.fetchrow(
        f"{_SHARES} WHERE s.project_id = $1 AND s.campaign_id = $2 AND s.kind = 'campaign'",
        project_id,
        campaign_id,
    )
    return None if row is None else _share(row)


async def page(
    conn: Connection,
    project_id: str,
    *,
    partner_id: str,
    campaign_id: str | None,
    kind: Kind | None,
    state: State | None,
    limit: int,
    offset: int,
) -> tuple[list[Share], int]:
    """Return a partner's shares, newest first, and how many there are; None does not narrow."""
    narrowed = """
        WHERE s.project_id = $1 AND s.partner_id = $2
            AND ($3::text IS NULL OR s.campaign_id = $3)
            AND ($4::text IS NULL OR s.kind = $4) AND ($5::text IS NULL OR s.state = $5)
    """
    values = (project_id, partner_id, campaign_id, kind, state)
    rows = await conn.fetch(
        f"{_SHARES} {narrowed} ORDER BY s.created_at DESC, s.id DESC LIMIT $6 OFFSET $7",
        *values,
        limit,
        offset,
    )
    total = await conn.fetchval(f"SELECT count(*) FROM shares AS s {narrowed}", *values)  # noqa: S608 - one of ours
    return [_share(row) for row in rows], total


async def lock_shares(
    conn: Connection,
    project_id: str,
    partner_id: str,
    *,
    share_id: str | None = None,
    campaign_id: str | None = None,
) -> list[Share]:
    """Hold a share of a partner, or all of a campaign, until commit."""
    rows = await conn.fetch(
        f"""
        {_SHARES} WHERE s.project_id = $1 AND s.partner_id = $2
            AND (s.id = $3 OR s.campaign_id = $4)
        ORDER BY s.id FOR NO KEY UPDATE OF s
        """,
        project_id,
        partner_id,
        share_id,
        campaign_id,
    )
    return [_share(row) for row in rows]


async def set_state(
    conn: Connection, project_id: str, share_ids: Sequence[str], state: State
) -> None:
    await conn.execute(
        """
        UPDATE shares SET state = $3, changed_at = now()
        WHERE project_id = $1 AND id = ANY ($2)
        """,
        project_id,
        share_ids,
        state,
    )


async def touch(conn: Connection, project_id: str, share_ids: Sequence[str]) -> None:
    """Note that something was said of codes of these shares now."""
    await conn.execute(
        "UPDATE shares SET changed_at = now() WHERE project_id = $1 AND id = ANY ($2)",
        project_id,
        share_ids,
    )


_SHARES = """
    SELECT s.*, campaigns.name AS campaign, partners.name AS partner FROM shares AS s
    JOIN campaigns ON campaigns.project_id = s.project_id AND campaigns.id = s.campaign_id
    JOIN partners ON partners.project_id = s.project_id AND partners.id = s.partner_id
"""


def _share(row: asyncpg.Record) -> Share:
    return Share(
        id=row["id"],
        kind=row["kind"],
        state=row["state"],
        partner_id=row["partner_id"],
        partner=row["partner"],
        campaign_id=row["campaign_id"],
        campaign=row["campaign"],
        name=row["name"],
        codes_count=row["codes_count"],
        shared_by=row["shared_by"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )
