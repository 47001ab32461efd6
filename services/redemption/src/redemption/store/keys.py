"""API keys in force, as our copy of the projects has them."""

from typing import NamedTuple

import asyncpg

from contracts.guesses import GuessLimits
from servicekit.http.keys import KnownKey


class Caller(NamedTuple):
    """A key that was proven, the project that it may act for, and what that bears of guesses."""

    key_id: str
    project_id: str
    scopes: frozenset[str]
    guess_limits: GuessLimits


async def key_stamp(pool: asyncpg.Pool) -> int:
    """Return a number that grows with every change of a project, its keys among them."""
    stamp: int = await pool.fetchval("SELECT coalesce(sum(version), 0)::bigint FROM projects")
    return stamp


async def load_keys(pool: asyncpg.Pool) -> dict[str, KnownKey[Caller]]:
    """Return all keys in force, each with what its project bears of guesses."""
    rows = await pool.fetch(
        """
        SELECT k.key_id, k.project_id, k.digest, k.scopes, p.guess_limits
        FROM api_keys AS k JOIN projects AS p USING (project_id)
        """
    )
    return {
        row["key_id"]: KnownKey(
            row["digest"],
            Caller(
                row["key_id"],
                row["project_id"],
                frozenset(row["scopes"]),
                GuessLimits.model_validate(row["guess_limits"]),
            ),
        )
        for row in rows
    }
