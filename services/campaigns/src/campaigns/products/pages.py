"""Pages of products and SKUs, each order by an index of its own where there may be many."""

from typing import Final, Literal

from campaigns.catalogue import Product
from campaigns.products.store import product
from servicekit.postgres.pool import Connection

SortProductsBy = Literal[
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "name",
    "-name",
    "source_id",
    "-source_id",
]
SortSkusBy = Literal[
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "sku",
    "-sku",
    "source_id",
    "-source_id",
]
# What has none comes last, and first where it runs down; `id` last, so that nothing comes twice.
_ORDER_BY: Final[dict[SortProductsBy | SortSkusBy, str]] = {
    "created_at": "created_at, id",
    "-created_at": "created_at DESC, id DESC",
    "updated_at": "coalesce(updated_at, created_at), id",
    "-updated_at": "coalesce(updated_at, created_at) DESC, id DESC",
    "name": "lower(name), id",
    "-name": "lower(name) DESC, id DESC",
    "sku": "lower(name), id",
    "-sku": "lower(name) DESC, id DESC",
    "source_id": "source_id, id",
    "-source_id": "source_id DESC, id DESC",
}


async def page_of_products(
    conn: Connection, project_id: str, *, sort_by: SortProductsBy, limit: int, offset: int
) -> tuple[list[Product], int]:
    """Return products in this order, and how many there are in all."""
    matching = "FROM products WHERE project_id = $1 AND of_product IS NULL"
    rows = await conn.fetch(
        f"SELECT * {matching} ORDER BY {_ORDER_BY[sort_by]} LIMIT $2 OFFSET $3",
        project_id,
        limit,
        offset,
    )
    total = await conn.fetchval(f"SELECT count(*) {matching}", project_id)
    return [product(row) for row in rows], total


async def page_of_skus(
    conn: Connection,
    project_id: str,
    product_id: str,
    *,
    sort_by: SortSkusBy,
    limit: int,
    offset: int,
) -> tuple[list[Product], int]:
    """Return the SKUs of a product in this order, and how many there are in all."""
    matching = "FROM products WHERE project_id = $1 AND of_product = $2"
    rows = await conn.fetch(
        f"SELECT * {matching} ORDER BY {_ORDER_BY[sort_by]} LIMIT $3 OFFSET $4",
        project_id,
        product_id,
        limit,
        offset,
    )
    total = await conn.fetchval(f"SELECT count(*) {matching}", project_id, product_id)
    return [product(row) for row in rows], total


async def page_of_collection(
    conn: Connection,
    project_id: str,
    collection_id: str,
    *,
    sort_by: SortProductsBy,
    limit: int,
    offset: int,
) -> list[Product]:
    """Return what is in a collection in this order: they are few."""
    rows = await conn.fetch(
        f"""
        SELECT * FROM products WHERE project_id = $1 AND id IN (
            SELECT product_id FROM collected_products WHERE project_id = $1 AND collection_id = $2
        )
        ORDER BY {_ORDER_BY[sort_by]} LIMIT $3 OFFSET $4
        """,  # noqa: S608 - our own words
        project_id,
        collection_id,
        limit,
        offset,
    )
    return [product(row) for row in rows]
