"""Users, and what each is in which project."""

from collections.abc import Collection
from typing import Any

import asyncpg

from campaigns.accounts import Member, Membership, Standing, User
from servicekit.postgres.pool import Connection


async def add(
    conn: Connection,
    user_id: str,
    email: str,
    name: str,
    password_hash: str | None,
    *,
    invited: bool,
) -> None:
    """Add a user; an e-mail that has one raises a unique violation."""
    await conn.execute(
        """
        INSERT INTO users (id, email, name, password_hash, invited) VALUES ($1, $2, $3, $4, $5)
        """,
        user_id,
        email,
        name,
        password_hash,
        invited,
    )


async def find(conn: Connection, user_id: str) -> User | None:
    row = await conn.fetchrow("SELECT * FROM users WHERE id = $1", user_id)
    return None if row is None else _user(row)


async def find_by_email(conn: Connection, email: str) -> User | None:
    row = await conn.fetchrow("SELECT * FROM users WHERE email = $1", email)
    return None if row is None else _user(row)


async def lock(conn: Connection, user_id: str) -> User | None:
    """Return a user whom nobody else changes until this transaction ends."""
    row = await conn.fetchrow("SELECT * FROM users WHERE id = $1 FOR NO KEY UPDATE", user_id)
    return None if row is None else _user(row)


async def change(conn: Connection, user_id: str, name: str, preferences: dict[str, Any]) -> None:
    await conn.execute(
        "UPDATE users SET name = $2, preferences = $3 WHERE id = $1", user_id, name, preferences
    )


async def set_password(conn: Connection, user_id: str, password_hash: str | None) -> None:
    await conn.execute("UPDATE users SET password_hash = $2 WHERE id = $1", user_id, password_hash)


async def vouch(conn: Connection, user_id: str) -> None:
    """Remember that the operator has given the account to the person of its e-mail."""
    await conn.execute("UPDATE users SET invited = false WHERE id = $1", user_id)


async def mark_verified(conn: Connection, user_id: str) -> None:
    """Remember that a provider has vouched for the e-mail."""
    await conn.execute("UPDATE users SET verified = true WHERE id = $1", user_id)


async def add_member(
    conn: Connection, project_id: str, user_id: str, grant_id: str, standing: Standing
) -> None:
    """Add somebody to a project; who is a member already raises a unique violation."""
    await conn.execute(
        """
        INSERT INTO members (project_id, user_id, grant_id, role, partner_id)
        VALUES ($1, $2, $3, $4, $5)
        """,
        project_id,
        user_id,
        grant_id,
        standing.role,
        standing.partner_id,
    )


async def change_member(
    conn: Connection, project_id: str, user_id: str, grant_id: str, standing: Standing
) -> None:
    await conn.execute(
        """
        UPDATE members SET grant_id = $3, role = $4, partner_id = $5
        WHERE project_id = $1 AND user_id = $2
        """,
        project_id,
        user_id,
        grant_id,
        standing.role,
        standing.partner_id,
    )


async def remove_member(conn: Connection, project_id: str, user_id: str) -> None:
    await conn.execute(
        "DELETE FROM members WHERE project_id = $1 AND user_id = $2", project_id, user_id
    )


async def member(conn: Connection, project_id: str, user_id: str) -> Member | None:
    found = await _members(conn, project_id, user_id)
    return found[0] if found else None


async def members(conn: Connection, project_id: str) -> list[Member]:
    """Return all members of a project, oldest first."""
    return await _members(conn, project_id, None)


async def count_members(conn: Connection, project_id: str) -> int:
    return int(
        await conn.fetchval("SELECT count(*) FROM members WHERE project_id = $1", project_id)
    )


async def has_another_owner(conn: Connection, project_id: str, user_id: str) -> bool:
    """Tell whether a project has an owner besides this one."""
    found = await conn.fetchval(
        """
        SELECT EXISTS (
            SELECT FROM members WHERE project_id = $1 AND user_id <> $2 AND role = 'owner'
        )
        """,
        project_id,
        user_id,
    )
    return bool(found)


async def memberships(conn: Connection, user_id: str) -> list[Membership]:
    """Return the projects that somebody belongs to, by name."""
    rows = await conn.fetch(
        """
        SELECT p.id, p.name, p.currency, p.time_zone, m.role, m.partner_id, m.grant_id
        FROM members AS m JOIN projects AS p ON p.id = m.project_id
        WHERE m.user_id = $1 ORDER BY p.name, p.id
        """,
        user_id,
    )
    return [
        Membership(
            project_id=row["id"],
            project_name=row["name"],
            currency=row["currency"],
            time_zone=row["time_zone"],
            grant_id=row["grant_id"],
            standing=Standing(row["role"], row["partner_id"]),
        )
        for row in rows
    ]


async def names(conn: Connection, user_ids: Collection[str]) -> dict[str, str]:
    """Return what users are called."""
    rows = await conn.fetch("SELECT id, name FROM users WHERE id = ANY ($1)", list(user_ids))
    return {row["id"]: row["name"] for row in rows}


async def _members(conn: Connection, project_id: str, only: str | None) -> list[Member]:
    rows = await conn.fetch(
        """
        SELECT m.*, u.email, u.name,
            (SELECT max(seen_at) FROM sessions AS s WHERE s.user_id = m.user_id) AS seen_at
        FROM members AS m JOIN users AS u ON u.id = m.user_id
        WHERE m.project_id = $1 AND ($2::text IS NULL OR m.user_id = $2)
        ORDER BY m.joined_at, m.user_id
        """,
        project_id,
        only,
    )
    return [
        Member(
            user_id=row["user_id"],
            email=row["email"],
            name=row["name"],
            standing=Standing(row["role"], row["partner_id"]),
            grant_id=row["grant_id"],
            joined_at=row["joined_at"],
            seen_at=row["seen_at"],
        )
        for row in rows
    ]


def _user(row: asyncpg.Record) -> User:
    return User(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        password_hash=row["password_hash"],
        verified=row["verified"],
        invited=row["invited"],
        preferences=row["preferences"],
    )
