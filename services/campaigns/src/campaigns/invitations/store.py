"""Invitations that may yet be accepted."""

from datetime import timedelta
from typing import NamedTuple

import asyncpg

from campaigns.accounts import Invitation, Standing
from servicekit.postgres.pool import Connection


class Open(NamedTuple):
    """An invitation as whoever has its token sees it."""

    project_id: str
    project_name: str
    invitation: Invitation


async def add(
    conn: Connection,
    project_id: str,
    invitation_id: str,
    email: str,
    standing: Standing,
    *,
    digest: str,
    created_by: str,
    lifetime: timedelta,
) -> None:
    """Write an invitation, in place of an earlier one of this e-mail."""
    await conn.execute(
        "DELETE FROM invitations WHERE project_id = $1 AND email = $2", project_id, email
    )
    await conn.execute(
        """
        INSERT INTO invitations
            (project_id, id, email, role, partner_id, digest, created_by, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, now() + $8::interval)
        """,
        project_id,
        invitation_id,
        email,
        standing.role,
        standing.partner_id,
        digest,
        created_by,
        lifetime,
    )


async def find(conn: Connection, project_id: str, invitation_id: str) -> Invitation | None:
    row = await conn.fetchrow(
        """
        SELECT * FROM invitations WHERE project_id = $1 AND id = $2 AND expires_at > now()
        """,
        project_id,
        invitation_id,
    )
    return None if row is None else _invitation(row)


async def find_by_digest(conn: Connection, digest: str) -> Open | None:
    found = await _open(conn, digest=digest)
    return found[0] if found else None


async def of_email(conn: Connection, email: str) -> list[Open]:
    """Return the invitations of one person, to whichever projects."""
    return await _open(conn, email=email)


async def of_project(conn: Connection, project_id: str) -> list[Invitation]:
    """Return a project's open invitations, newest first."""
    rows = await conn.fetch(
        """
        SELECT * FROM invitations WHERE project_id = $1 AND expires_at > now()
        ORDER BY created_at DESC, id
        """,
        project_id,
    )
    return [_invitation(row) for row in rows]


async def count(conn: Connection, project_id: str) -> int:
    """Count a project's invitations, after those that have expired are gone."""
    await conn.execute(
        "DELETE FROM invitations WHERE project_id = $1 AND expires_at <= now()", project_id
    )
    return int(
        await conn.fetchval("SELECT count(*) FROM invitations WHERE project_id = $1", project_id)
    )


async def remove(conn: Connection, project_id: str, invitation_id: str) -> bool:
    """Tell whether it was there: of two who accept one, or accept and revoke it, one finds it."""
    gone = await conn.execute(
        "DELETE FROM invitations WHERE project_id = $1 AND id = $2", project_id, invitation_id
    )
    return gone == "DELETE 1"


async def _open(
    conn: Connection, *, digest: str | None = None, email: str | None = None
) -> list[Open]:
    rows = await conn.fetch(
        """
        SELECT i.*, p.name AS project_name
        FROM invitations AS i JOIN projects AS p ON p.id = i.project_id
        WHERE (i.digest = $1 OR i.email = $2) AND i.expires_at > now()
        ORDER BY i.project_id
        """,
        digest,
        email,
    )
    return [Open(row["project_id"], row["project_name"], _invitation(row)) for row in rows]


def _invitation(row: asyncpg.Record) -> Invitation:
    return Invitation(
        id=row["id"],
        email=row["email"],
        standing=Standing(row["role"], row["partner_id"]),
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
