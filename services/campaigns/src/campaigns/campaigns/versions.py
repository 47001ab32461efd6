"""The next versions of campaigns, where something changed that is none of theirs.

Snapshots tell a campaign in a version, with its partner, rules and products as they are by then.
"""

from collections.abc import Collection

from servicekit.postgres.pool import Connection


async def bump(
    conn: Connection,
    project_id: str,
    *,
    partner_id: str | None = None,
    category_id: str | None = None,
    rule_id: str | None = None,
) -> list[str]:
    """Give each campaign of a partner, category or rule its next version: snapshots tell it."""
    rows = await conn.fetch(
        """
        WITH concerned AS (
            SELECT id FROM campaigns
            WHERE project_id = $1 AND (
                partner_id = $2 OR category_id = $3 OR id IN (
                    SELECT campaign_id FROM rule_assignments
                    WHERE project_id = $1 AND rule_id = $4
                )
            )
            ORDER BY id FOR NO KEY UPDATE  -- rivals that hold many meet in one order
        )
        UPDATE campaigns AS c SET version = version + 1, updated_at = now()
        FROM concerned WHERE c.project_id = $1 AND c.id = concerned.id RETURNING c.id
        """,
        project_id,
        partner_id,
        category_id,
        rule_id,
    )
    return [row["id"] for row in rows]


async def bump_one(conn: Connection, project_id: str, campaign_id: str) -> None:
    """Give a campaign that is held its next version."""
    await conn.execute(
        """
        UPDATE campaigns SET version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        campaign_id,
    )


async def bump_for_products(conn: Connection, project_id: str, names: Collection[str]) -> list[str]:
    """Give each campaign that names one of these products or collections its next version.

    They are found by the indexes of names, however many campaigns there are: an import adds
    products one by one.
    """
    rows = await conn.fetch(
        """
        WITH named AS MATERIALIZED (
            SELECT project_id, id FROM campaigns
            WHERE named_at(terms, '$.applicable_to.*.*[*]') && $2::text[]
        ), rules AS MATERIALIZED (
            SELECT project_id, id FROM validation_rules
            WHERE named_at(expression, '$.nodes[*].lines.*[*]') && $2::text[]
        ), concerned AS (
            SELECT id FROM campaigns
            WHERE project_id = $1 AND id = ANY (ARRAY(
                SELECT id FROM named WHERE project_id = $1
                UNION
                SELECT a.campaign_id FROM rules AS r
                JOIN rule_assignments AS a ON a.project_id = r.project_id AND a.rule_id = r.id
                WHERE r.project_id = $1
            ))
            ORDER BY id FOR NO KEY UPDATE  -- rivals that hold many meet in one order
        )
        UPDATE campaigns AS c SET version = version + 1, updated_at = now()
        FROM concerned WHERE c.project_id = $1 AND c.id = concerned.id RETURNING c.id
        """,
        project_id,
        list(names),
    )
    return [row["id"] for row in rows]


async def bump_by_the_clock(conn: Connection, project_id: str) -> list[str]:
    """Give each campaign whose terms go by the project's time zone its next version."""
    rows = await conn.fetch(
        """
        WITH concerned AS (
            SELECT id FROM campaigns
            WHERE project_id = $1 AND (terms @? '$ ? (
                @.limits.others[*].per != null || exists(@.validity.weekdays[*])
                || exists(@.validity.hours[*]) || @.validity.recurrence != null)'
                OR id IN (SELECT campaign_id FROM rule_assignments WHERE project_id = $1))
            ORDER BY id FOR NO KEY UPDATE  -- rivals that hold many meet in one order
        )
        UPDATE campaigns AS c SET version = version + 1, updated_at = now()
        FROM concerned WHERE c.project_id = $1 AND c.id = concerned.id RETURNING c.id
        """,
        project_id,
    )
    return [row["id"] for row in rows]


async def of_partner(conn: Connection, project_id: str, partner_id: str) -> dict[str, int]:
    """Return the version of each campaign of a partner, by its id."""
    rows = await conn.fetch(
        "SELECT id, version FROM campaigns WHERE project_id = $1 AND partner_id = $2",
        project_id,
        partner_id,
    )
    return {row["id"]: row["version"] for row in rows}


async def of_rule(conn: Connection, project_id: str, rule_id: str) -> dict[str, int]:
    """Return the version of each campaign that a rule holds for, or for codes of, by its id."""
    rows = await conn.fetch(
        """
        SELECT id, version FROM campaigns WHERE project_id = $1 AND id IN (
            SELECT campaign_id FROM rule_assignments WHERE project_id = $1 AND rule_id = $2
        )
        """,
        project_id,
        rule_id,
    )
    return {row["id"]: row["version"] for row in rows}
