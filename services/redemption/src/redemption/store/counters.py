"""What is counted in a campaign beside its own uses and those of its codes.

Those two stand elsewhere, because they are read there anyway: a campaign's uses in its lock, a
code's beside the code.
"""

from collections.abc import Collection, Mapping

from redemption.limits import CAMPAIGN, CODE
from redemption.model import CampaignKey, CounterKey
from redemption.store.columns import columns
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Statement

ELSEWHERE = frozenset({CAMPAIGN, CODE})


async def load(conn: Connection, counters: Collection[CounterKey]) -> dict[CounterKey, int]:
    """Read counters behind their campaigns' locks; one that is not there is 0."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
            AS asked (p, c, k, s)
        CROSS JOIN LATERAL (
            SELECT project_id, campaign_id, kind, subject, used FROM counters
            WHERE project_id = p AND campaign_id = c AND kind = k AND subject = s OFFSET 0
        ) AS found
        """,
        *columns(counters, 4),
    )
    return {
        CounterKey(r["project_id"], r["campaign_id"], r["kind"], r["subject"]): r["used"]
        for r in rows
    }


def set_used(used: Mapping[CounterKey, int]) -> Statement:
    """Set counters, behind their campaigns' locks."""
    return Statement(
        """
        INSERT INTO counters (project_id, campaign_id, kind, subject, used)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
        ON CONFLICT (project_id, campaign_id, kind, subject) DO UPDATE SET used = excluded.used
        """,
        (*columns(used, 4), list(used.values())),
    )


async def drop(conn: Connection, campaign: CampaignKey, kinds: Collection[str]) -> None:
    """Drop all counters of these kinds, behind the campaign's lock."""
    await conn.execute(
        "DELETE FROM counters WHERE project_id = $1 AND campaign_id = $2 AND kind = ANY ($3)",
        *campaign,
        list(kinds),
    )
