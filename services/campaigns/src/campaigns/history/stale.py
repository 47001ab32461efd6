"""Two people edit the same thing: the second is told, with how it is now and who changed it."""

from collections.abc import Callable

from pydantic import BaseModel

from campaigns.actors import Target
from campaigns.history import store as entries
from campaigns.keys.makers import makers
from campaigns.refusals import LastChange, StaleError
from servicekit.postgres.pool import Connection


async def check(
    conn: Connection,
    project_id: str,
    target: Target,
    *,
    sent: int | None,
    now: int,
    shown: Callable[[], BaseModel],
) -> None:
    """Raise where the version that a body names is not the current one; None names none.

    What is checked is held already, so it stays as it is until the change is made.
    """
    if sent is None or sent == now:
        return
    last = await entries.last_change(conn, project_id, target.kind, target.id)
    changed = LastChange()
    if last is not None:
        actor, at = last
        [by] = await makers(conn, project_id, [actor])
        changed = LastChange(by.model_dump(), at)
    raise StaleError(sent, now, shown().model_dump(mode="json"), changed)
