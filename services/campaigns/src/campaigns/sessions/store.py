"""Sessions that were not ended, and how often somebody may yet try to begin one."""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

import asyncpg

from campaigns.accounts import Session
from servicekit.postgres.pool import Connection

STALE_AT_ONCE = 20


class Allowance(NamedTuple):
    """How often a subject may try: `burst` times at once, then once an `interval`."""

    subject: str
    burst: int
    interval: timedelta


async def add(
    conn: Connection,
    session_id: str,
    user_id: str,
    digest: str,
    *,
    address: str | None,
    client: str | None,
) -> None:
    await conn.execute(
        """
        INSERT INTO sessions (id, user_id, digest, address, client) VALUES ($1, $2, $3, $4, $5)
        """,
        session_id,
        user_id,
        digest,
        address,
        client,
    )


async def find_by_digest(conn: Connection, digest: str) -> Session | None:
    row = await conn.fetchrow("SELECT * FROM sessions WHERE digest = $1", digest)
    return None if row is None else _session(row)


async def find(conn: Connection, session_id: str) -> Session | None:
    row = await conn.fetchrow("SELECT * FROM sessions WHERE id = $1", session_id)
    return None if row is None else _session(row)


async def hold(conn: Connection, session_id: str) -> Session | None:
    """Return a session, which nobody ends before this transaction does."""
    row = await conn.fetchrow("SELECT * FROM sessions WHERE id = $1 FOR KEY SHARE", session_id)
    return None if row is None else _session(row)


async def mark_seen(conn: Connection, session_id: str) -> None:
    await conn.execute("UPDATE sessions SET seen_at = now() WHERE id = $1", session_id)


async def of_user(conn: Connection, user_id: str) -> list[Session]:
    """Return the sessions of a user, the newest first; some may have expired."""
    rows = await conn.fetch(
        "SELECT * FROM sessions WHERE user_id = $1 ORDER BY created_at DESC, id", user_id
    )
    return [_session(row) for row in rows]


async def remove(conn: Connection, session_ids: Collection[str]) -> None:
    await conn.execute("DELETE FROM sessions WHERE id = ANY ($1)", list(session_ids))


async def take(conn: Connection, allowance: Allowance) -> bool:
    """Take one try, if there is one; `free_at` is when all of them are there again."""
    taken = await conn.fetchval(
        """
        INSERT INTO sign_in_tries AS t (subject, free_at)
        VALUES ($1, clock_timestamp() + $2::interval)
        ON CONFLICT (subject) DO UPDATE
        SET free_at = greatest(t.free_at, clock_timestamp()) + $2
        WHERE t.free_at <= clock_timestamp() + $2 * ($3::int - 1)
        RETURNING true
        """,
        allowance.subject,
        allowance.interval,
        allowance.burst,
    )
    return bool(taken)


async def wait_for(conn: Connection, allowance: Allowance) -> timedelta:
    """Return how long it takes until there is a try again."""
    wait: timedelta | None = await conn.fetchval(
        """
        SELECT free_at - $2::interval * ($3::int - 1) - clock_timestamp()
        FROM sign_in_tries WHERE subject = $1
        """,
        allowance.subject,
        allowance.interval,
        allowance.burst,
    )
    return wait or timedelta()


async def give_back(conn: Connection, allowances: Collection[Allowance]) -> None:
    """Give a try back to each: it went well."""
    await conn.execute(
        """
        UPDATE sign_in_tries SET free_at = free_at - given.interval
        FROM unnest($1::text[], $2::interval[]) AS given (subject, interval)
        WHERE sign_in_tries.subject = given.subject
        """,
        [each.subject for each in allowances],
        [each.interval for each in allowances],
    )


async def forget_stale_tries(conn: Connection) -> None:
    """Remove a few that are allowed everything again; rivals take others."""
    await conn.execute(
        """
        DELETE FROM sign_in_tries WHERE subject IN (
            SELECT subject FROM sign_in_tries WHERE free_at < clock_timestamp()
            ORDER BY free_at LIMIT $1 FOR UPDATE SKIP LOCKED
        )
        """,
        STALE_AT_ONCE,
    )


async def is_known_at(conn: Connection, email: str, network: str, within: timedelta) -> bool:
    """Tell whether somebody has signed in from there lately."""
    known = await conn.fetchval(
        """
        SELECT EXISTS (
            SELECT FROM known_addresses AS k JOIN users AS u ON u.id = k.user_id
            WHERE u.email = $1 AND k.network = $2 AND k.seen_at > now() - $3::interval
        )
        """,
        email,
        network,
        within,
    )
    return bool(known)


async def remember_address(conn: Connection, user_id: str, network: str, within: timedelta) -> None:
    """Remember where somebody has signed in, and forget what is long ago."""
    await conn.execute(
        "DELETE FROM known_addresses WHERE user_id = $1 AND seen_at < now() - $2::interval",
        user_id,
        within,
    )
    await conn.execute(
        """
        INSERT INTO known_addresses (user_id, network) VALUES ($1, $2)
        ON CONFLICT (user_id, network) DO UPDATE SET seen_at = now()
        """,
        user_id,
        network,
    )


def _session(row: asyncpg.Record) -> Session:
    return Session(
        id=row["id"],
        user_id=row["user_id"],
        address=row["address"],
        client=row["client"],
        created_at=row["created_at"],
        seen_at=row["seen_at"],
    )
