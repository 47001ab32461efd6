"""Keys over HTTP: an owner's, and the operator's way to them."""

import asyncio

from fastapi import APIRouter, Response

from campaigns.actors import Actor
from campaigns.api.access import MANAGER_ONLY, CurrentCaller, Dependencies, Deps, Operator
from campaigns.api.caching import KEPT_NOWHERE
from campaigns.api.errors import LATE
from campaigns.api.paths import PathParam
from campaigns.keys import verbs
from campaigns.keys.bodies import (
    IssuedKey,
    Keys,
    NewKey,
    OperatorsKey,
    issued_response,
    key_response,
)
from campaigns.keys.makers import makers
from campaigns.propagation.waiter import subject_of_project
from campaigns.tenants import Project
from servicekit.postgres.pool import Lender, connection, transaction

router = APIRouter(prefix="/v1/keys", tags=["settings"], dependencies=[KEPT_NOWHERE])
management = APIRouter(
    prefix="/management/v1/projects/{project}/keys",
    tags=["management"],
    dependencies=[MANAGER_ONLY, KEPT_NOWHERE],
)


@router.get("")
async def list_keys(caller: CurrentCaller, deps: Deps) -> Keys:
    """List keys, oldest first, also those that are revoked; nobody can look a token up."""
    return await _listed(deps.reading(caller), caller.project_id)


@router.post("")
async def issue_key(body: NewKey, caller: CurrentCaller, deps: Deps) -> IssuedKey:
    """Make a key; its token is shown here and never again."""
    return await _issued(deps, deps.changing(caller), caller.project_id, caller.actor, body)


@router.delete("/{key}", status_code=204, responses=LATE)
async def revoke_key(key: PathParam, caller: CurrentCaller, deps: Deps) -> Response:
    """Answer once redemption knows and has forgotten: the key opens nothing there either."""
    async with transaction(deps.changing(caller)) as conn:
        changed = await verbs.revoke(conn, caller.project_id, caller.actor, key)
    return await _forgotten(deps, changed)


@management.get("")
async def list_keys_of_project(project: PathParam, deps: Deps) -> Keys:
    return await _listed(deps.pool, project)


@management.post("")
async def issue_key_of_project(
    project: PathParam, body: OperatorsKey, deps: Deps, operator: Operator
) -> IssuedKey:
    return await _issued(deps, deps.pool, project, operator, body)


@management.delete("/{key}", status_code=204, responses=LATE)
async def revoke_key_of_project(
    project: PathParam, key: PathParam, deps: Deps, operator: Operator
) -> Response:
    """Answer once redemption knows and has forgotten: the key opens nothing there either."""
    async with transaction(deps.pool) as conn:
        changed = await verbs.revoke(conn, project, operator, key)
    return await _forgotten(deps, changed)


async def _listed(lender: Lender, project_id: str) -> Keys:
    async with connection(lender) as conn:
        found = await verbs.listed(conn, project_id)
        by = await makers(conn, project_id, [each.created_by for each in found])
    shown = [key_response(*each) for each in zip(found, by, strict=True)]
    return Keys(keys=shown, total=len(shown))


async def _issued(
    deps: Dependencies, lender: Lender, project_id: str, actor: Actor, body: NewKey
) -> IssuedKey:
    async with transaction(lender) as conn:
        changed, issued, fresh = await verbs.add(
            conn,
            project_id,
            actor,
            body.scopes,
            name=body.name,
            expires_at=body.expires_at,
            origins=body.origins or (),
        )
        [maker] = await makers(conn, project_id, [issued.created_by])
    await deps.propagation.wait_briefly(subject_of_project(changed), changed.version)
    return issued_response(issued, maker, fresh)


async def _forgotten(deps: Dependencies, changed: Project) -> Response:
    await deps.propagation.wait_or_fail(subject_of_project(changed), changed.version)
    await asyncio.sleep(deps.key_memory_seconds)
    return Response(status_code=204)
