"""Products and SKUs of a project: a SKU is one that is of a product."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import asyncpg

from campaigns.catalogue import Product
from campaigns.products.targets import Meant, Name
from servicekit.postgres.pool import Connection


class Found(NamedTuple):
    """What names stand for, and which of the collections among them are there."""

    meant: Mapping[Name, Sequence[Meant]]
    collections: Collection[str]


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


async def meant_by(conn: Connection, project_id: str, names: Collection[Name]) -> Found:
    """Return the products and SKUs that names stand for, SKUs of products among them."""
    ordered = sorted(names)
    rows = await conn.fetch(
        """
        WITH asked AS (
            SELECT * FROM unnest($2::text[], $3::text[]) AS asked (kind, named)
        ), stand_for AS (
            SELECT kind, named, p.id FROM asked JOIN products AS p
                ON p.project_id = $1 AND p.id = named
                AND (p.of_product IS NULL) = (kind = 'product')
            UNION
            SELECT kind, named, p.id FROM asked JOIN products AS p
                ON p.project_id = $1 AND p.source_id = named AND p.of_product IS NULL
            WHERE kind = 'product'
            UNION
            SELECT kind, named, p.id FROM asked JOIN products AS p
                ON p.project_id = $1 AND p.source_id = named AND p.of_product IS NOT NULL
            WHERE kind = 'sku'
            UNION
            SELECT kind, named, c.product_id FROM asked JOIN collected_products AS c
                ON c.project_id = $1 AND c.collection_id = named
            WHERE kind = 'products_collection'
        ), meant AS (
            SELECT kind, named, id FROM stand_for
            UNION
            SELECT kind, named, p.id FROM stand_for JOIN products AS p
                ON p.project_id = $1 AND p.of_product = stand_for.id
        )
        SELECT kind, named, p.id, p.source_id, p.of_product IS NOT NULL AS is_sku
        FROM meant JOIN products AS p ON p.project_id = $1 AND p.id = meant.id
        ORDER BY kind, named, p.id
        """,
        project_id,
        [kind for kind, _ in ordered],
        [name for _, name in ordered],
    )
    collections = await conn.fetch(
        "SELECT id FROM product_collections WHERE project_id = $1 AND id = ANY ($2::text[])",
        project_id,
        [name for kind, name in ordered if kind == "products_collection"],
    )
    meant: defaultdict[Name, list[Meant]] = defaultdict(list)
    for row in rows:
        of = Meant(row["id"], row["source_id"], row["is_sku"])
        meant[row["kind"], row["named"]].append(of)
    return Found(meant, {row["id"] for row in collections})


async def names_of(conn: Connection, project_id: str, product_id: str) -> set[str]:
    """Return all by which a product or SKU may be meant: also its product's, and collections'."""
    rows = await conn.fetch(
        """
        WITH own AS (
            SELECT id, source_id FROM products WHERE project_id = $1 AND (id = $2 OR id = (
                SELECT of_product FROM products WHERE project_id = $1 AND id = $2
            ))
        )
        SELECT id AS name FROM own
        UNION SELECT source_id FROM own WHERE source_id IS NOT NULL
        UNION SELECT collection_id FROM collected_products
            WHERE project_id = $1 AND product_id IN (SELECT id FROM own)
        """,
        project_id,
        product_id,
    )
    return {row["name"] for row in rows}
