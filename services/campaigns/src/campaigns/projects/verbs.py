"""Creates projects, changes them, and tells the others. The caller opened the transaction."""

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final

from campaigns import snapshots
from campaigns.actors import Actor, Target
from campaigns.campaigns import versions
from campaigns.campaigns.verbs import publish_snapshots
from campaigns.categories import store as categories
from campaigns.history import verbs as history
from campaigns.projects import store as projects
from campaigns.refusals import InvalidError, NotFoundError
from campaigns.tenants import Project
from contracts import ids
from contracts.guesses import GuessLimits
from contracts.stacking import StackingRules
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection

MOST_NAMED: Final = 10  # in a message


async def create(
    conn: Connection,
    actor: Actor,
    name: str,
    currency: str,
    time_zone: str,
    *,
    case_sensitive_codes: bool,
    guess_limits: GuessLimits,
) -> Project:
    """Create a project that nobody can use yet: its first key, or person, publishes it."""
    project_id = ids.new("proj_")
    await projects.add(
        conn,
        project_id,
        name,
        currency,
        time_zone,
        case_sensitive_codes=case_sensitive_codes,
        guess_limits=guess_limits,
    )
    created = await get(conn, project_id)
    await history.record(
        conn, project_id, actor, "created", _target(created), before=None, after=_shown(created)
    )
    return created


async def change(
    conn: Connection, project_id: str, actor: Actor, change: Callable[[Project], tuple[str, str]]
) -> Project:
    """Give a project another name or time zone; what stays as it is is no new version.

    Campaigns whose terms go by the clock are published again, each with the new zone.
    """
    await lock(conn, project_id)
    before = await get(conn, project_id)
    name, time_zone = change(before)
    if (name, time_zone) == (before.name, before.time_zone):
        return before
    await projects.change(conn, project_id, name, time_zone)
    if time_zone != before.time_zone:
        concerned = await versions.bump_by_the_clock(conn, project_id)
        await publish_snapshots(conn, project_id, concerned)
    return await _changed(conn, actor, before)


async def limit_guesses(
    conn: Connection, project_id: str, actor: Actor, change: Callable[[GuessLimits], GuessLimits]
) -> Project:
    """Change how many wrong codes a project bears; what stays as it is is no new version."""
    await lock(conn, project_id)
    before = await get(conn, project_id)
    wanted = change(before.guess_limits)
    if wanted == before.guess_limits:
        return before
    await projects.limit_guesses(conn, project_id, wanted)
    return await _changed(conn, actor, before)


async def stack(
    conn: Connection,
    project_id: str,
    actor: Actor,
    change: Callable[[StackingRules], StackingRules],
) -> Project:
    """Change how several codes apply together; what stays as it is is no new version.

    Raises InvalidError for a category that there is not; one that was removed since stays named.
    """
    await lock(conn, project_id)
    before = await get(conn, project_id)
    wanted = change(before.stacking)
    if wanted == before.stacking:
        return before
    named = _categories_of(wanted) - _categories_of(before.stacking)
    known = {each.id for each in await categories.get_all(conn, project_id)} if named else set()
    if unknown := sorted(named - known):
        raise InvalidError("There is no such category", ", ".join(unknown[:MOST_NAMED]))
    await projects.stack(conn, project_id, wanted)
    return await _changed(conn, actor, before)


async def end(
    conn: Connection, project_ids: Collection[str], ended: Collection[str], lifetime: timedelta
) -> list[Project]:
    """End the tokens of these sessions and grants in projects; all services hear of it."""
    told = []
    for project_id in sorted(project_ids):  # rivals lock rows in one order
        await lock(conn, project_id)
        await projects.end(conn, project_id, ended, lifetime)
        told.append(await publish(conn, project_id))
    return told


async def publish(conn: Connection, project_id: str) -> Project:
    """Tell a project's next version: keys or what was ended have changed. It is locked."""
    await projects.bump_version(conn, project_id)
    return await _tell(conn, project_id)


async def lock(conn: Connection, project_id: str) -> None:
    if not await projects.lock(conn, project_id):
        raise NotFoundError("project", project_id)


async def get(conn: Connection, project_id: str) -> Project:
    project = await projects.find(conn, project_id)
    if project is None:
        raise NotFoundError("project", project_id)
    return project


async def _changed(conn: Connection, actor: Actor, before: Project) -> Project:
    after = await _tell(conn, before.id)
    await history.record(
        conn, after.id, actor, "updated", _target(after), before=_shown(before), after=_shown(after)
    )
    return after


async def _tell(conn: Connection, project_id: str) -> Project:
    project = await get(conn, project_id)
    await outbox.write(conn, [snapshots.of_project(project)])
    return project


def _categories_of(rules: StackingRules) -> set[str]:
    limited = [each.category for each in rules.most_of_categories]
    return {*rules.exclusive_categories, *rules.joint_categories, *limited}


def _target(project: Project) -> Target:
    return Target("project", project.id, project.name)


def _shown(project: Project) -> dict[str, object]:
    return {
        "name": project.name,
        "currency": project.currency,
        "time_zone": project.time_zone,
        "case_sensitive_codes": project.case_sensitive_codes,
        "guess_limits": project.guess_limits.model_dump(),
        "stacking": project.stacking.model_dump(mode="json"),
    }
