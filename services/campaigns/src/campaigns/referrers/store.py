"""Who refers to a thing: the first few by name, and how many there are in all.

Who asks holds the project: no other comes between the answer and the deletion.
"""

from collections.abc import Collection
from typing import Final, Literal, TypeAlias

from campaigns.refusals import Referrer, Referrers
from servicekit.postgres.pool import Connection

Goods: TypeAlias = Literal["products", "skus", "collections"]  # as terms and rules list them

MOST_NAMED: Final = 5

# A standalone code's campaign is shown as the code, by whose name it goes.
_CAMPAIGN: Final = """
    SELECT CASE WHEN c.standalone THEN 'voucher' ELSE 'campaign' END AS object,
        CASE WHEN c.standalone THEN (
            SELECT v.id FROM vouchers AS v
            WHERE v.project_id = c.project_id AND v.campaign_id = c.id LIMIT 1
        ) ELSE c.id END AS id,
        c.name, c.deleted_at IS NOT NULL AS in_bin
    FROM campaigns AS c
"""


async def of_category(conn: Connection, project_id: str, category_id: str) -> Referrers:
    """Return the campaigns that are in a category, those in the bin too."""
    return await _first(
        conn, f"{_CAMPAIGN} WHERE c.project_id = $1 AND c.category_id = $2", project_id, category_id
    )


async def of_rule(conn: Connection, project_id: str, rule_id: str) -> Referrers:
    """Return the campaigns and the codes that a rule is assigned to."""
    return await _first(
        conn,
        """
        SELECT CASE WHEN v.id IS NULL THEN 'campaign' ELSE 'voucher' END AS object,
            coalesce(v.id, c.id) AS id, coalesce(v.code, c.name) AS name,
            coalesce(v.deleted_at, c.deleted_at) IS NOT NULL AS in_bin
        FROM shown_assignments AS a
        JOIN campaigns AS c ON c.project_id = a.project_id AND c.id = a.campaign_id
        LEFT JOIN vouchers AS v ON v.project_id = a.project_id AND v.id = a.voucher_id
        WHERE a.project_id = $1 AND a.rule_id = $2
        """,
        project_id,
        rule_id,
    )


async def of_segment(conn: Connection, project_id: str, segment_id: str) -> Referrers:
    """Return the rules that ask for a segment."""
    return await _first(
        conn,
        """
        SELECT 'validation_rules' AS object, id, name, false AS in_bin FROM validation_rules
        WHERE project_id = $1 AND EXISTS (
            SELECT FROM jsonb_path_query(
                expression,
                '$.nodes[*] ? (@.name == "customer.segment").conditions[*].values[*]'
            ) AS asked (segment)
            WHERE asked.segment #>> '{}' = $2
        )
        """,
        project_id,
        segment_id,
    )


async def of_product(conn: Connection, project_id: str, product_id: str) -> Referrers:
    """Return the SKUs of a product, and the collections that it or a SKU is in by itself."""
    return await _first(
        conn,
        """
        SELECT 'sku' AS object, id, coalesce(name, source_id, id) AS name, false AS in_bin
        FROM products WHERE project_id = $1 AND of_product = $2
        UNION ALL
        SELECT 'products_collection', c.id, c.name, false
        FROM collected_products AS p
        JOIN product_collections AS c ON c.project_id = p.project_id AND c.id = p.collection_id
        WHERE p.project_id = $1 AND p.product_id = $2
        """,
        project_id,
        product_id,
    )


async def of_goods(
    conn: Connection, project_id: str, kind: Goods, names: Collection[str]
) -> Referrers:
    """Return campaigns that are for one of these `products`, `skus` or `collections`, and rules.

    Which of them name it at all, of whatever kind and project, an index knows.
    """
    return await _first(
        conn,
        f"""
        WITH named AS MATERIALIZED (
            SELECT project_id, id, terms FROM campaigns
            WHERE named_at(terms, '$.applicable_to.*.*[*]') && $2::text[]
        ), rules AS MATERIALIZED (
            SELECT project_id, id, name, expression FROM validation_rules
            WHERE named_at(expression, '$.nodes[*].lines.*[*]') && $2::text[]
        )
        {_CAMPAIGN} JOIN named USING (project_id, id)
        WHERE c.project_id = $1 AND named_at(named.terms, $3::text::jsonpath) && $2::text[]
        UNION ALL
        SELECT 'validation_rules', id, name, false FROM rules
        WHERE project_id = $1 AND named_at(expression, $4::text::jsonpath) && $2::text[]
        """,  # noqa: S608 - our own words
        project_id,
        list(names),
        f"$.applicable_to.*.{kind}[*]",
        f"$.nodes[*].lines.{kind}[*]",
    )


async def _first(conn: Connection, found: str, *args: object) -> Referrers:
    rows = await conn.fetch(
        f"""
        SELECT object, id, name, in_bin, count(*) OVER () AS total FROM ({found}) AS found
        ORDER BY object, name, id LIMIT {MOST_NAMED}
        """,  # noqa: S608 - our own words, and a number
        *args,
    )
    first = tuple(
        Referrer(object=row["object"], id=row["id"], name=row["name"], in_bin=row["in_bin"])
        for row in rows
    )
    return Referrers(first, rows[0]["total"] if rows else 0)
