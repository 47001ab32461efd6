"""Vouchers by the hundred, for those who change many; whoever does takes `USES_LOCK` first."""

from collections.abc import Collection, Sequence

from campaigns.model import Voucher
from campaigns.vouchers.counts import USES_LOCK
from campaigns.vouchers.store import voucher_of
from servicekit.postgres.pool import Connection


async def resolve(conn: Connection, project_id: str, named: Collection[str]) -> dict[str, str]:
    """Return the ids of those that there are, by what they were called: an id, or a code."""
    rows = await conn.fetch(
        """
        SELECT id, code FROM vouchers
        WHERE project_id = $1 AND (id = ANY ($2::text[]) OR code = ANY ($2::text[]))
        """,
        project_id,
        list(named),
    )
    by_code = {row["code"]: row["id"] for row in rows}
    by_id = {row["id"]: row["id"] for row in rows}
    return {each: found for each in named if (found := by_id.get(each) or by_code.get(each))}


async def lock(conn: Connection, project_id: str, ids: Sequence[str]) -> list[Voucher]:
    """Hold these until commit, beside no other who holds many."""
    await conn.execute("SELECT pg_advisory_xact_lock($1)", USES_LOCK)
    rows = await conn.fetch(
        """
        SELECT * FROM vouchers WHERE project_id = $1 AND id = ANY ($2::text[])
        ORDER BY id FOR NO KEY UPDATE
        """,
        project_id,
        ids,
    )
    return [voucher_of(row) for row in rows]


async def change(conn: Connection, project_id: str, wanted: Sequence[Voucher]) -> list[Voucher]:
    """Write switches, metadata and whether they are in the bin, each as its next version."""
    rows = await conn.fetch(
        """
        UPDATE vouchers AS v SET active = w.active, metadata = w.metadata,
            deleted_at = w.deleted_at, version = version + 1, updated_at = now()
        FROM unnest($2::text[], $3::boolean[], $4::jsonb[], $5::timestamptz[])
            AS w (id, active, metadata, deleted_at)
        WHERE v.project_id = $1 AND v.id = w.id
        RETURNING v.*, rules_of_code(v.project_id, v.id) AS rules
        """,
        project_id,
        [each.id for each in wanted],
        [each.active for each in wanted],
        [each.metadata for each in wanted],
        [each.deleted_at for each in wanted],
    )
    return [voucher_of(row) for row in rows]


async def remove(conn: Connection, project_id: str, ids: Sequence[str]) -> dict[str, int]:
    """Remove codes for ever and retire them; return how many of each campaign."""
    await conn.execute(
        "DELETE FROM shared_codes WHERE project_id = $1 AND voucher_id = ANY ($2::text[])",
        project_id,
        ids,
    )
    rows = await conn.fetch(
        """
        WITH gone AS (
            DELETE FROM vouchers WHERE project_id = $1 AND id = ANY ($2::text[])
            RETURNING project_id, code, campaign_id
        ), retired AS (
            INSERT INTO retired_codes (project_id, code, campaign_id) SELECT * FROM gone
        )
        SELECT campaign_id, count(*) AS codes FROM gone GROUP BY campaign_id ORDER BY campaign_id
        """,
        project_id,
        ids,
    )
    return {row["campaign_id"]: row["codes"] for row in rows}


async def ids_of_campaign(
    conn: Connection, project_id: str, campaign_id: str, limit: int
) -> list[str]:
    """Return some of a campaign's codes, by their ids."""
    rows = await conn.fetch(
        "SELECT id FROM vouchers WHERE project_id = $1 AND campaign_id = $2 LIMIT $3",
        project_id,
        campaign_id,
        limit,
    )
    return [row["id"] for row in rows]
