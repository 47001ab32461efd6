"""The lock of each campaign, and what only its holder reads truly: version, switch, uses."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from contracts.campaigns import CampaignSnapshot
from redemption.model import CampaignKey
from redemption.store.columns import columns
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Statement


class Lock(NamedTuple):
    """A campaign's state; a version of None is a campaign of which only codes have arrived."""

    version: int | None
    active: bool
    used: int


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
            SELECT project_id, campaign_id, version, active, used FROM campaign_locks
            WHERE project_id = p AND campaign_id = c FOR NO KEY UPDATE
        ) AS locked
        """,
        *columns(campaigns, 2),
    )
    return {
        (r["project_id"], r["campaign_id"]): Lock(r["version"], r["active"], r["used"])
        for r in rows
    }


async def read_campaigns(
    conn: Connection, campaigns: Collection[CampaignKey]
) -> dict[CampaignKey, Lock]:
    """Read the same without locking: good for a forecast, not for a decision."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, c)
        CROSS JOIN LATERAL (
            SELECT project_id, campaign_id, version, active, used FROM campaign_locks
            WHERE project_id = p AND campaign_id = c OFFSET 0
        ) AS found
        """,
        *columns(campaigns, 2),
    )
    return {
        (r["project_id"], r["campaign_id"]): Lock(r["version"], r["active"], r["used"])
        for r in rows
    }


async def make_and_lock(
    conn: Connection, campaigns: Sequence[CampaignKey]
) -> dict[CampaignKey, Lock]:
    """Take the locks that decisions take, making those that are not there yet."""
    keys = sorted(set(campaigns))
    await conn.execute(
        """
        INSERT INTO campaign_locks (project_id, campaign_id)
        SELECT p, c FROM unnest($1::text[], $2::text[]) AS asked (p, c)
        ORDER BY p, c ON CONFLICT DO NOTHING
        """,
        *columns(keys, 2),
    )
    return await lock_campaigns(conn, keys)


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
        ON CONFLICT (project_id, campaign_id) DO UPDATE SET used = excluded.used
        """,
        (*columns(used, 2), list(used.values())),
    )
