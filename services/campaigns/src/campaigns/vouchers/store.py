"""Vouchers of a project: one row per code."""

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg

from campaigns.catalogue import Assignment
from campaigns.model import Metadata, Voucher
from contracts.vouchers import IssuedCode
from servicekit.postgres.pool import Connection


async def add(
    conn: Connection,
    project_id: str,
    campaign_id: str,
    issued: IssuedCode,
    *,
    generated: bool,
    quantity: int | None,
    metadata: Metadata,
    active: bool = True,
) -> Voucher:
    """Add one code; one that the project has already raises a unique violation."""
    [row] = await conn.fetch(
        """
        INSERT INTO vouchers
            (project_id, id, code, campaign_id, generated, quantity, metadata, active)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *
        """,
        project_id,
        issued.id,
        issued.code,
        campaign_id,
        generated,
        quantity,
        metadata,
        active,
    )
    return voucher_of(row)


async def add_chunk(
    conn: Connection,
    project_id: str,
    campaign_id: str,
    chunk: int,
    issued: Sequence[IssuedCode],
    *,
    quantity: int | None,
    active: bool,
    metadata: Metadata,
) -> None:
    """Add a chunk of drawn codes; one that the project has already raises a unique violation."""
    await conn.copy_records_to_table(
        "vouchers",
        columns=(
            "project_id",
            "id",
            "code",
            "campaign_id",
            "generated",
            "chunk",
            "quantity",
            "active",
            "metadata",
        ),
        records=[
            (project_id, new.id, new.code, campaign_id, True, chunk, quantity, active, metadata)
            for new in issued
        ],
    )


async def existing_codes(conn: Connection, project_id: str, codes: Collection[str]) -> set[str]:
    """Return those of the codes that the project has already, or had until they were purged."""
    rows = await conn.fetch(
        """
        SELECT code FROM vouchers WHERE project_id = $1 AND code = ANY ($2)
        UNION ALL SELECT code FROM retired_codes WHERE project_id = $1 AND code = ANY ($2)
        """,
        project_id,
        list(codes),
    )
    return {row["code"] for row in rows}


async def any_retired(conn: Connection, project_id: str, codes: Collection[str]) -> bool:
    """Tell whether one of these was purged. Asked behind the insert, it misses no purge."""
    return bool(
        await conn.fetchval(
            """
            SELECT EXISTS (
                SELECT FROM retired_codes WHERE project_id = $1 AND code = ANY ($2::text[])
            )
            """,
            project_id,
            list(codes),
        )
    )


async def lock(conn: Connection, project_id: str, voucher: str) -> Voucher | None:
    """Hold a voucher, named by id or code, until commit; then read it as it is behind the lock."""
    voucher_id = await conn.fetchval(
        """
        SELECT id FROM vouchers WHERE project_id = $1 AND (id = $2 OR code = $2)
        ORDER BY id = $2 DESC LIMIT 1 FOR NO KEY UPDATE
        """,
        project_id,
        voucher,
    )
    return None if voucher_id is None else await find(conn, project_id, voucher_id)


async def set_active(conn: Connection, project_id: str, voucher_id: str, active: bool) -> Voucher:
    """Switch a code, as its next version."""
    [row] = await conn.fetch(
        """
        UPDATE vouchers SET active = $3, version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2 RETURNING *, rules_of_code(project_id, id) AS rules
        """,
        project_id,
        voucher_id,
        active,
    )
    return voucher_of(row)


async def change(conn: Connection, project_id: str, voucher: Voucher) -> Voucher:
    """Write what may change of a code, as its next version."""
    [row] = await conn.fetch(
        """
        UPDATE vouchers SET active = $3, quantity = $4, metadata = $5, active_from_version = $6,
            version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2 RETURNING *, rules_of_code(project_id, id) AS rules
        """,
        project_id,
        voucher.id,
        voucher.active,
        voucher.quantity,
        voucher.metadata,
        voucher.active_from_version,
    )
    return voucher_of(row)


async def find(conn: Connection, project_id: str, voucher: str) -> Voucher | None:
    """Find a voucher by id or code; an id wins."""
    row = await conn.fetchrow(
        """
        SELECT *, rules_of_code(project_id, id) AS rules FROM vouchers
        WHERE project_id = $1 AND (id = $2 OR code = $2) ORDER BY id = $2 DESC LIMIT 1
        """,
        project_id,
        voucher,
    )
    return None if row is None else voucher_of(row)


async def public_code(conn: Connection, project_id: str, campaign_id: str) -> str | None:
    """Return the campaign's first code that has uses left and is not one shopper's own."""
    code: str | None = await conn.fetchval(
        """
        SELECT code FROM vouchers
        WHERE project_id = $1 AND campaign_id = $2 AND NOT generated AND active
            AND deleted_at IS NULL AND publication_id IS NULL
            AND (quantity IS NULL OR redeemed_quantity < quantity)
        ORDER BY created_at, id LIMIT 1
        """,
        project_id,
        campaign_id,
    )
    return code


async def get_many(
    conn: Connection, project_id: str, voucher_ids: Collection[str]
) -> list[Voucher]:
    """Return these vouchers, named by id, in no order."""
    rows = await conn.fetch(
        """
        SELECT *, rules_of_code(project_id, id) AS rules FROM vouchers
        WHERE project_id = $1 AND id = ANY ($2)
        """,
        project_id,
        list(voucher_ids),
    )
    return [voucher_of(row) for row in rows]


async def enforced(
    conn: Connection, project_id: str, voucher_ids: Sequence[str]
) -> dict[str, bool]:
    """Tell of each of these codes whether redemption has confirmed how it is now."""
    rows = await conn.fetch(
        """
        SELECT v.id, coalesce(a.version, 0) >= v.version AS enforced FROM vouchers AS v
        LEFT JOIN applied_versions AS a
            ON a.project_id = v.project_id AND a.kind = 'voucher' AND a.id = v.id
        WHERE v.project_id = $1 AND v.id = ANY ($2)
        """,
        project_id,
        list(voucher_ids),
    )
    return {row["id"]: row["enforced"] for row in rows}


def voucher_of(row: asyncpg.Record) -> Voucher:
    own_rules = row.get("rules") or ()
    return Voucher(
        id=row["id"],
        code=row["code"],
        campaign_id=row["campaign_id"],
        generated=row["generated"],
        active=row["active"],
        version=row["version"],
        quantity=row["quantity"],
        redeemed_quantity=row["redeemed_quantity"],
        metadata=row["metadata"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
        publication_id=row["publication_id"],
        holder_id=row["holder_id"],
        published_at=row["published_at"],
        ends_at=row["ends_at"],
        active_from_version=row["active_from_version"],
        rules=tuple(
            Assignment(
                id=each["id"],
                rule_id=each["rule_id"],
                campaign_id=row["campaign_id"],
                created_at=datetime.fromisoformat(each["created_at"]),
                voucher_id=row["id"],
            )
            for each in own_rules
        ),
    )
