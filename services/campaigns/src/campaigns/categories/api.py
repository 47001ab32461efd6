"""Categories over HTTP."""

from fastapi import APIRouter, Response

from campaigns.api.access import CurrentCaller, Deps
from campaigns.api.errors import IN_USE
from campaigns.api.paths import PathParam
from campaigns.categories import entries, verbs
from campaigns.categories import store as categories
from campaigns.categories.bodies import (
    Categories,
    CategoryBody,
    CategoryChanges,
    CategoryObject,
    category_response,
)
from servicekit.http.openapi import DUPLICATE
from servicekit.postgres.pool import connection, transaction

router = APIRouter(prefix="/v1/categories", tags=["categories"])


@router.post("", responses=DUPLICATE)
async def create_category(body: CategoryBody, caller: CurrentCaller, deps: Deps) -> CategoryObject:
    async with transaction(deps.changing(caller)) as conn:
        added = await verbs.add(conn, caller.project_id, body.name, body.hierarchy)
        await entries.record(
            conn, caller.project_id, caller.actor, "created", before=None, after=added
        )
    return category_response(added)


@router.get("")
async def list_categories(caller: CurrentCaller, deps: Deps) -> Categories:
    async with connection(deps.reading(caller)) as conn:
        found = await categories.get_all(conn, caller.project_id)
    return Categories(data=[category_response(category) for category in found], total=len(found))


@router.get("/{category}")
async def get_category(category: PathParam, caller: CurrentCaller, deps: Deps) -> CategoryObject:
    async with connection(deps.reading(caller)) as conn:
        return category_response(await verbs.get(conn, caller.project_id, category))


@router.put("/{category}", responses=DUPLICATE)
async def update_category(
    category: PathParam, body: CategoryChanges, caller: CurrentCaller, deps: Deps
) -> CategoryObject:
    async with transaction(deps.changing(caller)) as conn:
        before, changed, concerned = await verbs.amend(
            conn, caller.project_id, category, body.name, body.hierarchy
        )
        await entries.record(
            conn, caller.project_id, caller.actor, "updated", before=before, after=changed
        )
    await deps.propagation.wait_for_campaigns(caller.project_id, concerned)
    return category_response(changed)


@router.delete("/{category}", status_code=204, responses=IN_USE)
async def delete_category(category: PathParam, caller: CurrentCaller, deps: Deps) -> Response:
    """Delete a category that no campaign is in."""
    async with transaction(deps.changing(caller)) as conn:
        removed = await verbs.remove(conn, caller.project_id, category)
        await entries.record(
            conn, caller.project_id, caller.actor, "deleted", before=removed, after=None
        )
    return Response(status_code=204)
