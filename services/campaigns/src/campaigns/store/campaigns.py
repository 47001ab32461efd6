"""Campaigns of a project. Reads go through the view that adds the names beside the ids."""

from dataclasses import asdict
from typing import Literal

import asyncpg
from pydantic import TypeAdapter

from campaigns.codes import Shape
from campaigns.definitions import Campaign, Codes, Terms
from campaigns.store.connecting import Connection
from contracts.campaigns import CommissionPlan, Discount, Named

Order = Literal["created_at", "-created_at", "updated_at", "-updated_at"]

_ORDERS: dict[Order, str] = {
    "created_at": "created_at, id",
    "-created_at": "created_at DESC, id DESC",
    "updated_at": "updated_at NULLS FIRST, created_at, id",
    "-updated_at": "updated_at DESC NULLS LAST, created_at DESC, id DESC",
}
_DISCOUNT: TypeAdapter[Discount] = TypeAdapter(Discount)


async def add(
    conn: Connection,
    project_id: str,
    campaign_id: str,
    terms: Terms,
    *,
    partner_id: str,
    category_id: str | None,
    codes: Codes,
) -> None:
    await conn.execute(
        """
        INSERT INTO campaigns (
            project_id, id, name, growth, description, contract_notes, deal_url, landing_url,
            channel, discount, starts_at, ends_at, total_limit, per_customer_limit,
            commission_plan, margin_basis_points, metadata, category_id, partner_id, codes
        ) VALUES (
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
            $20
        )
        """,
        project_id,
        campaign_id,
        *_columns(terms),
        category_id,
        partner_id,
        asdict(codes),
    )


async def change(
    conn: Connection, project_id: str, campaign_id: str, terms: Terms, category_id: str | None
) -> None:
    """Write the terms as they now are, as the next version."""
    await conn.execute(
        """
        UPDATE campaigns SET name = $3, growth = $4, description = $5, contract_notes = $6,
            deal_url = $7, landing_url = $8, channel = $9, discount = $10, starts_at = $11,
            ends_at = $12, total_limit = $13, per_customer_limit = $14, commission_plan = $15,
            margin_basis_points = $16, metadata = $17, category_id = $18,
            version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        campaign_id,
        *_columns(terms),
        category_id,
    )


def _columns(terms: Terms) -> tuple[object, ...]:
    return (
        terms.name,
        terms.growth,
        terms.description,
        terms.contract_notes,
        terms.deal_url,
        terms.landing_url,
        terms.channel,
        terms.discount.model_dump(),
        terms.starts_at,
        terms.ends_at,
        terms.total_limit,
        terms.per_customer_limit,
        terms.commission_plan.model_dump(),
        terms.margin_basis_points,
        terms.metadata,
    )


async def lock(conn: Connection, project_id: str, campaign: str) -> Campaign | None:
    """Hold a campaign, named by id or name, until commit; then read it as it is behind the lock."""
    campaign_id = await conn.fetchval(
        """
        SELECT id FROM campaigns WHERE project_id = $1 AND (id = $2 OR name = $2)
        ORDER BY id = $2 DESC LIMIT 1 FOR NO KEY UPDATE
        """,
        project_id,
        campaign,
    )
    return None if campaign_id is None else await find(conn, project_id, campaign_id)


async def turn(conn: Connection, project_id: str, campaign_id: str, active: bool) -> None:
    """Switch a campaign, as its next version."""
    await conn.execute(
        """
        UPDATE campaigns SET active = $3, version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        campaign_id,
        active,
    )


async def advance(
    conn: Connection,
    project_id: str,
    *,
    partner_id: str | None = None,
    category_id: str | None = None,
) -> list[str]:
    """Give each campaign of a partner or category its next version: snapshots name them."""
    rows = await conn.fetch(
        """
        UPDATE campaigns SET version = version + 1, updated_at = now()
        WHERE project_id = $1 AND (partner_id = $2 OR category_id = $3) RETURNING id
        """,
        project_id,
        partner_id,
        category_id,
    )
    return [row["id"] for row in rows]


async def add_vouchers(conn: Connection, project_id: str, campaign_id: str, count: int) -> None:
    """Count codes that join a campaign; holds the campaign, so that no two calls count at once."""
    await conn.execute(
        """
        UPDATE campaigns SET vouchers_count = vouchers_count + $3
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        campaign_id,
        count,
    )


async def open_chunk(conn: Connection, project_id: str, campaign_id: str, count: int) -> int:
    """Count a chunk of codes and return its number, unique in the campaign."""
    number = await conn.fetchval(
        """
        UPDATE campaigns SET chunks = chunks + 1, vouchers_count = vouchers_count + $3
        WHERE project_id = $1 AND id = $2 RETURNING chunks
        """,
        project_id,
        campaign_id,
        count,
    )
    return int(number)


async def find(conn: Connection, project_id: str, campaign: str) -> Campaign | None:
    """Find a campaign by id or by name; an id wins."""
    row = await conn.fetchrow(
        """
        SELECT * FROM campaign_sheets WHERE project_id = $1 AND (id = $2 OR name = $2)
        ORDER BY id = $2 DESC LIMIT 1
        """,
        project_id,
        campaign,
    )
    return None if row is None else _campaign(row)


async def project_of(conn: Connection, campaign_id: str) -> str | None:
    """Return whose campaign this is; for links, which carry nothing but its id."""
    project_id: str | None = await conn.fetchval(
        "SELECT project_id FROM campaigns WHERE id = $1", campaign_id
    )
    return project_id


async def every(conn: Connection, project_id: str, campaigns: list[str]) -> list[Campaign]:
    """Return these campaigns, named by id."""
    rows = await conn.fetch(
        "SELECT * FROM campaign_sheets WHERE project_id = $1 AND id = ANY ($2) ORDER BY id",
        project_id,
        campaigns,
    )
    return [_campaign(row) for row in rows]


async def page(
    conn: Connection, project_id: str, order: Order, limit: int, offset: int
) -> tuple[list[Campaign], int]:
    """Return campaigns in this order, and how many there are in all."""
    rows = await conn.fetch(
        f"""
        SELECT * FROM campaign_sheets WHERE project_id = $1
        ORDER BY {_ORDERS[order]} LIMIT $2 OFFSET $3
        """,  # noqa: S608 - the order is one of ours
        project_id,
        limit,
        offset,
    )
    total = await conn.fetchval("SELECT count(*) FROM campaigns WHERE project_id = $1", project_id)
    return [_campaign(row) for row in rows], total


def _campaign(row: asyncpg.Record) -> Campaign:
    codes = row["codes"]
    category = row["category_id"]
    return Campaign(
        id=row["id"],
        version=row["version"],
        active=row["active"],
        currency=row["currency"],
        terms=Terms(
            name=row["name"],
            growth=row["growth"],
            description=row["description"],
            contract_notes=row["contract_notes"],
            deal_url=row["deal_url"],
            landing_url=row["landing_url"],
            channel=row["channel"],
            discount=_DISCOUNT.validate_python(row["discount"]),
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            total_limit=row["total_limit"],
            per_customer_limit=row["per_customer_limit"],
            commission_plan=CommissionPlan.model_validate(row["commission_plan"]),
            margin_basis_points=row["margin_basis_points"],
            metadata=row["metadata"],
        ),
        partner=Named(id=row["partner_id"], name=row["partner_name"]),
        category=None if category is None else Named(id=category, name=row["category_name"]),
        codes=Codes(Shape(**codes["shape"]), codes["quantity"], codes["quantity_given"]),
        vouchers_count=row["vouchers_count"],
        issuing=row["issuing"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
