"""Makes, amends and removes collections of products. The caller opened the transaction."""

from collections.abc import Collection
from typing import Final, NamedTuple

from campaigns.actors import Actor
from campaigns.catalogue import Product, ProductCollection
from campaigns.history import store as history
from campaigns.history.differences import between
from campaigns.history.store import Entry
from campaigns.model import Campaign
from campaigns.product_collections import store as collections
from campaigns.products import store as products
from campaigns.products.verbs import publish_again
from campaigns.projects import store as projects
from campaigns.referrers import store as referrers
from campaigns.refusals import InvalidError, NotFoundError, check_unused
from contracts import ids
from servicekit.postgres.pool import Connection

MOST_COLLECTIONS: Final = 1_000


class Named(NamedTuple):
    """Products and SKUs by their ids, or the shop's own."""

    products: Collection[str]
    skus: Collection[str]


async def create(
    conn: Connection, project_id: str, actor: Actor, name: str, holds: Named
) -> ProductCollection:
    """Make a collection; a name that exists raises a unique violation."""
    await projects.lock(conn, project_id)
    if await collections.count(conn, project_id) >= MOST_COLLECTIONS:
        raise InvalidError(
            f"A project has {MOST_COLLECTIONS:,} product collections at most", "remove some of them"
        )
    collection_id = ids.new("pc_")
    await collections.add(conn, project_id, collection_id, name)
    product_ids = await _ids_of(conn, project_id, holds)
    await collections.put_products(conn, project_id, collection_id, product_ids)
    made = await get(conn, project_id, collection_id)
    happened = Entry("created", made.target, between(None, _fields(made)))
    await history.add(conn, project_id, actor, [happened])
    return made


async def hold(conn: Connection, project_id: str, collection_id: str) -> ProductCollection:
    """Hold a collection, and what campaigns' snapshots are made of, until commit."""
    await projects.lock(conn, project_id)
    held = await collections.lock(conn, project_id, collection_id)
    if held is None:
        raise NotFoundError("products_collection", collection_id)
    return held


async def amend(
    conn: Connection,
    project_id: str,
    actor: Actor,
    current: ProductCollection,
    *,
    name: str | None,
    holds: Named | None,
) -> tuple[ProductCollection, list[Campaign]]:
    """Change a collection that is held; None leaves as it is.

    Return also the campaigns that are for it, if it holds others now.
    """
    came = gone = 0
    if holds is not None:
        product_ids = await _ids_of(conn, project_id, holds)
        came, gone = await collections.put_products(conn, project_id, current.id, product_ids)
    if (name or current.name) == current.name and not came and not gone:
        return current, []
    await collections.change(conn, project_id, current.id, name or current.name)
    changed = await get(conn, project_id, current.id)
    changes = between(_fields(current), _fields(changed))
    if came or gone:
        changes |= {"products_added": [None, came], "products_removed": [None, gone]}
    await history.add(conn, project_id, actor, [Entry("updated", changed.target, changes)])
    if not came and not gone:
        return changed, []
    return changed, await publish_again(conn, project_id, {current.id})


async def remove(
    conn: Connection, project_id: str, actor: Actor, current: ProductCollection
) -> None:
    """Remove a collection that is held; its products stay."""
    used_by = await referrers.of_goods(conn, project_id, "collections", {current.id})
    check_unused(used_by)
    await collections.remove(conn, project_id, current.id)
    happened = Entry("deleted", current.target, between(_fields(current), None))
    await history.add(conn, project_id, actor, [happened])


async def get(conn: Connection, project_id: str, collection_id: str) -> ProductCollection:
    found = await collections.find(conn, project_id, collection_id)
    if found is None:
        raise NotFoundError("products_collection", collection_id)
    return found


async def _ids_of(conn: Connection, project_id: str, named: Named) -> set[str]:
    """Return the ids of what is named; raise for what is not there."""
    of_products = await products.find_many(conn, project_id, named.products, sku=False)
    of_skus = await products.find_many(conn, project_id, named.skus, sku=True)
    _check_all_there("product", named.products, of_products)
    _check_all_there("sku", named.skus, of_skus)
    return {each.id for each in (*of_products, *of_skus)}


def _check_all_there(kind: str, named: Collection[str], found: Collection[Product]) -> None:
    known = {each.id for each in found} | {each.source_id for each in found}
    for name in named:
        if name not in known:
            raise NotFoundError(kind, name)


def _fields(collection: ProductCollection) -> dict[str, object]:
    return {"name": collection.name, "products_count": collection.products_count}
