"""Projects, and which of their sessions and grants were ended."""

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta

import asyncpg

from campaigns.keys import store as keys_of_projects
from campaigns.tenants import EndedGrant, Project
from contracts.guesses import GuessLimits
from contracts.stacking import StackingRules
from servicekit.postgres.pool import Connection


async def add(
    conn: Connection,
    project_id: str,
    name: str,
    currency: str,
    time_zone: str,
    *,
    case_sensitive_codes: bool,
    guess_limits: GuessLimits,
) -> None:
    """Write it before its first version, which is the one that is published."""
    await conn.execute(
        """
        INSERT INTO projects
            (id, version, name, currency, time_zone, case_sensitive_codes, guess_limits)
        VALUES ($1, 0, $2, $3, $4, $5, $6)
        """,
        project_id,
        name,
        currency,
        time_zone,
        case_sensitive_codes,
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


async def stack(conn: Connection, project_id: str, rules: StackingRules) -> None:
    """Write how several codes apply together, as the project's next version."""
    await conn.execute(
        """
        UPDATE projects SET stacking = $2, version = version + 1, changed_at = now()
        WHERE id = $1
        """,
        project_id,
        rules.model_dump(mode="json"),
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


async def time_zone_of(conn: Connection, project_id: str) -> str:
    """Return by whose days a project counts."""
    zone: str = await conn.fetchval("SELECT time_zone FROM projects WHERE id = $1", project_id)
    return zone


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
    ids = [row["id"] for row in rows]
    keys = await keys_of_projects.in_force(conn, ids)
    ended = await _ended(conn, ids)
    return [
        Project(
            id=row["id"],
            version=row["version"],
            name=row["name"],
            currency=row["currency"],
            time_zone=row["time_zone"],
            case_sensitive_codes=row["case_sensitive_codes"],
            guess_limits=GuessLimits.model_validate(row["guess_limits"]),
            stacking=StackingRules.model_validate(row["stacking"]),
            keys=tuple(keys[row["id"]]),
            created_at=row["created_at"],
            changed_at=row["changed_at"],
            ended=tuple(ended[row["id"]]),
        )
        for row in rows
    ]


async def change(conn: Connection, project_id: str, name: str, time_zone: str) -> None:
    """Write what a project is called and by whose days it counts, as its next version."""
    await conn.execute(
        """
        UPDATE projects SET name = $2, time_zone = $3, version = version + 1, changed_at = now()
        WHERE id = $1
        """,
        project_id,
        name,
        time_zone,
    )


async def end(conn: Connection, project_id: str, ids: Collection[str], lifetime: timedelta) -> None:
    """Remember that tokens of these sessions and grants open nothing, until all have expired."""
    await conn.execute(
        "DELETE FROM ended_grants WHERE project_id = $1 AND until < now()", project_id
    )
    await conn.execute(
        """
        INSERT INTO ended_grants (project_id, id, until)
        SELECT $1, unnest($2::text[]), clock_timestamp() + $3
        ON CONFLICT DO NOTHING
        """,
        project_id,
        list(ids),
        lifetime,
    )


async def _ended(conn: Connection, project_ids: list[str]) -> defaultdict[str, list[EndedGrant]]:
    rows = await conn.fetch(
        """
        SELECT project_id, id, until FROM ended_grants
        WHERE project_id = ANY ($1) AND until > now() ORDER BY until, id
        """,
        project_ids,
    )
    ended = defaultdict(list)
    for row in rows:
        ended[row["project_id"]].append(EndedGrant(row["id"], row["until"]))
    return ended


async def stamp(pool: asyncpg.Pool) -> int:
    """Return a number that grows with every change of a project: of keys, of what was ended."""
    grown: int = await pool.fetchval("SELECT coalesce(sum(version), 0)::bigint FROM projects")
    return grown


async def without_letter_case(pool: asyncpg.Pool) -> frozenset[str]:
    """Return the projects whose codes are in capitals, of all projects at once."""
    rows = await pool.fetch("SELECT id FROM projects WHERE NOT case_sensitive_codes")
    return frozenset(row["id"] for row in rows)


async def all_ended(pool: asyncpg.Pool) -> frozenset[str]:
    """Return what was ended, of all projects at once."""
    rows = await pool.fetch("SELECT id FROM ended_grants WHERE until > now()")
    return frozenset(row["id"] for row in rows)
