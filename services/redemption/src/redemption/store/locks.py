"""The lock of each campaign, and what only its holder reads truly: version, switch, uses."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from contracts.campaigns import CampaignSnapshot
from redemption.model import CampaignKey
from redemption.store.columns import columns
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Statement


class Lock(NamedTuple):
    """A campaign's state; a version of None is a campaign of which only codes have arrived.

    What was read with the revision, or after it, is true for whoever locks the same one later.
    """

    version: int | None
    active: bool
    used: int
    revision: int


async def lock_campaigns(
    conn: Connection, campaigns: Collection[CampaignKey]
) -> dict[CampaignKey, Lock]:
    """Lock campaigns until commit, in one order in every process: no deadlock, no oversale.

    A statement that waits for a lock returns the row as its last holder left it.
    """
    rows = await conn.fetch(
        """
        SELECT locked.* FROM (
            SELECT p, c FROM unnest($1::text[], $2::text[]) AS asked (p, c)
            ORDER BY p COLLATE "C", c COLLATE "C"
        ) AS in_order
        CROSS JOIN LATERAL (
            SELECT project_id, campaign_id, version, active, used, revision FROM campaign_locks
            WHERE project_id = p AND campaign_id = c FOR NO KEY UPDATE
        ) AS locked
        """,
        *columns(campaigns, 2),
    )
    return {(project_id, campaign_id): Lock(*state) for project_id, campaign_id, *state in rows}


async def make_and_lock(
    conn: Connection, campaigns: Sequence[CampaignKey]
) -> dict[CampaignKey, Lock]:
    """Take the locks that decisions take, to change what decisions go by; make those that lack."""
    keys = sorted(set(campaigns))
    await conn.execute(
        """
        INSERT INTO campaign_locks (project_id, campaign_id)
        SELECT p, c FROM unnest($1::text[], $2::text[]) AS asked (p, c)
        ORDER BY p COLLATE "C", c COLLATE "C" ON CONFLICT (project_id, campaign_id)
        DO UPDATE SET revision = campaign_locks.revision + 1
        """,
        *columns(keys, 2),
    )
    return await lock_campaigns(conn, keys)


async def lock_names(
    conn: Connection, *, exclusive: Collection[str], shared: Collection[str]
) -> None:
    """Lock what has no row of its own yet until commit, after campaigns and in one order.

    Who changes a segment waits for whoever puts a campaign in force that names it, and is waited
    for: whichever comes second sees what the first did.
    """
    names = sorted({*exclusive, *shared})
    if names:
        await conn.execute(
            """
            SELECT CASE WHEN alone THEN pg_advisory_xact_lock(name)
                ELSE pg_advisory_xact_lock_shared(name) END
            FROM (
                SELECT hashtextextended(n, 0) AS name, bool_or(a) AS alone
                FROM unnest($1::text[], $2::bool[]) AS asked (n, a) GROUP BY 1 ORDER BY 1
            ) AS in_order
            """,
            names,
            [name in exclusive for name in names],
        )


async def set_versions(conn: Connection, campaigns: Mapping[CampaignKey, CampaignSnapshot]) -> None:
    """Put versions and their switches in force, behind the locks."""
    await conn.execute(
        """
        UPDATE campaign_locks SET version = v, active = a
        FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bool[]) AS newer (p, c, v, a)
        WHERE project_id = p AND campaign_id = c
        """,
        *columns(campaigns, 2),
        [each.version for each in campaigns.values()],
        [each.active for each in campaigns.values()],
    )


def set_used(used: Mapping[CampaignKey, int]) -> Statement:
    """Set what campaigns have used, behind their locks."""
    return Statement(
        """
        INSERT INTO campaign_locks (project_id, campaign_id, used)
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
        ON CONFLICT (project_id, campaign_id)
        DO UPDATE SET used = excluded.used, revision = campaign_locks.revision + 1
        """,
        (*columns(used, 2), list(used.values())),
    )


def set_used_if_unchanged(
    used: Mapping[CampaignKey, int], as_read: Mapping[CampaignKey, int]
) -> Statement:
    """Set what campaigns have used, each of which locks it, where the revision is as it was read.

    Raises SerializationError where it is another, whoever was waited for. The locks are taken in
    the order in which everybody takes them.
    """
    return Statement(
        """
        SELECT use_unchanged(p, c, r, u) FROM (
            SELECT p, c, r, u
            FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS asked (p, c, r, u)
            ORDER BY p COLLATE "C", c COLLATE "C"
        ) AS in_order
        """,
        (*columns(as_read, 2), list(as_read.values()), [used[key] for key in as_read]),
    )
