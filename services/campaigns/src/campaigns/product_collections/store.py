"""Collections of products and SKUs, and what is in them."""

from collections.abc import Collection
from typing import Final, Literal

import asyncpg

from campaigns.catalogue import ProductCollection
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


def _collection(row: asyncpg.Record) -> ProductCollection:
    return ProductCollection(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        products_count=row["products_count"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def add(conn: Connection, project_id: str, collection_id: str, name: str) -> None:
    await conn.execute(
        "INSERT INTO product_collections (project_id, id, name) VALUES ($1, $2, $3)",
        project_id,
        collection_id,
        name,
    )


async def change(conn: Connection, project_id: str, collection_id: str, name: str) -> None:
    """Write what may change, as the next version."""
    await conn.execute(
        """
        UPDATE product_collections SET name = $3, version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        collection_id,
        name,
    )


async def put_products(
    conn: Connection, project_id: str, collection_id: str, product_ids: Collection[str]
) -> tuple[int, int]:
    """Let a collection hold these alone; return how many came and went."""
    gone = await conn.fetch(
        """
        DELETE FROM collected_products
        WHERE project_id = $1 AND collection_id = $2 AND product_id <> ALL ($3::text[])
        RETURNING product_id
        """,
        project_id,
        collection_id,
        list(product_ids),
    )
    came = await conn.fetch(
        """
        INSERT INTO collected_products (project_id, collection_id, product_id)
        SELECT $1, $2, p FROM unnest($3::text[]) AS wanted (p) ON CONFLICT DO NOTHING
        RETURNING product_id
        """,
        project_id,
        collection_id,
        list(product_ids),
    )
    return len(came), len(gone)


async def remove(conn: Connection, project_id: str, collection_id: str) -> None:
    await conn.execute(
        "DELETE FROM product_collections WHERE project_id = $1 AND id = $2",
        project_id,
        collection_id,
    )


async def lock(conn: Connection, project_id: str, collection_id: str) -> ProductCollection | None:
    """Hold a collection until commit; then read it as it is behind the lock."""
    await conn.execute(
        "SELECT FROM product_collections WHERE project_id = $1 AND id = $2 FOR UPDATE",
        project_id,
        collection_id,
    )
    return await find(conn, project_id, collection_id)


async def find(conn: Connection, project_id: str, collection_id: str) -> ProductCollection | None:
    row = await conn.fetchrow(
        "SELECT * FROM product_collection_sheets WHERE project_id = $1 AND id = $2",
        project_id,
        collection_id,
    )
    return None if row is None else _collection(row)


async def known(conn: Connection, project_id: str, named: Collection[str]) -> set[str]:
    """Return those of these ids that are collections."""
    rows = await conn.fetch(
        "SELECT id FROM product_collections WHERE project_id = $1 AND id = ANY ($2::text[])",
        project_id,
        list(named),
    )
    return {row["id"] for row in rows}


async def count(conn: Connection, project_id: str) -> int:
    found: int = await conn.fetchval(
        "SELECT count(*) FROM product_collections WHERE project_id = $1", project_id
    )
    return found


async def page(
    conn: Connection, project_id: str, *, sort_by: SortBy, limit: int, offset: int
) -> tuple[list[ProductCollection], int]:
    """Return collections in this order, and how many there are in all."""
    rows = await conn.fetch(
        f"""
        SELECT * FROM product_collection_sheets WHERE project_id = $1
        ORDER BY {_ORDER_BY[sort_by]} LIMIT $2 OFFSET $3
        """,  # noqa: S608 - our own words
        project_id,
        limit,
        offset,
    )
    return [_collection(row) for row in rows], await count(conn, project_id)
