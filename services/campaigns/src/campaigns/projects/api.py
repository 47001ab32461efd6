"""Projects and keys over HTTP, for the operator."""

import asyncio

from fastapi import APIRouter, Response

from campaigns.api.access import MANAGER_ONLY, Deps
from campaigns.api.errors import LATE
from campaigns.api.paths import PathParam
from campaigns.projects import store as projects
from campaigns.projects import verbs
from campaigns.projects.bodies import (
    GuessLimitsBody,
    IssuedKey,
    Keys,
    NewKey,
    NewProject,
    OpenedProject,
    ProjectObject,
    Projects,
    key_response,
    opened_response,
    project_response,
)
from campaigns.propagation.waiter import subject_of_project
from contracts.guesses import GuessLimits
from servicekit.postgres.pool import connection, transaction

UTC = "UTC"

router = APIRouter(
    prefix="/management/v1/projects", tags=["management"], dependencies=[MANAGER_ONLY]
)


@router.post("")
async def create_project(body: NewProject, deps: Deps) -> OpenedProject:
    async with transaction(deps.pool) as conn:
        project, fresh = await verbs.create(
            conn,
            body.name,
            body.currency,
            body.time_zone or UTC,
            guess_limits=(body.guess_limits or GuessLimitsBody()).merged_with(GuessLimits()),
        )
    await deps.propagation.wait_briefly(subject_of_project(project), project.version)
    return opened_response(project, fresh)


@router.get("")
async def list_projects(deps: Deps) -> Projects:
    async with connection(deps.pool) as conn:
        found = await projects.get_all(conn)
    return Projects(projects=[project_response(each) for each in found], total=len(found))


@router.put("/{project}/guess-limits")
async def limit_guesses(project: PathParam, body: GuessLimitsBody, deps: Deps) -> ProjectObject:
    """Change how many wrong codes a project bears."""
    async with transaction(deps.pool) as conn:
        changed = await verbs.limit_guesses(conn, project, body.merged_with)
    await deps.propagation.wait_briefly(subject_of_project(changed), changed.version)
    return project_response(changed)


@router.post("/{project}/keys")
async def issue_key(project: PathParam, body: NewKey, deps: Deps) -> IssuedKey:
    async with transaction(deps.pool) as conn:
        changed, fresh = await verbs.add_key(conn, project, body.scopes)
    await deps.propagation.wait_briefly(subject_of_project(changed), changed.version)
    return IssuedKey(app_id=fresh.key_id, app_token=fresh.secret, scopes=body.scopes)


@router.get("/{project}/keys")
async def list_keys(project: PathParam, deps: Deps) -> Keys:
    async with connection(deps.pool) as conn:
        found = await verbs.list_keys(conn, project)
    return Keys(keys=[key_response(each) for each in found], total=len(found))


@router.delete("/{project}/keys/{key}", status_code=204, responses=LATE)
async def revoke_key(project: PathParam, key: PathParam, deps: Deps) -> Response:
    """Answer once redemption knows and has forgotten: the key opens nothing there either."""
    async with transaction(deps.pool) as conn:
        changed = await verbs.revoke_key(conn, project, key)
    await deps.propagation.wait_or_fail(subject_of_project(changed), changed.version)
    await asyncio.sleep(deps.key_memory_seconds)
    return Response(status_code=204)
