"""The lock of each campaign, and what only its holder reads truly: version, switch, uses."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from contracts.campaigns import CampaignSnapshot
from redemption.model import CampaignKey
from redemption.store.columns import columns
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Statement

REPORTING: Final = 0x5E65  # apart from other locks of the same text


class Lock(NamedTuple):
    """A campaign's state; a version of None is a campaign of which only codes have arrived.

    What was read with the revision, or after it, is true for whoever locks the same one later. It
    `reports` where outcomes of its project tell segments.
    """

    version: int | None
    active: bool
    used: int
    revision: int
    reports: bool


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
            SELECT project_id, campaign_id, version, active, used, revision, reports
            FROM campaign_locks
            WHERE project_id = p AND campaign_id = c FOR NO KEY UPDATE
        ) AS locked
        """,
        *columns(campaigns, 2),
    )
    return {(project_id, campaign_id): Lock(*state) for project_id, campaign_id, *state in rows}


async def make_and_lock(
    conn: Connection, campaigns: Sequence[CampaignKey]
) -> dict[CampaignKey, Lock]:
    """Take the locks that decisions take, to change what decisions go by; make those that lack.

    Whoever makes one keeps its project from being reported otherwise until the commit.
    """
    keys = sorted(set(campaigns))
    await keep_reporting(conn, {project_id for project_id, _ in keys})
    await conn.execute(
        """
        INSERT INTO campaign_locks (project_id, campaign_id, reports)
        SELECT p, c, EXISTS (SELECT FROM segments WHERE project_id = p AND in_reports)
        FROM unnest($1::text[], $2::text[]) AS asked (p, c)
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


async def keep_reporting(
    conn: Connection, project_ids: Collection[str], *, exclusive: bool = False
) -> None:
    """Let nobody change whether these projects report segments until commit; or only ourselves.

    Taken before campaigns' locks, or held already: so a campaign that is made meanwhile knows.
    """
    take = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    await conn.execute(
        f"""
        SELECT {take}(hashtextextended(p, {REPORTING}))
        FROM (SELECT p FROM unnest($1::text[]) AS asked (p) ORDER BY p COLLATE "C") AS in_order
        """,  # noqa: S608 - our own words
        sorted(project_ids),
    )


async def set_reporting(conn: Connection, project_ids: Collection[str]) -> None:
    """Tell decisions whether these projects report segments, behind all their campaigns' locks."""
    await conn.execute(
        """
        UPDATE campaign_locks SET reports = NOT reports
        WHERE project_id = ANY ($1::text[]) AND reports <> EXISTS (
            SELECT FROM segments
            WHERE segments.project_id = campaign_locks.project_id AND in_reports
        )
        """,
        list(project_ids),
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
