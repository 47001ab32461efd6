"""Statements that keep `voucher_listing` and `voucher_counts`, beside their triggers."""

from typing import Final

from servicekit.postgres.pool import Connection

LOCK: Final = 0x6C697374  # "list": of two workers one follows
NOTES: Final = 5  # at once; each names a thousand codes at most
ENDED: Final = 5_000  # at once


async def follow_uses(conn: Connection) -> int:
    """Take the oldest notes of moved counts into the listing; return how many codes moved there.

    The count is read anew: a code that was noted often moves once.
    """
    if not await conn.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
        return 0
    moved = await conn.fetchval(
        """
        WITH taken AS (
            DELETE FROM moved_uses WHERE id = ANY (ARRAY(
                SELECT id FROM moved_uses ORDER BY id LIMIT $1
            )) RETURNING project_id, voucher_ids
        ), codes AS (
            SELECT DISTINCT project_id, unnest(voucher_ids) AS voucher_id FROM taken
        ), counted AS (
            SELECT codes.*, v.redeemed_quantity FROM codes CROSS JOIN LATERAL (
                SELECT redeemed_quantity FROM vouchers AS v
                WHERE v.project_id = codes.project_id AND v.id = codes.voucher_id OFFSET 0
            ) AS v
        ), moved AS (
            UPDATE voucher_listing AS l SET redeemed_quantity = counted.redeemed_quantity
            FROM counted
            WHERE l.project_id = counted.project_id AND l.voucher_id = counted.voucher_id
                AND l.redeemed_quantity <> counted.redeemed_quantity
            RETURNING 1
        )
        SELECT count(*) FROM moved
        """,
        NOTES,
    )
    return int(moved)


async def follow_ends(conn: Connection) -> int:
    """Take into the listing that codes have come to their own ends; return how many did."""
    if not await conn.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
        return 0
    over = await conn.fetchval(
        """
        WITH ended AS (
            SELECT project_id, voucher_id FROM voucher_listing
            WHERE ends_at <= now() AND NOT over ORDER BY ends_at LIMIT $1
        ), over AS (
            UPDATE voucher_listing AS l SET over = true FROM ended
            WHERE l.project_id = ended.project_id AND l.voucher_id = ended.voucher_id
            RETURNING 1
        )
        SELECT count(*) FROM over
        """,
        ENDED,
    )
    return int(over)


async def fold(conn: Connection) -> None:
    """Add up the rows of a campaign's codes in a state: one remains of each."""
    if not await conn.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
        return
    await conn.execute(
        """
        WITH many AS (
            SELECT project_id, campaign_id, state FROM voucher_counts
            GROUP BY 1, 2, 3 HAVING count(*) > 1
        ), gone AS (
            DELETE FROM voucher_counts AS c USING many
            WHERE c.project_id = many.project_id AND c.campaign_id = many.campaign_id
                AND c.state = many.state
            RETURNING c.*
        )
        INSERT INTO voucher_counts
        SELECT project_id, campaign_id, state, sum(count), min(oldest), max(newest) FROM gone
        GROUP BY 1, 2, 3 HAVING sum(count) <> 0
        """
    )
