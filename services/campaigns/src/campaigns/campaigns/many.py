"""Campaigns by the dozen, for those who change many; whoever does holds the project first."""

from collections.abc import Collection, Sequence

from campaigns.campaigns.store import get_many
from campaigns.model import Campaign
from servicekit.postgres.pool import Connection


async def resolve(conn: Connection, project_id: str, named: Collection[str]) -> dict[str, str]:
    """Return the ids of those that there are, by what they were called: an id, or a name."""
    rows = await conn.fetch(
        """
        SELECT id, name, standalone FROM campaigns
        WHERE project_id = $1
            AND (id = ANY ($2::text[]) OR (name = ANY ($2::text[]) AND NOT standalone))
        """,
        project_id,
        list(named),
    )
    by_name = {row["name"]: row["id"] for row in rows if not row["standalone"]}
    by_id = {row["id"]: row["id"] for row in rows}
    return {each: found for each in named if (found := by_id.get(each) or by_name.get(each))}


async def lock(conn: Connection, project_id: str, ids: Sequence[str]) -> list[Campaign]:
    """Hold these until commit; then read them as they are behind the locks."""
    await conn.execute(
        """
        SELECT FROM campaigns WHERE project_id = $1 AND id = ANY ($2::text[])
        ORDER BY id FOR NO KEY UPDATE
        """,
        project_id,
        ids,
    )
    return await get_many(conn, project_id, list(ids))


async def change(conn: Connection, project_id: str, wanted: Sequence[Campaign]) -> None:
    """Write switches, metadata and whether they are in the bin, each as its next version."""
    await conn.execute(
        """
        UPDATE campaigns AS c SET active = w.active, metadata = w.metadata,
            deleted_at = w.deleted_at, version = version + 1, updated_at = now()
        FROM unnest($2::text[], $3::boolean[], $4::jsonb[], $5::timestamptz[])
            AS w (id, active, metadata, deleted_at)
        WHERE c.project_id = $1 AND c.id = w.id
        """,
        project_id,
        [each.id for each in wanted],
        [each.active for each in wanted],
        [each.definition.metadata for each in wanted],
        [each.deleted_at for each in wanted],
    )


async def count_gone(conn: Connection, project_id: str, campaign_id: str, codes: int) -> None:
    """Count codes that are no more."""
    await conn.execute(
        """
        UPDATE campaigns SET vouchers_count = vouchers_count - $3
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        campaign_id,
        codes,
    )


async def remove(conn: Connection, project_id: str, campaign_id: str) -> None:
    """Remove a campaign that has no codes any more, and what was counted of it."""
    for statement in (
        "DELETE FROM campaign_uses WHERE project_id = $1 AND campaign_id = $2",
        "DELETE FROM campaigns WHERE project_id = $1 AND id = $2",
    ):
        await conn.execute(statement, project_id, campaign_id)


async def of_vouchers(
    conn: Connection, project_id: str, vouchers: Sequence[str]
) -> dict[str, bool]:
    """Return the campaigns of these codes, and of each whether it is a single code's own."""
    rows = await conn.fetch(
        """
        SELECT DISTINCT c.id, c.standalone FROM vouchers AS v
        JOIN campaigns AS c ON c.project_id = v.project_id AND c.id = v.campaign_id
        WHERE v.project_id = $1 AND v.id = ANY ($2::text[])
        """,
        project_id,
        vouchers,
    )
    return {row["id"]: row["standalone"] for row in rows}
