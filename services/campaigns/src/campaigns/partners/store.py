"""Partners of a project. Reads go through the view that adds how far a switch got."""

from typing import Literal

import asyncpg

from campaigns.model import Metadata, Partner, PartnerStatus
from servicekit.postgres.pool import Connection

SortBy = Literal["created_at", "-created_at", "name", "-name"]

_ORDER_BY: dict[SortBy, str] = {
    "created_at": "created_at, id",
    "-created_at": "created_at DESC, id DESC",
    "name": "lower(name), id",
    "-name": "lower(name) DESC, id DESC",
}


def _partner(row: asyncpg.Record) -> Partner:
    return Partner(
        id=row["id"],
        name=row["name"],
        active=row["active"],
        status=row["status"],
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
    """Write what may change, as the next version."""
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


async def set_active(conn: Connection, project_id: str, partner_id: str, active: bool) -> None:
    """Switch a partner, as its next version."""
    await conn.execute(
        """
        UPDATE partners SET active = $3, version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        partner_id,
        active,
    )


async def lock(conn: Connection, project_id: str, partner_id: str) -> Partner | None:
    """Hold a partner until commit; then read it as it is behind the lock."""
    await conn.execute(
        "SELECT FROM partners WHERE project_id = $1 AND id = $2 FOR NO KEY UPDATE",
        project_id,
        partner_id,
    )
    return await find(conn, project_id, partner_id)


async def keep_as_is(conn: Connection, project_id: str, partner_id: str) -> bool:
    """Keep a partner's switch and name as they are until commit, and tell whether it exists.

    A campaign is published with both, and a switch thrown beside it would not find it yet.
    """
    found = await conn.fetchval(
        "SELECT true FROM partners WHERE project_id = $1 AND id = $2 FOR SHARE",
        project_id,
        partner_id,
    )
    return bool(found)


async def find(conn: Connection, project_id: str, partner_id: str) -> Partner | None:
    row = await conn.fetchrow(
        "SELECT * FROM partner_sheets WHERE project_id = $1 AND id = $2", project_id, partner_id
    )
    return None if row is None else _partner(row)


async def id_of_name(conn: Connection, project_id: str, name: str) -> str | None:
    found: str | None = await conn.fetchval(
        "SELECT id FROM partners WHERE project_id = $1 AND name = $2", project_id, name
    )
    return found


async def landing_url(conn: Connection, project_id: str, partner_id: str) -> str | None:
    """Return where a partner's links lead unless their campaign says so; links ask at each look."""
    url: str | None = await conn.fetchval(
        "SELECT landing_url FROM partners WHERE project_id = $1 AND id = $2", project_id, partner_id
    )
    return url


async def page(
    conn: Connection,
    project_id: str,
    *,
    text: str | None,
    status: PartnerStatus | None,
    sort_by: SortBy,
    limit: int,
    offset: int,
) -> tuple[list[Partner], int]:
    """Return partners in this order, and how many there are in all; None does not narrow.

    `text` is a part of the name or of the contact, in any case.
    """
    matching = """
        FROM partner_sheets WHERE project_id = $1
            AND ($2::text IS NULL OR strpos(lower(name), lower($2)) > 0
                OR strpos(lower(contact), lower($2)) > 0)
            AND ($3::text IS NULL OR status = $3)
    """
    rows = await conn.fetch(
        f"SELECT * {matching} ORDER BY {_ORDER_BY[sort_by]} LIMIT $4 OFFSET $5",
        project_id,
        text,
        status,
        limit,
        offset,
    )
    total = await conn.fetchval(f"SELECT count(*) {matching}", project_id, text, status)
    return [_partner(row) for row in rows], total
