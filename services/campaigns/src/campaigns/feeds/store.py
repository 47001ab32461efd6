"""Feed keys, and when each page that was fetched was another one last."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from servicekit.http.keys import InForce, KnownKey
from servicekit.postgres.pool import Connection

SCOPE: Final = "feed"
SEEN_EVERY_SECONDS: Final = 10  # however often a machine fetches, that is written so often


@dataclass(frozen=True, slots=True)
class FeedKey:
    """A partner's feed key without its secret."""

    id: str
    created_by: str
    created_at: datetime
    revoked_at: datetime | None
    last_fetched_at: datetime | None
    last_fetched_by: str | None


class FeedCaller(NamedTuple):
    """Whose machine fetches."""

    key_id: str
    project_id: str
    partner_id: str
    scopes: Collection[str] = (SCOPE,)


async def put(
    conn: Connection,
    project_id: str,
    partner_id: str,
    *,
    key_id: str,
    digest: str,
    created_by: str,
) -> None:
    """Give a partner this key; the one it had opens nothing any more."""
    await conn.execute(
        """
        INSERT INTO feed_keys AS f (project_id, partner_id, id, digest, created_by)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (project_id, partner_id) DO UPDATE SET id = excluded.id,
            digest = excluded.digest, created_by = excluded.created_by, created_at = now(),
            version = f.version + 1, revoked_at = NULL,
            last_fetched_at = NULL, last_fetched_by = NULL
        """,
        project_id,
        partner_id,
        key_id,
        digest,
        created_by,
    )


async def revoke(conn: Connection, project_id: str, partner_id: str) -> None:
    """Take a partner's key out of force, if it has one that is."""
    await conn.execute(
        """
        UPDATE feed_keys SET revoked_at = now(), version = version + 1
        WHERE project_id = $1 AND partner_id = $2 AND revoked_at IS NULL
        """,
        project_id,
        partner_id,
    )


async def find(conn: Connection, project_id: str, partner_id: str) -> FeedKey | None:
    row = await conn.fetchrow(
        "SELECT * FROM feed_keys WHERE project_id = $1 AND partner_id = $2", project_id, partner_id
    )
    if row is None:
        return None
    return FeedKey(
        id=row["id"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
        last_fetched_at=row["last_fetched_at"],
        last_fetched_by=row["last_fetched_by"],
    )


async def note_fetch(
    conn: Connection, project_id: str, partner_id: str, *, fetched_by: str | None
) -> None:
    """Remember that somebody fetched, and what it calls itself."""
    await conn.execute(
        """
        UPDATE feed_keys SET last_fetched_at = now(), last_fetched_by = $3
        WHERE project_id = $1 AND partner_id = $2 AND (
            last_fetched_at IS NULL OR last_fetched_at < now() - make_interval(secs => $4)
        )
        """,
        project_id,
        partner_id,
        fetched_by,
        SEEN_EVERY_SECONDS,
    )


async def changed_at(
    conn: Connection, project_id: str, partner_id: str, *, page: str, etag: str
) -> datetime | None:
    """Return since when a page is this one, in whole seconds; None while no second tells it apart.

    What differs from what was fetched before is of a later second, whatever the clock says: two
    that differ never have the same moment.
    """
    moment: datetime | None = await conn.fetchval(
        """
        INSERT INTO feed_pages AS f (project_id, partner_id, page, etag, changed_at)
        VALUES ($1, $2, $3, $4, date_trunc('second', now()))
        ON CONFLICT (project_id, partner_id, page) DO UPDATE SET etag = excluded.etag,
            changed_at = CASE WHEN f.etag = excluded.etag THEN f.changed_at
                ELSE greatest(excluded.changed_at, f.changed_at + interval '1 second') END
        RETURNING CASE WHEN changed_at <= now() THEN changed_at END
        """,
        project_id,
        partner_id,
        page,
        etag,
    )
    return moment


async def key_stamp(pool: asyncpg.Pool) -> int:
    """Return a number that grows with every change of a feed key."""
    stamp: int = await pool.fetchval("SELECT coalesce(sum(version), 0)::bigint FROM feed_keys")
    return stamp


async def load_keys(pool: asyncpg.Pool) -> InForce[FeedCaller]:
    """Return all feed keys in force, of all projects."""
    rows = await pool.fetch(
        "SELECT id, digest, project_id, partner_id FROM feed_keys WHERE revoked_at IS NULL"
    )
    return InForce(
        {
            row["id"]: KnownKey(
                bytes.fromhex(row["digest"]),
                FeedCaller(row["id"], row["project_id"], row["partner_id"]),
            )
            for row in rows
        }
    )
