"""Makes, finds, amends and removes products and SKUs. The caller opened the transaction."""

from dataclasses import asdict

from campaigns.history import verbs as history
from campaigns.model import Actor, Product
from campaigns.products import store as products
from campaigns.refusals import NotFoundError
from servicekit.postgres.pool import Connection


async def add(conn: Connection, project_id: str, actor: Actor, made: Product) -> Product:
    """Add one; a source_id that exists raises a unique violation."""
    added = await products.add(conn, project_id, made)
    await _record(conn, project_id, actor, "created", before=None, after=added)
    return added


async def hold(conn: Connection, project_id: str, named: str, *, sku: bool) -> Product:
    """Hold one until commit."""
    held = await products.lock(conn, project_id, named, sku=sku)
    if held is None:
        raise NotFoundError("sku" if sku else "product", named)
    return held


async def amend(
    conn: Connection, project_id: str, actor: Actor, current: Product, wanted: Product
) -> Product:
    """Change one that is held; one that stays as it is is no new version."""
    if wanted == current:
        return current
    changed = await products.change(conn, project_id, wanted)
    await _record(conn, project_id, actor, "updated", before=current, after=changed)
    return changed


async def remove(conn: Connection, project_id: str, actor: Actor, current: Product) -> None:
    """Remove one that is held; that something refers to raises a foreign key violation."""
    await products.remove(conn, project_id, current.id)
    await _record(conn, project_id, actor, "deleted", before=current, after=None)


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
