"""Categories of a project."""

import asyncpg

from campaigns.catalogue import Category
from servicekit.postgres.pool import Connection


def _category(row: asyncpg.Record) -> Category:
    return Category(
        id=row["id"],
        name=row["name"],
        hierarchy=row["hierarchy"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def add(
    conn: Connection, project_id: str, category_id: str, name: str, hierarchy: int
) -> None:
    await conn.execute(
        "INSERT INTO categories (project_id, id, name, hierarchy) VALUES ($1, $2, $3, $4)",
        project_id,
        category_id,
        name,
        hierarchy,
    )


async def change(
    conn: Connection, project_id: str, category_id: str, name: str, hierarchy: int
) -> None:
    await conn.execute(
        """
        UPDATE categories SET name = $3, hierarchy = $4, updated_at = now()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        category_id,
        name,
        hierarchy,
    )


async def remove(conn: Connection, project_id: str, category_id: str) -> bool:
    """Tell whether it was there; one that a campaign is in raises a foreign key violation."""
    gone = await conn.execute(
        "DELETE FROM categories WHERE project_id = $1 AND id = $2", project_id, category_id
    )
    return gone == "DELETE 1"


async def find(conn: Connection, project_id: str, category_id: str) -> Category | None:
    row = await conn.fetchrow(
        "SELECT * FROM categories WHERE project_id = $1 AND id = $2", project_id, category_id
    )
    return None if row is None else _category(row)


async def find_by_name(conn: Connection, project_id: str, name: str) -> Category | None:
    row = await conn.fetchrow(
        "SELECT * FROM categories WHERE project_id = $1 AND name = $2", project_id, name
    )
    return None if row is None else _category(row)


async def count(conn: Connection, project_id: str) -> int:
    return int(
        await conn.fetchval("SELECT count(*) FROM categories WHERE project_id = $1", project_id)
    )


async def get_all(conn: Connection, project_id: str) -> list[Category]:
    """Return all of a project's categories, the most important first."""
    rows = await conn.fetch(
        "SELECT * FROM categories WHERE project_id = $1 ORDER BY hierarchy, created_at, id",
        project_id,
    )
    return [_category(row) for row in rows]
