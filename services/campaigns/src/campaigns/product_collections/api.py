"""Collections of products over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from campaigns.api.access import CurrentCaller, Deps
from campaigns.api.errors import IN_USE, STALE
from campaigns.api.paging import Paging
from campaigns.api.paths import PathParam
from campaigns.history import stale
from campaigns.product_collections import store as collections
from campaigns.product_collections import verbs
from campaigns.product_collections.bodies import (
    CollectedObjects,
    NewProductCollection,
    ProductCollectionChanges,
    ProductCollectionObject,
    ProductCollections,
    collected_response,
    collection_response,
    named,
)
from campaigns.products import pages
from servicekit.http.openapi import DUPLICATE, NOT_FOUND
from servicekit.postgres.pool import connection, transaction

router = APIRouter(prefix="/v1/product-collections", tags=["products"])


@router.post("", responses=DUPLICATE | NOT_FOUND)
async def create_product_collection(
    body: NewProductCollection, caller: CurrentCaller, deps: Deps
) -> ProductCollectionObject:
    async with transaction(deps.changing(caller)) as conn:
        made = await verbs.create(
            conn, caller.project_id, caller.actor, body.name, named(body.products)
        )
    return collection_response(made)


@router.get("")
async def list_product_collections(
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    order: Annotated[collections.SortBy, Query()] = "-created_at",
) -> ProductCollections:
    async with connection(deps.reading(caller)) as conn:
        found, total = await collections.page(
            conn, caller.project_id, sort_by=order, limit=page.limit, offset=page.offset
        )
    return ProductCollections(data=[collection_response(each) for each in found], total=total)


@router.get("/{collection}")
async def get_product_collection(
    collection: PathParam, caller: CurrentCaller, deps: Deps
) -> ProductCollectionObject:
    async with connection(deps.reading(caller)) as conn:
        return collection_response(await verbs.get(conn, caller.project_id, collection))


@router.get("/{collection}/products")
async def list_products_of_collection(
    collection: PathParam,
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    order: Annotated[pages.SortProductsBy, Query()] = "-created_at",
) -> CollectedObjects:
    async with connection(deps.reading(caller)) as conn:
        found = await verbs.get(conn, caller.project_id, collection)
        products = await pages.page_of_collection(
            conn, caller.project_id, found.id, sort_by=order, limit=page.limit, offset=page.offset
        )
    return collected_response(products, found.products_count)


@router.put("/{collection}", responses=STALE)
async def update_product_collection(
    collection: PathParam, body: ProductCollectionChanges, caller: CurrentCaller, deps: Deps
) -> ProductCollectionObject:
    async with transaction(deps.changing(caller)) as conn:
        current = await verbs.hold(conn, caller.project_id, collection)
        await stale.check(
            conn,
            caller.project_id,
            current.target,
            sent=body.version,
            now=current.version,
            shown=lambda: collection_response(current),
        )
        holds = None if body.products is None else named(body.products)
        changed, concerned = await verbs.amend(
            conn, caller.project_id, caller.actor, current, name=body.name, holds=holds
        )
    await deps.propagation.wait_for_campaigns(caller.project_id, concerned)
    return collection_response(changed)


@router.delete("/{collection}", status_code=204, responses=IN_USE)
async def delete_product_collection(
    collection: PathParam, caller: CurrentCaller, deps: Deps
) -> Response:
    async with transaction(deps.changing(caller)) as conn:
        current = await verbs.hold(conn, caller.project_id, collection)
        await verbs.remove(conn, caller.project_id, caller.actor, current)
    return Response(status_code=204)
