"""Products and their SKUs over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.errors import IN_USE, STALE
from campaigns.api.paging import Paging
from campaigns.api.paths import PathParam
from campaigns.catalogue import Product
from campaigns.history import stale
from campaigns.products import pages, verbs
from campaigns.products import store as products
from campaigns.products.bodies import (
    ProductBody,
    ProductChanges,
    ProductObject,
    Products,
    SkuBody,
    SkuChanges,
    SkuObject,
    Skus,
    product_response,
    sku_response,
)
from campaigns.refusals import NotFoundError
from servicekit.http.openapi import DUPLICATE, NOT_FOUND
from servicekit.postgres.pool import Connection, connection, transaction

router = APIRouter(prefix="/v1", tags=["products"])


@router.post("/products", responses={**DUPLICATE, **NOT_FOUND})
async def create_product(body: ProductBody, caller: CurrentCaller, deps: Deps) -> ProductObject:
    """Add a product, or change the one that is meant."""
    async with transaction(deps.changing(caller)) as conn:
        await verbs.hold_all(conn, caller.project_id)
        current = await _meant(conn, caller, body, sku=False)
        if current is None:
            made, concerned = await verbs.add(
                conn, caller.project_id, caller.actor, body.to_domain()
            )
        else:
            wanted = body.merged_with(current)
            made, concerned = await verbs.amend(
                conn, caller.project_id, caller.actor, current, wanted
            )
    await deps.propagation.wait_for_campaigns(caller.project_id, concerned)
    return product_response(made)


@router.get("/products")
async def list_products(
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    order: Annotated[pages.SortProductsBy, Query()] = "-created_at",
) -> Products:
    async with connection(deps.reading(caller)) as conn:
        found, total = await pages.page_of_products(
            conn, caller.project_id, sort_by=order, limit=page.limit, offset=page.offset
        )
    return Products(products=[product_response(each) for each in found], total=total)


@router.get("/products/{product}")
async def get_product(product: PathParam, caller: CurrentCaller, deps: Deps) -> ProductObject:
    async with connection(deps.reading(caller)) as conn:
        return product_response(await verbs.get(conn, caller.project_id, product, sku=False))


@router.put("/products/{product}", responses=STALE)
async def update_product(
    product: PathParam, body: ProductChanges, caller: CurrentCaller, deps: Deps
) -> ProductObject:
    async with transaction(deps.changing(caller)) as conn:
        await verbs.hold_all(conn, caller.project_id)
        current = await verbs.hold(conn, caller.project_id, product, sku=False)
        await stale.check(
            conn,
            caller.project_id,
            current.target,
            sent=body.version,
            now=current.version,
            shown=lambda: product_response(current),
        )
        wanted = body.merged_with(current)
        changed, concerned = await verbs.amend(
            conn, caller.project_id, caller.actor, current, wanted
        )
    await deps.propagation.wait_for_campaigns(caller.project_id, concerned)
    return product_response(changed)


@router.delete("/products/{product}", status_code=204, responses=IN_USE)
async def delete_product(product: PathParam, caller: CurrentCaller, deps: Deps) -> Response:
    """Delete a product that has no SKUs and is in no collection."""
    return await _delete(deps, caller, product, sku=False)


@router.post("/products/{product}/skus", responses=DUPLICATE)
async def create_sku(
    product: PathParam, body: SkuBody, caller: CurrentCaller, deps: Deps
) -> SkuObject:
    """Add a SKU to a product, or change the one that is meant."""
    async with transaction(deps.changing(caller)) as conn:
        await verbs.hold_all(conn, caller.project_id)
        parent = await verbs.hold(conn, caller.project_id, product, sku=False)
        current = await _meant(conn, caller, body, sku=True)
        if current is None:
            wanted = body.to_domain(parent.id)
            made, concerned = await verbs.add(conn, caller.project_id, caller.actor, wanted)
        elif current.of_product != parent.id:
            raise NotFoundError("sku", current.id)
        else:
            wanted = body.merged_with(current)
            made, concerned = await verbs.amend(
                conn, caller.project_id, caller.actor, current, wanted
            )
    await deps.propagation.wait_for_campaigns(caller.project_id, concerned)
    return sku_response(made)


@router.get("/products/{product}/skus")
async def list_skus(
    product: PathParam,
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    order: Annotated[pages.SortSkusBy, Query()] = "-created_at",
) -> Skus:
    async with connection(deps.reading(caller)) as conn:
        parent = await verbs.get(conn, caller.project_id, product, sku=False)
        found, total = await pages.page_of_skus(
            conn, caller.project_id, parent.id, sort_by=order, limit=page.limit, offset=page.offset
        )
    return Skus(skus=[sku_response(each) for each in found], total=total)


@router.get("/skus/{sku}")
async def get_sku(sku: PathParam, caller: CurrentCaller, deps: Deps) -> SkuObject:
    async with connection(deps.reading(caller)) as conn:
        return sku_response(await verbs.get(conn, caller.project_id, sku, sku=True))


@router.get("/products/{product}/skus/{sku}")
async def get_sku_of_product(
    product: PathParam, sku: PathParam, caller: CurrentCaller, deps: Deps
) -> SkuObject:
    async with connection(deps.reading(caller)) as conn:
        parent = await verbs.get(conn, caller.project_id, product, sku=False)
        return sku_response(_of(parent, await verbs.get(conn, caller.project_id, sku, sku=True)))


@router.put("/products/{product}/skus/{sku}", responses=STALE)
async def update_sku(
    product: PathParam, sku: PathParam, body: SkuChanges, caller: CurrentCaller, deps: Deps
) -> SkuObject:
    async with transaction(deps.changing(caller)) as conn:
        await verbs.hold_all(conn, caller.project_id)
        parent = await verbs.get(conn, caller.project_id, product, sku=False)
        current = _of(parent, await verbs.hold(conn, caller.project_id, sku, sku=True))
        await stale.check(
            conn,
            caller.project_id,
            current.target,
            sent=body.version,
            now=current.version,
            shown=lambda: sku_response(current),
        )
        wanted = body.merged_with(current)
        changed, concerned = await verbs.amend(
            conn, caller.project_id, caller.actor, current, wanted
        )
    await deps.propagation.wait_for_campaigns(caller.project_id, concerned)
    return sku_response(changed)


@router.delete("/products/{product}/skus/{sku}", status_code=204, responses=IN_USE)
async def delete_sku(
    product: PathParam, sku: PathParam, caller: CurrentCaller, deps: Deps
) -> Response:
    """Delete a SKU that is in no collection."""
    async with connection(deps.reading(caller)) as conn:
        parent = await verbs.get(conn, caller.project_id, product, sku=False)
        _of(parent, await verbs.get(conn, caller.project_id, sku, sku=True))
    return await _delete(deps, caller, sku, sku=True)


async def _meant(
    conn: Connection, caller: Caller, body: ProductBody | SkuBody, *, sku: bool
) -> Product | None:
    """Hold the one that a body names, if it names one: by an id of ours it has to be there."""
    if body.id is not None:
        return await verbs.hold(conn, caller.project_id, body.id, sku=sku)
    if body.source_id is not None:
        return await products.lock(conn, caller.project_id, body.source_id, sku=sku)
    return None


def _of(parent: Product, sku: Product) -> Product:
    if sku.of_product != parent.id:
        raise NotFoundError("sku", sku.id)
    return sku


async def _delete(deps: Dependencies, caller: Caller, named: str, *, sku: bool) -> Response:
    async with transaction(deps.changing(caller)) as conn:
        await verbs.hold_all(conn, caller.project_id)
        current = await verbs.hold(conn, caller.project_id, named, sku=sku)
        concerned = await verbs.remove(conn, caller.project_id, caller.actor, current)
    await deps.propagation.wait_for_campaigns(caller.project_id, concerned)
    return Response(status_code=204)
