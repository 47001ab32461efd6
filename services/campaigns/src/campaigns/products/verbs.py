"""Makes, finds, amends and removes products and SKUs. The caller opened the transaction."""

from collections.abc import Collection
from dataclasses import asdict

from campaigns.actors import Actor
from campaigns.campaigns import versions
from campaigns.campaigns.verbs import publish_snapshots
from campaigns.catalogue import Product
from campaigns.history import verbs as history
from campaigns.model import Campaign
from campaigns.products import store as products
from campaigns.projects import store as projects
from campaigns.referrers import store as referrers
from campaigns.refusals import NotFoundError, check_unused
from servicekit.postgres.pool import Connection


async def add(
    conn: Connection, project_id: str, actor: Actor, made: Product
) -> tuple[Product, list[Campaign]]:
    """Add one that is held; a source_id that exists raises a unique violation.

    Return also the campaigns that mean it, which are published again.
    """
    added = await products.add(conn, project_id, made)
    await _record(conn, project_id, actor, "created", before=None, after=added)
    names = await products.names_of(conn, project_id, added.id)
    return added, await publish_again(conn, project_id, names)


async def hold_all(conn: Connection, project_id: str) -> None:
    """Hold what campaigns' snapshots are made of until commit; before anything is changed."""
    await projects.lock(conn, project_id)


async def hold(conn: Connection, project_id: str, named: str, *, sku: bool) -> Product:
    """Hold one until commit."""
    held = await products.lock(conn, project_id, named, sku=sku)
    if held is None:
        raise NotFoundError("sku" if sku else "product", named)
    return held


async def amend(
    conn: Connection, project_id: str, actor: Actor, current: Product, wanted: Product
) -> tuple[Product, list[Campaign]]:
    """Change one that is held; one that stays as it is is no new version.

    Return also the campaigns that mean it, if lines name it otherwise now.
    """
    if wanted == current:
        return current, []
    changed = await products.change(conn, project_id, wanted)
    await _record(conn, project_id, actor, "updated", before=current, after=changed)
    if changed.source_id == current.source_id:
        return changed, []
    names = await products.names_of(conn, project_id, changed.id)
    return changed, await publish_again(conn, project_id, names | {current.source_id or ""})


async def remove(
    conn: Connection, project_id: str, actor: Actor, current: Product
) -> list[Campaign]:
    """Remove one that is held, and that nothing refers to.

    Return the campaigns that are published without it: those that mean it by its product.
    """
    check_unused(await referrers.of_product(conn, project_id, current.id))
    kind: referrers.Goods = "products" if current.of_product is None else "skus"
    own = {current.id, current.source_id or current.id}
    check_unused(await referrers.of_goods(conn, project_id, kind, own))
    names = await products.names_of(conn, project_id, current.id)
    await products.remove(conn, project_id, current.id)
    await _record(conn, project_id, actor, "deleted", before=current, after=None)
    return await publish_again(conn, project_id, names)


async def publish_again(
    conn: Connection, project_id: str, names: Collection[str]
) -> list[Campaign]:
    """Publish the campaigns that name one of these products or collections."""
    concerned = await versions.bump_for_products(conn, project_id, names)
    return await publish_snapshots(conn, project_id, concerned)


async def get(conn: Connection, project_id: str, named: str, *, sku: bool) -> Product:
    found = await products.find(conn, project_id, named, sku=sku)
    if found is None:
        raise NotFoundError("sku" if sku else "product", named)
    return found


async def _record(
    conn: Connection,
    project_id: str,
    actor: Actor,
    verb: str,
    *,
    before: Product | None,
    after: Product | None,
) -> None:
    target = (after or before).target  # type: ignore[union-attr]  # one of the two is there
    await history.record(
        conn, project_id, actor, verb, target, before=_fields(before), after=_fields(after)
    )


def _fields(product: Product | None) -> dict[str, object] | None:
    if product is None:
        return None
    told = ("source_id", "name", "price", "metadata")
    return {name: value for name, value in asdict(product).items() if name in told}
