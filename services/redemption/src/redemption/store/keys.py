"""API keys in force and sessions that ended, as our copy of the projects has them."""

from typing import NamedTuple

import asyncpg

from contracts.codes import in_capitals
from contracts.guesses import GuessLimits
from servicekit.http.keys import InForce, KnownKey
from servicekit.http.tokens import Claims


class Caller(NamedTuple):
    """A key or token that was proven, the project that it may act for, what that bears of guesses.

    `key_id` is the key's or, of a token, its bearer's.
    """

    key_id: str
    project_id: str
    scopes: frozenset[str]
    guess_limits: GuessLimits
    case_sensitive_codes: bool
    currency: str
    origins: tuple[str, ...] = ()

    def code(self, text: str) -> str:
        """Return a code as the project spells it."""
        return text if self.case_sensitive_codes else in_capitals(text)


class _Settings(NamedTuple):
    guess_limits: GuessLimits
    case_sensitive_codes: bool
    currency: str


async def key_stamp(pool: asyncpg.Pool) -> int:
    """Return a number that grows with every change of a project, its keys among them."""
    stamp: int = await pool.fetchval("SELECT coalesce(sum(version), 0)::bigint FROM projects")
    return stamp


async def load_keys(pool: asyncpg.Pool) -> InForce[Caller]:
    """Return who may come in: by a key or a token, with what the project bears of guesses."""
    rows = await pool.fetch(
        "SELECT key_id, project_id, digest, scopes, expires_at, origins FROM api_keys"
    )
    projects = await pool.fetch(
        "SELECT project_id, guess_limits, case_sensitive_codes, currency, ended FROM projects"
    )
    settings = {
        row["project_id"]: _Settings(
            GuessLimits.model_validate(row["guess_limits"]),
            row["case_sensitive_codes"],
            row["currency"],
        )
        for row in projects
    }

    def bearer(claims: Claims) -> Caller | None:
        known = settings.get(claims.project_id)
        if known is None:
            return None
        return Caller(claims.user_id, claims.project_id, claims.scopes, *known)

    keys = {
        row["key_id"]: KnownKey(
            row["digest"],
            Caller(
                row["key_id"],
                row["project_id"],
                frozenset(row["scopes"]),
                *settings[row["project_id"]],
                tuple(row["origins"]),
            ),
            row["expires_at"].timestamp() if row["expires_at"] else None,
        )
        for row in rows
    }
    return InForce(keys, {each for row in projects for each in row["ended"]}, bearer)
