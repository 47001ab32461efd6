"""Makes and revokes keys. The caller opened the transaction.

The secret of a key leaves here once and is stored nowhere; redemption and analytics learn its
digest from the project's snapshot.
"""

from datetime import datetime

from campaigns.actors import Actor, Target
from campaigns.history import verbs as history
from campaigns.keys import store as keys
from campaigns.projects import credentials
from campaigns.projects import verbs as projects
from campaigns.projects.credentials import Credentials
from campaigns.refusals import NotFoundError
from campaigns.tenants import ApiKey, IssuedApiKey, Project
from contracts.instants import to_rfc3339
from contracts.projects import Scope
from servicekit.postgres.pool import Connection

HINT_CHARACTERS = 4


async def add(
    conn: Connection,
    project_id: str,
    actor: Actor,
    scopes: tuple[Scope, ...],
    *,
    name: str,
    expires_at: datetime | None = None,
    origins: tuple[str, ...] = (),
) -> tuple[Project, IssuedApiKey, Credentials]:
    """Give a project another key."""
    await projects.lock(conn, project_id)
    fresh = credentials.make()
    key = ApiKey(fresh.key_id, credentials.digest(fresh.secret), scopes, expires_at, origins)
    hint = fresh.secret[:HINT_CHARACTERS]
    await keys.add(conn, project_id, key, name=name, hint=hint, created_by=actor.id)
    issued = await get(conn, project_id, key.id)
    target = Target("key", key.id, name)
    await history.record(
        conn, project_id, actor, "created", target, before=None, after=_shown(issued)
    )
    return await projects.publish(conn, project_id), issued, fresh


async def revoke(conn: Connection, project_id: str, actor: Actor, key_id: str) -> Project:
    """Take a key out of force; a second time changes nothing and returns the same version."""
    await projects.lock(conn, project_id)
    before = await get(conn, project_id, key_id)
    if not await keys.revoke(conn, project_id, key_id):
        return await projects.get(conn, project_id)
    target = Target("key", key_id, before.name)
    await history.record(
        conn, project_id, actor, "revoked", target, before=_shown(before), after=None
    )
    return await projects.publish(conn, project_id)


async def listed(conn: Connection, project_id: str) -> list[IssuedApiKey]:
    """Return a project's keys, those in force and those that were."""
    await projects.get(conn, project_id)
    return await keys.of_project(conn, project_id)


async def get(conn: Connection, project_id: str, key_id: str) -> IssuedApiKey:
    found = await keys.find(conn, project_id, key_id)
    if found is None:
        raise NotFoundError("key", key_id)
    return found


def _shown(key: IssuedApiKey) -> dict[str, object]:
    return {
        "name": key.name,
        "scopes": list(key.scopes),
        "origins": list(key.origins),
        "expires_at": None if key.expires_at is None else to_rfc3339(key.expires_at),
    }
