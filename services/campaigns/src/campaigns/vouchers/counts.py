"""How often codes were used, as outcomes tell: beside each code, and summed up by campaign."""

from collections.abc import Collection
from dataclasses import dataclass

from servicekit.postgres.pool import Connection

USES_LOCK = 0x75736573  # "uses": a name for the lock of those who follow them


@dataclass(frozen=True, slots=True)
class UseCount:
    """What an outcome told of a voucher: its uses, and which outcome of that voucher it was."""

    project_id: str
    voucher_id: str
    uses: int
    sequence: int


async def update_uses(conn: Connection, latest: Collection[UseCount]) -> int:
    """Follow redemption's counts, and add them up by campaign; an older outcome changes nothing.

    Each code stands in `latest` once. One follower at a time: two would take the same rows in
    different orders, and locking each row first writes it twice. Whoever else writes codes that
    exist takes one. Notes whose counts moved, for lists to follow. Returns how many changed.
    """
    await conn.execute("SELECT pg_advisory_xact_lock($1)", USES_LOCK)
    followed = await conn.fetchval(
        """
        WITH followed AS (
            UPDATE vouchers AS v SET redeemed_quantity = latest.uses, sequence = latest.sequence
            FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
                AS latest (project_id, id, uses, sequence)
            WHERE v.project_id = latest.project_id AND v.id = latest.id
                AND v.sequence < latest.sequence
            RETURNING v.project_id, v.id, v.campaign_id,
                new.redeemed_quantity - old.redeemed_quantity AS more
        ), added_up AS (
            INSERT INTO campaign_uses AS c (project_id, campaign_id, uses)
            SELECT project_id, campaign_id, sum(more) FROM followed GROUP BY project_id, campaign_id
            ON CONFLICT (project_id, campaign_id) DO UPDATE SET uses = c.uses + excluded.uses
        ), noted AS (
            INSERT INTO moved_uses (project_id, voucher_ids)
            SELECT project_id, array_agg(id) FROM (
                SELECT project_id, id, row_number() OVER (PARTITION BY project_id) / 1000 AS part
                FROM followed
            ) AS moved GROUP BY project_id, part
        )
        SELECT count(*) FROM followed
        """,
        [count.project_id for count in latest],
        [count.voucher_id for count in latest],
        [count.uses for count in latest],
        [count.sequence for count in latest],
    )
    return int(followed)
