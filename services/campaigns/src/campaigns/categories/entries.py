"""What history tells of a category."""

from campaigns.actors import Actor, Target
from campaigns.catalogue import Category
from campaigns.history import verbs as history
from servicekit.postgres.pool import Connection


def _fields(category: Category | None) -> dict[str, object] | None:
    if category is None:
        return None
    return {"name": category.name, "hierarchy": category.hierarchy}


async def record(
    conn: Connection,
    project_id: str,
    actor: Actor,
    verb: str,
    *,
    before: Category | None,
    after: Category | None,
) -> None:
    """Remember a category's change; None where it is not there."""
    known = [each for each in (after, before) if each is not None][0]  # noqa: RUF015
    target = Target("category", known.id, known.name)
    await history.record(
        conn, project_id, actor, verb, target, before=_fields(before), after=_fields(after)
    )
