"""Projects and their keys."""

import asyncpg

from campaigns.model import ApiKey, IssuedApiKey, Project
from contracts.guesses import GuessLimits
from servicekit.http.keys import Caller, KnownKey
from servicekit.postgres.pool import Connection


async def add(
    conn: Connection,
    project_id: str,
    name: str,
    currency: str,
    time_zone: str,
    *,
    guess_limits: GuessLimits,
) -> None:
    await conn.execute(
        """
        INSERT INTO projects (id, name, currency, time_zone, guess_limits)
        VALUES ($1, $2, $3, $4, $5)
        """,
        project_id,
        name,
        currency,
        time_zone,
        guess_limits.model_dump(),
    )


async def limit_guesses(conn: Connection, project_id: str, guess_limits: GuessLimits) -> None:
    """Write how many wrong codes a project bears, as its next version."""
    await conn.execute(
        """
        UPDATE projects SET guess_limits = $2, version = version + 1, changed_at = now()
        WHERE id = $1
        """,
        project_id,
        guess_limits.model_dump(),
    )


async def lock(conn: Connection, project_id: str) -> bool:
    """Let one change of definitions happen at a time, and tell whether the project exists.

    Snapshots embed names: without this one could be renamed between reading and writing it.
    """
    found = await conn.fetchval(
        "SELECT true FROM projects WHERE id = $1 FOR NO KEY UPDATE", project_id
    )
    return bool(found)


async def bump_version(conn: Connection, project_id: str) -> None:
    """Give the project its next version."""
    await conn.execute(
        "UPDATE projects SET version = version + 1, changed_at = now() WHERE id = $1", project_id
    )


async def find(conn: Connection, project_id: str) -> Project | None:
    found = await _projects(conn, [project_id])
    return found[0] if found else None


async def get_all(conn: Connection) -> list[Project]:
    """Return all projects, oldest first: for the operator, who stands above them."""
    return await _projects(conn, None)


async def _projects(conn: Connection, only: list[str] | None) -> list[Project]:
    rows = await conn.fetch(
        """
        SELECT * FROM projects WHERE $1::text[] IS NULL OR id = ANY ($1) ORDER BY created_at, id
        """,
        only,
    )
    keys = await conn.fetch(
        """
        SELECT project_id, id, digest, scopes FROM api_keys
        WHERE project_id = ANY ($1) AND revoked_at IS NULL ORDER BY created_at, id
        """,
        [row["id"] for row in rows],
    )
    return [
        Project(
            id=row["id"],
            version=row["version"],
            name=row["name"],
            currency=row["currency"],
            time_zone=row["time_zone"],
            guess_limits=GuessLimits.model_validate(row["guess_limits"]),
            keys=tuple(
                ApiKey(key["id"], key["digest"], tuple(key["scopes"]))
                for key in keys
                if key["project_id"] == row["id"]
            ),
            created_at=row["created_at"],
            changed_at=row["changed_at"],
        )
        for row in rows
    ]


async def add_key(conn: Connection, project_id: str, key: ApiKey) -> None:
    await conn.execute(
        "INSERT INTO api_keys (project_id, id, digest, scopes) VALUES ($1, $2, $3, $4)",
        project_id,
        key.id,
        key.digest,
        list(key.scopes),
    )


async def keys_of(conn: Connection, project_id: str) -> list[IssuedApiKey]:
    """Return every key that a project ever had, oldest first."""
    rows = await conn.fetch(
        """
        SELECT id, scopes, created_at, revoked_at FROM api_keys WHERE project_id = $1
        ORDER BY created_at, id
        """,
        project_id,
    )
    return [
        IssuedApiKey(row["id"], tuple(row["scopes"]), row["created_at"], row["revoked_at"])
        for row in rows
    ]


async def revoke_key(conn: Connection, project_id: str, key_id: str) -> bool | None:
    """Tell whether this call revoked it (False: it was before), or None for an unknown key."""
    revoked = await conn.execute(
        """
        UPDATE api_keys SET revoked_at = now()
        WHERE project_id = $1 AND id = $2 AND revoked_at IS NULL
        """,
        project_id,
        key_id,
    )
    if revoked == "UPDATE 1":
        return True
    known = await conn.fetchval(
        "SELECT true FROM api_keys WHERE project_id = $1 AND id = $2", project_id, key_id
    )
    return False if known else None


async def key_stamp(pool: asyncpg.Pool) -> int:
    """Return a number that grows with every change of a project, its keys among them."""
    stamp: int = await pool.fetchval("SELECT coalesce(sum(version), 0)::bigint FROM projects")
    return stamp


async def load_keys(pool: asyncpg.Pool) -> dict[str, KnownKey[Caller]]:
    """Return all keys in force; the one question that is asked of all projects at once."""
    rows = await pool.fetch(
        "SELECT id, project_id, digest, scopes FROM api_keys WHERE revoked_at IS NULL"
    )
    return {
        row["id"]: KnownKey(
            bytes.fromhex(row["digest"]),
            Caller(row["id"], row["project_id"], frozenset(row["scopes"])),
        )
        for row in rows
    }
