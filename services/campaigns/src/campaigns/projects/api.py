"""Projects over HTTP: one's own, and the operator's way to all of them."""

from fastapi import APIRouter

from campaigns.actors import Actor, Target
from campaigns.api.access import MANAGER_ONLY, CurrentCaller, Deps, Operator
from campaigns.api.caching import KEPT_NOWHERE
from campaigns.api.errors import STALE
from campaigns.api.paths import PathParam
from campaigns.history import stale
from campaigns.keys import verbs as keys
from campaigns.projects import store as projects
from campaigns.projects import verbs
from campaigns.projects.bodies import (
    GuessLimitsBody,
    NewProject,
    OpenedProject,
    ProjectChanges,
    ProjectObject,
    Projects,
    opened_response,
    project_response,
)
from campaigns.projects.stacking import StackingBody, StackingObject, stacking_response
from campaigns.propagation.waiter import subject_of_project
from campaigns.tenants import Project
from contracts.guesses import GuessLimits
from contracts.projects import Scope
from contracts.stacking import ALL_TOGETHER
from servicekit.postgres.pool import Connection, connection, transaction

UTC = "UTC"
FIRST_KEY = "First key"
FIRST_SCOPES: tuple[Scope, ...] = ("campaigns", "redemptions", "reports", "settings")

router = APIRouter(prefix="/v1/project", tags=["settings"])
management = APIRouter(
    prefix="/management/v1/projects", tags=["management"], dependencies=[MANAGER_ONLY]
)


@router.get("")
async def get_project(caller: CurrentCaller, deps: Deps) -> ProjectObject:
    """Show the project of this key or token."""
    async with connection(deps.reading(caller)) as conn:
        return project_response(await verbs.get(conn, caller.project_id))


@router.put("")
async def update_project(body: ProjectChanges, caller: CurrentCaller, deps: Deps) -> ProjectObject:
    """Change its name, or by whose days it counts."""
    async with transaction(deps.changing(caller)) as conn:
        changed = await verbs.change(conn, caller.project_id, caller.actor, body.merged_with)
    await deps.propagation.wait_briefly(subject_of_project(changed), changed.version)
    return project_response(changed)


@router.get("/stacking-rules")
async def get_stacking_rules(caller: CurrentCaller, deps: Deps) -> StackingObject:
    """Show how several codes of one request apply together."""
    async with connection(deps.reading(caller)) as conn:
        return stacking_response(await verbs.get(conn, caller.project_id))


@router.put("/stacking-rules", responses=STALE)
async def update_stacking_rules(
    body: StackingBody, caller: CurrentCaller, deps: Deps
) -> StackingObject:
    """Change how several codes of one request apply together."""
    async with transaction(deps.changing(caller)) as conn:
        changed = await _stack(conn, caller.project_id, caller.actor, body)
    await deps.propagation.wait_briefly(subject_of_project(changed), changed.version)
    return stacking_response(changed)


@router.delete("/stacking-rules")
async def reset_stacking_rules(caller: CurrentCaller, deps: Deps) -> StackingObject:
    """Let all codes of a request apply, in the order in which they are asked for, or none."""
    async with transaction(deps.changing(caller)) as conn:
        changed = await verbs.stack(conn, caller.project_id, caller.actor, lambda _: ALL_TOGETHER)
    await deps.propagation.wait_briefly(subject_of_project(changed), changed.version)
    return stacking_response(changed)


@management.get("/{project}/stacking-rules")
async def get_stacking_rules_of(project: PathParam, deps: Deps) -> StackingObject:
    """Show how several codes of one request apply together there."""
    async with connection(deps.pool) as conn:
        return stacking_response(await verbs.get(conn, project))


@management.put("/{project}/stacking-rules", responses=STALE)
async def update_stacking_rules_of(
    project: PathParam, body: StackingBody, deps: Deps, operator: Operator
) -> StackingObject:
    """Change how several codes of one request apply together there."""
    async with transaction(deps.pool) as conn:
        changed = await _stack(conn, project, operator, body)
    await deps.propagation.wait_briefly(subject_of_project(changed), changed.version)
    return stacking_response(changed)


@management.delete("/{project}/stacking-rules")
async def reset_stacking_rules_of(
    project: PathParam, deps: Deps, operator: Operator
) -> StackingObject:
    """Let all codes of a request apply there, in the order in which they are asked for, or none."""
    async with transaction(deps.pool) as conn:
        changed = await verbs.stack(conn, project, operator, lambda _: ALL_TOGETHER)
    await deps.propagation.wait_briefly(subject_of_project(changed), changed.version)
    return stacking_response(changed)


@management.post("", dependencies=[KEPT_NOWHERE])
async def create_project(body: NewProject, deps: Deps, operator: Operator) -> OpenedProject:
    """Open a project; its first key may do everything."""
    async with transaction(deps.pool) as conn:
        created = await verbs.create(
            conn,
            operator,
            body.name,
            body.currency,
            body.time_zone or UTC,
            case_sensitive_codes=body.case_sensitive_codes is not False,
            guess_limits=(body.guess_limits or GuessLimitsBody()).merged_with(GuessLimits()),
        )
        project, _, fresh = await keys.add(conn, created.id, operator, FIRST_SCOPES, name=FIRST_KEY)
    await deps.propagation.wait_briefly(subject_of_project(project), project.version)
    return opened_response(project, fresh)


@management.get("")
async def list_projects(deps: Deps) -> Projects:
    async with connection(deps.pool) as conn:
        found = await projects.get_all(conn)
    return Projects(projects=[project_response(each) for each in found], total=len(found))


@management.put("/{project}/guess-limits")
async def limit_guesses(
    project: PathParam, body: GuessLimitsBody, deps: Deps, operator: Operator
) -> ProjectObject:
    """Change how many wrong codes a project bears."""
    async with transaction(deps.pool) as conn:
        changed = await verbs.limit_guesses(conn, project, operator, body.merged_with)
    await deps.propagation.wait_briefly(subject_of_project(changed), changed.version)
    return project_response(changed)


async def _stack(conn: Connection, project_id: str, actor: Actor, body: StackingBody) -> Project:
    """Change the rules, unless the project is of another version than the body's by now."""
    await verbs.lock(conn, project_id)
    current = await verbs.get(conn, project_id)
    await stale.check(
        conn,
        project_id,
        Target("project", current.id, current.name),
        sent=body.version,
        now=current.version,
        shown=lambda: stacking_response(current),
    )
    return await verbs.stack(conn, project_id, actor, body.merged_with)
