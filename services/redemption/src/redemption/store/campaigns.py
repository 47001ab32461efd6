"""Which campaigns lists mean by a name or a partner, and whose they are."""

from collections.abc import Collection

from servicekit.postgres.pool import Connection


async def of_names(conn: Connection, project_id: str, names: Collection[str]) -> set[str]:
    """Return the ids of the project's campaigns that now have one of these names."""
    rows = await conn.fetch(
        "SELECT campaign_id FROM campaigns WHERE project_id = $1 AND name = ANY ($2::text[])",
        project_id,
        list(names),
    )
    return {row["campaign_id"] for row in rows}


async def of_partners(conn: Connection, project_id: str, partner_ids: Collection[str]) -> set[str]:
    """Return the ids of the campaigns that now are these partners'."""
    rows = await conn.fetch(
        "SELECT campaign_id FROM campaigns WHERE project_id = $1 AND partner_id = ANY ($2::text[])",
        project_id,
        list(partner_ids),
    )
    return {row["campaign_id"] for row in rows}


async def partners_of(
    conn: Connection, project_id: str, campaign_ids: Collection[str]
) -> dict[str, str]:
    """Return the partners of campaigns, as they now are."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($2::text[]) AS asked (c)
        CROSS JOIN LATERAL (
            SELECT campaign_id, partner_id FROM campaigns
            WHERE project_id = $1 AND campaign_id = c OFFSET 0
        ) AS found
        """,
        project_id,
        list(campaign_ids),
    )
    return {row["campaign_id"]: row["partner_id"] for row in rows}
