"""What is counted in a campaign beside its own uses and those of its codes.

Those two stand elsewhere, because they are read there anyway: a campaign's uses in its lock, a
code's beside the code.
"""

from collections.abc import Collection, Mapping, Sequence

from redemption.claims.limits import CAMPAIGN, CODE
from redemption.model import CampaignKey, CounterKey
from redemption.store.columns import columns
from redemption.store.sums import kept
from servicekit.postgres.pool import Connection
from servicekit.postgres.reading import Question, Row
from servicekit.postgres.writing import Statement

ELSEWHERE = frozenset({CAMPAIGN, CODE})


def question(counters: Collection[CounterKey]) -> Question:
    """Ask for counters, behind their campaigns' locks or after their revisions."""
    return Question(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
            AS asked (p, c, k, s)
        CROSS JOIN LATERAL (
            SELECT project_id, campaign_id, kind, subject, used FROM counters
            WHERE project_id = p AND campaign_id = c AND kind = k AND subject = s OFFSET 0
        ) AS found
        """,
        columns(counters, 4),
        len(counters),
    )


def found(rows: Sequence[Row]) -> dict[CounterKey, int]:
    """Return what is used of them; one that is not there is 0."""
    return {CounterKey(p, c, kind, subject): used for p, c, kind, subject, used in rows}


def set_used(used: Mapping[CounterKey, int]) -> Statement:
    """Set counters, behind their campaigns' locks."""
    return Statement(
        """
        INSERT INTO counters (project_id, campaign_id, kind, subject, used)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
        ON CONFLICT (project_id, campaign_id, kind, subject) DO UPDATE SET used = excluded.used
        """,
        (*columns(used, 4), list(map(kept, used.values()))),
    )


async def drop(conn: Connection, campaign: CampaignKey, kinds: Collection[str]) -> None:
    """Drop all counters of these kinds, behind the campaign's lock."""
    await conn.execute(
        "DELETE FROM counters WHERE project_id = $1 AND campaign_id = $2 AND kind = ANY ($3)",
        *campaign,
        list(kinds),
    )
