"""Publications, and what they take: codes that are nobody's yet."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from campaigns.model import Publication, Voucher
from campaigns.vouchers.store import voucher_of
from servicekit.postgres.pool import Connection


async def lock_source(conn: Connection, digest: bytes) -> None:
    """Let one publication at a time have this id of a client's, until commit."""
    await conn.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('publication:' || $1, 0))", digest.hex()
    )


async def lock_customer(conn: Connection, campaign_id: str, customer_id: str) -> None:
    """Let one publication at a time give this customer something of the campaign, until commit."""
    await conn.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('holder:' || $1 || ':' || $2, 0))",
        campaign_id,
        customer_id,
    )


async def keep_allotments_away(conn: Connection, campaign_id: str) -> None:
    """Let nobody share of this campaign until commit; other publications go on beside this one."""
    await conn.execute(
        "SELECT pg_advisory_xact_lock_shared(hashtextextended('share:' || $1, 0))", campaign_id
    )


async def take_free(
    conn: Connection, project_id: str, campaign_id: str, count: int
) -> list[Voucher]:
    """Hold so many of a campaign's unique codes that are nobody's, or fewer; newest first.

    Active and unused ones, given to no partner. Nor any with rules of their own: who asks for
    whichever is not to get one that is worth less. What a rival holds is passed over: it is his.
    """
    rows = await conn.fetch(
        """
        SELECT v.* FROM voucher_listing AS l
        JOIN vouchers AS v ON v.project_id = l.project_id AND v.id = l.voucher_id
        WHERE l.project_id = $1 AND l.campaign_id = $2 AND l.state = 7 AND NOT l.published
            AND v.generated AND v.active AND v.deleted_at IS NULL AND v.redeemed_quantity = 0
            AND v.publication_id IS NULL
            AND NOT EXISTS (
                SELECT FROM shared_codes AS s
                WHERE s.project_id = l.project_id AND s.voucher_id = l.voucher_id
            )
            AND NOT EXISTS (
                SELECT FROM rule_assignments AS a
                WHERE a.project_id = l.project_id AND a.voucher_id = l.voucher_id
            )
        ORDER BY l.created_at DESC, l.voucher_id DESC LIMIT $3
        FOR NO KEY UPDATE OF v SKIP LOCKED
        """,
        project_id,
        campaign_id,
        count,
    )
    return [voucher_of(row) for row in rows]


async def give(
    conn: Connection,
    project_id: str,
    voucher_ids: Sequence[str],
    *,
    publication_id: str,
    customer_id: str,
    at: datetime,
    ends_at: datetime | None,
) -> dict[str, Voucher]:
    """Make codes that are held a customer's own, as their next versions; return them by id."""
    rows = await conn.fetch(
        """
        UPDATE vouchers SET publication_id = $3, holder_id = $4, published_at = $5, ends_at = $6,
            version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = ANY ($2::text[]) AND publication_id IS NULL
        RETURNING *, rules_of_code(project_id, id) AS rules
        """,
        project_id,
        voucher_ids,
        publication_id,
        customer_id,
        at,
        ends_at,
    )
    return {row["id"]: voucher_of(row) for row in rows}


async def add(
    conn: Connection, project_id: str, made: Publication, source_digest: bytes | None
) -> None:
    await conn.execute(
        """
        INSERT INTO publications (
            project_id, id, campaign_id, customer_id, voucher_ids, codes, channel, metadata,
            source_id, source_digest, wish, created_at
        ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        project_id,
        made.id,
        made.campaign_id,
        made.customer_id,
        made.voucher_ids,
        made.codes,
        made.channel,
        made.metadata,
        made.source_id,
        source_digest,
        made.wish,
        made.created_at,
    )


async def add_answered(
    conn: Connection, project_id: str, source_digest: bytes, publication_id: str, wish: bytes
) -> None:
    """Keep that this wish by a client's own id was answered with an earlier publication."""
    await conn.execute(
        """
        INSERT INTO answered_publications (project_id, source_digest, publication_id, wish)
        VALUES ($1, $2, $3, $4)
        """,
        project_id,
        source_digest,
        publication_id,
        wish,
    )


async def of_source(
    conn: Connection, project_id: str, digest: bytes
) -> tuple[Publication, bytes] | None:
    """Return what was answered to this id of a client's, and the wish that it came with."""
    row = await conn.fetchrow(
        """
        SELECT *, wish AS asked FROM publications WHERE project_id = $1 AND source_digest = $2
        UNION ALL
        SELECT p.*, a.wish FROM answered_publications AS a
        JOIN publications AS p ON p.project_id = a.project_id AND p.id = a.publication_id
        WHERE a.project_id = $1 AND a.source_digest = $2
        """,
        project_id,
        digest,
    )
    return None if row is None else (publication_of(row), row["asked"])


async def latest_that_holds(
    conn: Connection, project_id: str, campaign_id: str, customer_id: str
) -> Publication | None:
    """Return the last that gave a customer something of the campaign that has not gone or ended.

    What is used up or switched off, or lies in the bin, was given all the same.
    """
    row = await conn.fetchrow(
        """
        SELECT * FROM publications AS p
        WHERE project_id = $1 AND customer_id = $2 AND campaign_id = $3 AND EXISTS (
            SELECT FROM vouchers AS v
            WHERE v.project_id = p.project_id AND v.id = ANY (p.voucher_ids)
                AND (v.ends_at IS NULL OR v.ends_at > clock_timestamp())
        )
        ORDER BY created_at DESC, id DESC LIMIT 1
        """,
        project_id,
        customer_id,
        campaign_id,
    )
    return None if row is None else publication_of(row)


async def find(conn: Connection, project_id: str, publication_id: str) -> Publication | None:
    row = await conn.fetchrow(
        "SELECT * FROM publications WHERE project_id = $1 AND id = $2", project_id, publication_id
    )
    return None if row is None else publication_of(row)


async def forget_person(conn: Connection, project_id: str, customer_ids: Sequence[str]) -> int:
    """Forget what was said of who these customers are; return of how many publications.

    The pseudonyms stay, and so do the codes that they hold, and by what a repeat is known.
    """
    status = await conn.execute(
        """
        UPDATE publications SET source_id = NULL, metadata = '{}'
        WHERE project_id = $1 AND customer_id = ANY ($2::text[])
            AND (source_id IS NOT NULL OR metadata <> '{}')
        """,
        project_id,
        customer_ids,
    )
    return int(status.rpartition(" ")[2])


def publication_of(row: asyncpg.Record) -> Publication:
    return Publication(
        id=row["id"],
        campaign_id=row["campaign_id"],
        customer_id=row["customer_id"],
        voucher_ids=tuple(row["voucher_ids"]),
        codes=tuple(row["codes"]),
        channel=row["channel"],
        metadata=row["metadata"],
        source_id=row["source_id"],
        created_at=row["created_at"],
        wish=row["wish"],
    )
