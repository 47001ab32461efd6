"""Who may come in: what the door asks the database, of all projects at once."""

from functools import partial
from typing import NamedTuple

import asyncpg

from campaigns.keys import store as keys
from campaigns.projects import store as projects
from servicekit.http.keys import InForce, KeyTable, KnownKey
from servicekit.http.tokens import Claims, Keys


class Caller(NamedTuple):
    """Who has proven a key or a token, and the project that he may act for.

    `key_id` is the key's or, of a token, the user's; `partner_id` is whom he stands for, if he may
    do nothing but that.
    """

    key_id: str
    project_id: str
    scopes: frozenset[str]
    partner_id: str | None = None
    session_id: str | None = None
    case_sensitive_codes: bool = True  # of his project


def table(pool: asyncpg.Pool, signed_by: Keys) -> KeyTable[Caller]:
    """Make what proves callers."""
    return KeyTable(partial(projects.stamp, pool), partial(load, pool), signed_by)


async def load(pool: asyncpg.Pool) -> InForce[Caller]:
    """Return all keys in force, what was ended, and who comes with a token."""
    in_force = await keys.all_in_force(pool)
    ended = await projects.all_ended(pool)
    in_capitals = await projects.without_letter_case(pool)  # last: so it knows all their projects

    def bearer(claims: Claims) -> Caller:
        return Caller(
            claims.user_id,
            claims.project_id,
            claims.scopes,
            claims.partner_id,
            claims.session_id,
            case_sensitive_codes=claims.project_id not in in_capitals,
        )

    known = {
        key.id: KnownKey(
            bytes.fromhex(key.digest),
            Caller(
                key.id,
                project_id,
                frozenset(key.scopes),
                case_sensitive_codes=project_id not in in_capitals,
            ),
            key.expires_at.timestamp() if key.expires_at else None,
        )
        for project_id, key in in_force
    }
    return InForce(known, ended, bearer)
