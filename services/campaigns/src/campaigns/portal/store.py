"""What changed for a partner, and until when each of its people has seen it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from contracts.campaigns import CommissionPlan
from servicekit.postgres.pool import Connection

Happened = Literal["shared", "changed", "held_back", "withdrawn", "started", "ended", "disabled"]

MOST_CHANGES = 50


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a deal, or to so many of its codes."""

    change: Happened
    at: datetime
    deal_id: str
    deal: str
    codes_count: int | None


@dataclass(frozen=True, slots=True)
class DealFigures:
    """How many codes of a deal the partner has, and how often all of the deal's were used."""

    codes_count: int
    redeemed_quantity: int


async def seen_at(
    conn: Connection, project_id: str, partner_id: str, person: str
) -> datetime | None:
    moment: datetime | None = await conn.fetchval(
        """
        SELECT seen_at FROM portal_visits
        WHERE project_id = $1 AND partner_id = $2 AND person = $3
        """,
        project_id,
        partner_id,
        person,
    )
    return moment


async def note_seen(conn: Connection, project_id: str, partner_id: str, person: str) -> None:
    """Remember that this person knows what happened until now."""
    await conn.execute(
        """
        INSERT INTO portal_visits (project_id, partner_id, person, seen_at)
        VALUES ($1, $2, $3, now())
        ON CONFLICT (project_id, partner_id, person) DO UPDATE SET seen_at = excluded.seen_at
        """,
        project_id,
        partner_id,
        person,
    )


async def changes(
    conn: Connection, project_id: str, partner_id: str, since: datetime | None
) -> list[Change]:
    """Return what happened since then, or in the last 30 days, newest first.

    Nobody is told to use what does not redeem: of a deal that is off, by itself or with its
    partner, that is all there is to tell. The bin is no partner's affair, and the same to it.
    """
    rows = await conn.fetch(
        """
        WITH looked AS (SELECT coalesce($3, now() - interval '30 days') AS since),
        theirs AS (
            SELECT c.*, c.active AND p.active AND c.deleted_at IS NULL AS is_on
            FROM campaigns AS c
            JOIN partners AS p ON p.project_id = c.project_id AND p.id = c.partner_id
            WHERE c.project_id = $1 AND c.partner_id = $2
        ), shown AS (
            SELECT * FROM theirs WHERE EXISTS (
                SELECT FROM shares AS s WHERE s.project_id = theirs.project_id
                    AND s.campaign_id = theirs.id AND s.state = 'shared'
            )
        )
        SELECT happened.* FROM looked, LATERAL (
            SELECT CASE WHEN s.state <> 'shared' THEN s.state
                    WHEN s.changed_at IS NULL THEN 'shared' ELSE 'changed' END AS change,
                coalesce(s.changed_at, s.created_at) AS at, c.id, c.name, s.codes_count
            FROM shares AS s
            JOIN theirs AS c ON c.id = s.campaign_id
            WHERE s.project_id = $1 AND s.partner_id = $2
                AND coalesce(s.changed_at, s.created_at) > looked.since
                AND (s.state <> 'shared'
                    OR c.is_on AND (c.ends_at IS NULL OR c.ends_at > now()))
            UNION ALL
            SELECT 'started', starts_at, id, name, NULL FROM shown
            WHERE is_on AND starts_at > looked.since AND starts_at <= now()
            UNION ALL
            SELECT 'ended', ends_at, id, name, NULL FROM shown
            WHERE deleted_at IS NULL AND ends_at > looked.since AND ends_at <= now()
            UNION ALL
            SELECT 'disabled', coalesce(deleted_at, updated_at), id, name, NULL FROM shown
            WHERE NOT is_on AND coalesce(deleted_at, updated_at) > looked.since
        ) AS happened ORDER BY at DESC, id LIMIT $4
        """,
        project_id,
        partner_id,
        since,
        MOST_CHANGES,
    )
    return [
        Change(row["change"], row["at"], row["id"], row["name"], row["codes_count"]) for row in rows
    ]


async def commission_plans(
    conn: Connection, project_id: str, partner_id: str
) -> list[tuple[CommissionPlan, int]]:
    """Return the plans of what a partner sees, and of how many deals each is."""
    rows: list[Any] = await conn.fetch(
        """
        SELECT c.commission_plan, count(*) AS deals FROM visible_deals AS d
        JOIN campaigns AS c ON c.project_id = d.project_id AND c.id = d.id
        WHERE d.project_id = $1 AND d.partner_id = $2
        GROUP BY c.commission_plan ORDER BY deals DESC, c.commission_plan::text
        """,
        project_id,
        partner_id,
    )
    return [(CommissionPlan.model_validate(row["commission_plan"]), row["deals"]) for row in rows]


async def figures(
    conn: Connection, project_id: str, campaign_ids: list[str]
) -> dict[str, DealFigures]:
    """Return the figures of these deals; a code that is a customer's own is none of theirs."""
    rows = await conn.fetch(
        """
        SELECT c.id, coalesce(u.uses, 0) AS uses, CASE WHEN EXISTS (
            SELECT FROM shares AS s WHERE s.project_id = c.project_id AND s.campaign_id = c.id
                AND s.kind = 'campaign' AND s.state = 'shared'
        ) THEN c.vouchers_count - (
            SELECT count(*) FROM (
                SELECT s.voucher_id FROM shared_codes AS s
                JOIN shares ON shares.project_id = s.project_id AND shares.id = s.share_id
                WHERE s.project_id = c.project_id AND s.campaign_id = c.id
                    AND (s.state <> 'shared' OR shares.state <> 'shared')
                UNION  -- a customer's own may be held back as well
                SELECT l.voucher_id FROM voucher_listing AS l
                WHERE l.project_id = c.project_id AND l.campaign_id = c.id AND l.published
            ) AS kept_back
        ) ELSE (
            SELECT count(*) FROM shared_codes AS s
            JOIN shares ON shares.project_id = s.project_id AND shares.id = s.share_id
            WHERE s.project_id = c.project_id AND s.campaign_id = c.id
                AND s.state = 'shared' AND shares.state = 'shared'
                AND NOT EXISTS (
                    SELECT FROM voucher_listing AS l
                    WHERE l.project_id = s.project_id AND l.voucher_id = s.voucher_id
                        AND l.published
                )
        ) END AS codes_count
        FROM campaigns AS c
        LEFT JOIN campaign_uses AS u ON u.project_id = c.project_id AND u.campaign_id = c.id
        WHERE c.project_id = $1 AND c.id = ANY ($2)
        """,
        project_id,
        campaign_ids,
    )
    return {row["id"]: DealFigures(row["codes_count"], row["uses"]) for row in rows}
