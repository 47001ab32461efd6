"""Where validation rules hold: in campaigns, or for single codes of them."""

from collections.abc import Collection, Sequence
from typing import Final, Literal, NamedTuple

import asyncpg

from campaigns.catalogue import Assignment, RuleOfCodes
from campaigns.limiting import WrittenRule
from servicekit.postgres.pool import Connection

SortBy = Literal["created_at", "-created_at"]
_ORDER_BY: Final[dict[SortBy, str]] = {
    "created_at": "created_at, id",
    "-created_at": "created_at DESC, id DESC",
}


class Home(NamedTuple):
    """A campaign, or one code of it alone; what holds for a standalone one is its campaign's."""

    campaign_id: str
    voucher_id: str | None = None


class OwnRules(NamedTuple):
    """How many codes of a campaign have rules of their own, and how many rules these are."""

    codes: int
    rules: int


def _assignment(row: asyncpg.Record) -> Assignment:
    return Assignment(
        id=row["id"],
        rule_id=row["rule_id"],
        campaign_id=row["campaign_id"],
        created_at=row["created_at"],
        voucher_id=row["voucher_id"],
    )


async def assign(
    conn: Connection,
    project_id: str,
    assignment_id: str,
    *,
    rule_id: str,
    home: Home,
) -> None:
    """Let a rule hold somewhere; where it holds already, it raises a unique violation."""
    await conn.execute(
        """
        INSERT INTO rule_assignments (project_id, id, rule_id, campaign_id, voucher_id)
        VALUES ($1, $2, $3, $4, $5)
        """,
        project_id,
        assignment_id,
        rule_id,
        home.campaign_id,
        home.voucher_id,
    )


async def unassign(conn: Connection, project_id: str, assignment_ids: Sequence[str]) -> None:
    await conn.execute(
        "DELETE FROM rule_assignments WHERE project_id = $1 AND id = ANY ($2::text[])",
        project_id,
        assignment_ids,
    )


async def find(
    conn: Connection, project_id: str, assignment_id: str, *, rule_id: str
) -> Assignment | None:
    row = await conn.fetchrow(
        "SELECT * FROM shown_assignments WHERE project_id = $1 AND id = $2 AND rule_id = $3",
        project_id,
        assignment_id,
        rule_id,
    )
    return None if row is None else _assignment(row)


async def page(
    conn: Connection,
    project_id: str,
    *,
    rule_id: str | None,
    related_id: str | None,
    sort_by: SortBy,
    limit: int,
    offset: int,
) -> tuple[list[Assignment], int]:
    """Return assignments in this order, and how many there are in all; None does not narrow.

    `related_id` is a campaign's or a code's; a standalone code's are those of its own campaign.
    """
    matching = """
        FROM shown_assignments WHERE project_id = $1
            AND ($2::text IS NULL OR rule_id = $2)
            AND ($3::text IS NULL OR of_code = $3 OR of_code IS NULL AND campaign_id IN (
                SELECT $3
                UNION ALL
                SELECT c.id FROM vouchers AS v
                JOIN campaigns AS c ON c.project_id = v.project_id AND c.id = v.campaign_id
                WHERE v.project_id = $1 AND v.id = $3 AND c.standalone
            ))
    """
    rows = await conn.fetch(
        f"SELECT * {matching} ORDER BY {_ORDER_BY[sort_by]} LIMIT $4 OFFSET $5",
        project_id,
        rule_id,
        related_id,
        limit,
        offset,
    )
    total = await conn.fetchval(f"SELECT count(*) {matching}", project_id, rule_id, related_id)
    return [_assignment(row) for row in rows], total


async def of_codes(
    conn: Connection, project_id: str, campaign_ids: Collection[str]
) -> list[RuleOfCodes]:
    """Return the rules that single codes of campaigns have of their own, the oldest rule first."""
    rows = await conn.fetch(
        """
        SELECT a.campaign_id, array_agg(a.voucher_id ORDER BY a.voucher_id) AS voucher_ids,
            r.expression || jsonb_build_object('id', r.id, 'name', r.name, 'message', r.message)
                AS rule
        FROM rule_assignments AS a
        JOIN validation_rules AS r ON r.project_id = a.project_id AND r.id = a.rule_id
        WHERE a.project_id = $1 AND a.campaign_id = ANY ($2::text[]) AND a.voucher_id IS NOT NULL
        GROUP BY a.campaign_id, r.project_id, r.id ORDER BY a.campaign_id, r.created_at, r.id
        """,
        project_id,
        list(campaign_ids),
    )
    return [
        RuleOfCodes(
            campaign_id=row["campaign_id"],
            rule=WrittenRule.model_validate(row["rule"]),
            voucher_ids=tuple(row["voucher_ids"]),
        )
        for row in rows
    ]


async def are_of_codes(conn: Connection, project_id: str, rule_id: str) -> bool:
    """Tell whether a rule holds for single codes, beside what holds for their campaigns."""
    found: bool = await conn.fetchval(
        """
        SELECT EXISTS (
            SELECT FROM rule_assignments
            WHERE project_id = $1 AND rule_id = $2 AND voucher_id IS NOT NULL
        )
        """,
        project_id,
        rule_id,
    )
    return found


async def own_rules(conn: Connection, project_id: str, campaign_id: str) -> OwnRules:
    """Count those of a campaign's codes, in the bin or not: all of them are told with it."""
    [row] = await conn.fetch(
        """
        SELECT count(DISTINCT voucher_id) AS codes, count(DISTINCT rule_id) AS rules
        FROM rule_assignments
        WHERE project_id = $1 AND campaign_id = $2 AND voucher_id IS NOT NULL
        """,
        project_id,
        campaign_id,
    )
    return OwnRules(row["codes"], row["rules"])


async def that_limit(conn: Connection, project_id: str, rule_ids: Collection[str]) -> list[str]:
    """Return those of the rules that say how often."""
    rows = await conn.fetch(
        """
        SELECT id FROM validation_rules
        WHERE project_id = $1 AND id = ANY ($2::text[]) AND expression -> 'limits' <> '[]'
        ORDER BY id
        """,
        project_id,
        list(rule_ids),
    )
    return [row["id"] for row in rows]
