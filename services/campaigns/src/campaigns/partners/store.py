"""Partners of a project."""

import asyncpg

from campaigns.model import Metadata, Partner
from servicekit.postgres.pool import Connection


def _partner(row: asyncpg.Record) -> Partner:
    return Partner(
        id=row["id"],
        name=row["name"],
        contract_notes=row["contract_notes"],
        deal_url=row["deal_url"],
        landing_url=row["landing_url"],
        contact=row["contact"],
        metadata=row["metadata"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def add(
    conn: Connection,
    project_id: str,
    partner_id: str,
    name: str,
    *,
    contract_notes: str | None = None,
    deal_url: str | None = None,
    landing_url: str | None = None,
    contact: str | None = None,
    metadata: Metadata | None = None,
) -> str:
    await conn.execute(
        """
        INSERT INTO partners
            (project_id, id, name, contract_notes, deal_url, landing_url, contact, metadata)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        project_id,
        partner_id,
        name,
        contract_notes,
        deal_url,
        landing_url,
        contact,
        metadata or {},
    )
    return partner_id


async def change(conn: Connection, project_id: str, partner: Partner) -> None:
    await conn.execute(
        """
        UPDATE partners SET name = $3, contract_notes = $4, deal_url = $5, landing_url = $6,
            contact = $7, metadata = $8, version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        partner.id,
        partner.name,
        partner.contract_notes,
        partner.deal_url,
        partner.landing_url,
        partner.contact,
        partner.metadata,
    )


async def find(conn: Connection, project_id: str, partner_id: str) -> Partner | None:
    row = await conn.fetchrow(
        "SELECT * FROM partners WHERE project_id = $1 AND id = $2", project_id, partner_id
    )
    return None if row is None else _partner(row)


async def find_by_name(conn: Connection, project_id: str, name: str) -> Partner | None:
    row = await conn.fetchrow(
        "SELECT * FROM partners WHERE project_id = $1 AND name = $2", project_id, name
    )
    return None if row is None else _partner(row)


async def page(
    conn: Connection, project_id: str, limit: int, offset: int
) -> tuple[list[Partner], int]:
    """Return partners, newest first, and how many there are in all."""
    rows = await conn.fetch(
        """
        SELECT * FROM partners WHERE project_id = $1
        ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3
        """,
        project_id,
        limit,
        offset,
    )
    total = await conn.fetchval("SELECT count(*) FROM partners WHERE project_id = $1", project_id)
    return [_partner(row) for row in rows], total
