"""Validation rules of a project."""

from collections.abc import Collection
from typing import Final, Literal

import asyncpg

from campaigns.catalogue import ValidationRule
from campaigns.limiting import WrittenExpression
from servicekit.postgres.pool import Connection

SortBy = Literal["created_at", "-created_at", "updated_at", "-updated_at", "name", "-name"]
_ORDER_BY: Final[dict[SortBy, str]] = {
    "created_at": "created_at, id",
    "-created_at": "created_at DESC, id DESC",
    "updated_at": "coalesce(updated_at, created_at), id",
    "-updated_at": "coalesce(updated_at, created_at) DESC, id DESC",
    "name": "lower(name), id",
    "-name": "lower(name) DESC, id DESC",
}
_SHEET: Final = """
    SELECT r.*, (
        SELECT count(*) FROM rule_assignments AS a
        WHERE a.project_id = r.project_id AND a.rule_id = r.id
    ) AS assignments_count
    FROM validation_rules AS r WHERE r.project_id = $1
"""


def _rule(row: asyncpg.Record) -> ValidationRule:
    return ValidationRule(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        expression=WrittenExpression.model_validate(row["expression"]),
        message=row["message"],
        context_type=row["context_type"],
        assignments_count=row["assignments_count"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def add(
    conn: Connection,
    project_id: str,
    rule_id: str,
    name: str,
    expression: WrittenExpression,
    *,
    message: str | None,
    context_type: str,
) -> None:
    await conn.execute(
        """
        INSERT INTO validation_rules (project_id, id, name, expression, message, context_type)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        project_id,
        rule_id,
        name,
        expression.model_dump(mode="json"),
        message,
        context_type,
    )


async def change(conn: Connection, project_id: str, rule: ValidationRule) -> None:
    """Write what may change, as the next version."""
    await conn.execute(
        """
        UPDATE validation_rules SET name = $3, expression = $4, message = $5, context_type = $6,
            version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        rule.id,
        rule.name,
        rule.expression.model_dump(mode="json"),
        rule.message,
        rule.context_type,
    )


async def remove(conn: Connection, project_id: str, rule_id: str) -> None:
    """Remove a rule; one that is assigned raises a foreign key violation."""
    await conn.execute(
        "DELETE FROM validation_rules WHERE project_id = $1 AND id = $2", project_id, rule_id
    )


async def find(conn: Connection, project_id: str, rule_id: str) -> ValidationRule | None:
    row = await conn.fetchrow(f"{_SHEET} AND r.id = $2", project_id, rule_id)
    return None if row is None else _rule(row)


async def unknown(conn: Connection, project_id: str, rule_ids: Collection[str]) -> set[str]:
    """Return those of the ids that no rule has."""
    rows = await conn.fetch(
        "SELECT id FROM validation_rules WHERE project_id = $1 AND id = ANY ($2::text[])",
        project_id,
        list(rule_ids),
    )
    return set(rule_ids) - {row["id"] for row in rows}


async def count(conn: Connection, project_id: str) -> int:
    found: int = await conn.fetchval(
        "SELECT count(*) FROM validation_rules WHERE project_id = $1", project_id
    )
    return found


async def page(
    conn: Connection, project_id: str, *, sort_by: SortBy, limit: int, offset: int
) -> tuple[list[ValidationRule], int]:
    """Return rules in this order, and how many there are in all."""
    rows = await conn.fetch(
        f"{_SHEET} ORDER BY {_ORDER_BY[sort_by]} LIMIT $2 OFFSET $3", project_id, limit, offset
    )
    return [_rule(row) for row in rows], await count(conn, project_id)


async def keep_segments(conn: Connection, project_id: str, named: Collection[str]) -> set[str]:
    """Keep segments until commit, and return those that there are."""
    rows = await conn.fetch(
        """
        SELECT id FROM segments WHERE project_id = $1 AND id = ANY ($2::text[])
        ORDER BY id FOR SHARE
        """,
        project_id,
        list(named),
    )
    return {row["id"] for row in rows}
