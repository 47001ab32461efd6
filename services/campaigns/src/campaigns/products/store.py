"""Products and SKUs of a project: a SKU is one that is of a product."""

from collections.abc import Collection

import asyncpg

from campaigns.model import Product
from servicekit.postgres.pool import Connection


def product(row: asyncpg.Record) -> Product:
    """Read a row of the table."""
    return Product(
        id=row["id"],
        of_product=row["of_product"],
        source_id=row["source_id"],
        name=row["name"],
        price=row["price"],
        metadata=row["metadata"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def add(conn: Connection, project_id: str, made: Product) -> Product:
    """Add one; a source_id that exists raises a unique violation."""
    [row] = await conn.fetch(
        """
        INSERT INTO products (project_id, id, of_product, source_id, name, price, metadata)
        VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *
        """,
        project_id,
        made.id,
        made.of_product,
        made.source_id,
        made.name,
        made.price,
        made.metadata,
    )
    return product(row)


async def change(conn: Connection, project_id: str, wanted: Product) -> Product:
    """Write what may change, as the next version."""
    [row] = await conn.fetch(
        """
        UPDATE products SET source_id = $3, name = $4, price = $5, metadata = $6,
            version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2 RETURNING *
        """,
        project_id,
        wanted.id,
        wanted.source_id,
        wanted.name,
        wanted.price,
        wanted.metadata,
    )
    return product(row)


async def remove(conn: Connection, project_id: str, product_id: str) -> None:
    """Remove one; that has SKUs, or is in a collection, raises a foreign key violation."""
    await conn.execute(
        "DELETE FROM products WHERE project_id = $1 AND id = $2", project_id, product_id
    )


async def lock(conn: Connection, project_id: str, named: str, *, sku: bool) -> Product | None:
    """Hold one until commit, and return it as it is behind the lock."""
    found = await find(conn, project_id, named, sku=sku)
    if found is None:
        return None
    row = await conn.fetchrow(
        "SELECT * FROM products WHERE project_id = $1 AND id = $2 FOR UPDATE", project_id, found.id
    )
    return None if row is None else product(row)


async def find(conn: Connection, project_id: str, named: str, *, sku: bool) -> Product | None:
    """Find one by its id, or else by the shop's own."""
    row = await conn.fetchrow(
        """
        SELECT * FROM products
        WHERE project_id = $1 AND (id = $2 OR source_id = $2) AND (of_product IS NOT NULL) = $3
        ORDER BY id = $2 DESC LIMIT 1
        """,
        project_id,
        named,
        sku,
    )
    return None if row is None else product(row)


async def find_many(
    conn: Connection, project_id: str, named: Collection[str], *, sku: bool
) -> list[Product]:
    """Find those that are named by their ids or the shop's own."""
    rows = await conn.fetch(
        """
        SELECT * FROM products
        WHERE project_id = $1 AND (id = ANY ($2::text[]) OR source_id = ANY ($2::text[]))
            AND (of_product IS NOT NULL) = $3
        """,
        project_id,
        list(named),
        sku,
    )
    return [product(row) for row in rows]


async def page(
    conn: Connection, project_id: str, *, of_product: str | None, limit: int, offset: int
) -> tuple[list[Product], int]:
    """Return products, or the SKUs of one, newest first, and how many there are in all."""
    matching = "FROM products WHERE project_id = $1 AND of_product IS NOT DISTINCT FROM $2"
    rows = await conn.fetch(
        f"SELECT * {matching} ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4",
        project_id,
        of_product,
        limit,
        offset,
    )
    total = await conn.fetchval(f"SELECT count(*) {matching}", project_id, of_product)
    return [product(row) for row in rows], total
