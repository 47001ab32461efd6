"""Creates projects and their keys. The caller opened the transaction.

The secret of a key leaves here once and is stored nowhere; redemption and analytics learn its
digest from the project's snapshot.
"""

from collections.abc import Callable

from campaigns import snapshots
from campaigns.model import ApiKey, IssuedApiKey, Project
from campaigns.projects import credentials
from campaigns.projects import store as projects
from campaigns.projects.credentials import Credentials
from campaigns.refusals import NotFoundError
from contracts import ids
from contracts.guesses import GuessLimits
from contracts.projects import Scope
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection

ALL_SCOPES: tuple[Scope, ...] = ("campaigns", "redemptions", "reports")


async def create(
    conn: Connection,
    name: str,
    currency: str,
    time_zone: str,
    *,
    guess_limits: GuessLimits,
) -> tuple[Project, Credentials]:
    """Create a project and its first key, which may do everything."""
    project_id = ids.new("proj_")
    await projects.add(conn, project_id, name, currency, time_zone, guess_limits=guess_limits)
    fresh = await _add_key(conn, project_id, ALL_SCOPES)
    return await _publish_snapshot(conn, project_id), fresh


async def limit_guesses(
    conn: Connection, project_id: str, change: Callable[[GuessLimits], GuessLimits]
) -> Project:
    """Change how many wrong codes a project bears; what stays as it is is no new version."""
    await _lock(conn, project_id)
    current = await get(conn, project_id)
    wanted = change(current.guess_limits)
    if wanted == current.guess_limits:
        return current
    await projects.limit_guesses(conn, project_id, wanted)
    return await _publish_snapshot(conn, project_id)


async def add_key(
    conn: Connection, project_id: str, scopes: tuple[Scope, ...]
) -> tuple[Project, Credentials]:
    """Give a project another key."""
    await _lock(conn, project_id)
    fresh = await _add_key(conn, project_id, scopes)
    await projects.bump_version(conn, project_id)
    return await _publish_snapshot(conn, project_id), fresh


async def revoke_key(conn: Connection, project_id: str, key_id: str) -> Project:
    """Take a key out of force; a second time changes nothing and returns the same version."""
    await _lock(conn, project_id)
    revoked = await projects.revoke_key(conn, project_id, key_id)
    if revoked is None:
        raise NotFoundError("key", key_id)
    if revoked:
        await projects.bump_version(conn, project_id)
        return await _publish_snapshot(conn, project_id)
    return await get(conn, project_id)


async def list_keys(conn: Connection, project_id: str) -> list[IssuedApiKey]:
    """Return a project's keys, those in force and those that were."""
    await get(conn, project_id)
    return await projects.keys_of(conn, project_id)


async def _lock(conn: Connection, project_id: str) -> None:
    if not await projects.lock(conn, project_id):
        raise NotFoundError("project", project_id)


async def _add_key(conn: Connection, project_id: str, scopes: tuple[Scope, ...]) -> Credentials:
    fresh = credentials.make()
    key = ApiKey(fresh.key_id, credentials.digest(fresh.secret), scopes)
    await projects.add_key(conn, project_id, key)
    return fresh


async def _publish_snapshot(conn: Connection, project_id: str) -> Project:
    project = await get(conn, project_id)
    await outbox.write(conn, [snapshots.of_project(project)])
    return project


async def get(conn: Connection, project_id: str) -> Project:
    project = await projects.find(conn, project_id)
    if project is None:
        raise NotFoundError("project", project_id)
    return project
