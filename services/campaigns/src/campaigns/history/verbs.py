"""Remembers changes, in the transaction that makes them: whoever changes something calls `record`.

    await history.record(
        conn, project_id, caller.actor, "updated", Target("partner", partner.id, partner.name),
        before=shown_before, after=shown_after,
    )

`before` and `after` are the thing's fields as the API shows them; None where it is not there. A
change that changes nothing leaves no entry.
"""

from collections.abc import Mapping
from typing import Final, Literal

from campaigns.actors import Actor, Target
from campaigns.history import differences
from campaigns.history import store as entries
from campaigns.history.differences import Changes, Fields
from campaigns.history.store import Entry
from servicekit.postgres.pool import Connection

Reaffirmed = Literal["disabled", "deleted"]
STANDS_SO: Final[Mapping[Reaffirmed, Changes]] = {
    "disabled": {"active": [False, False]},
    "deleted": {"deleted": [True, True]},
}


async def record(
    conn: Connection,
    project_id: str,
    actor: Actor,
    verb: str,
    target: Target,
    *,
    before: Fields | None,
    after: Fields | None,
) -> None:
    """Write what differs, as one entry; its action is "<kind>.<verb>", such as "user.invited"."""
    changes = differences.between(before, after)
    if changes:
        await entries.add(conn, project_id, actor, [Entry(verb, target, changes)])


async def reaffirm(
    conn: Connection, project_id: str, actor: Actor, verb: Reaffirmed, target: Target
) -> bool:
    """Remember that somebody asks for what stands so already; False where he brought it about.

    What is held for it becomes a new version then: the undo of whoever did it before names the old
    one, and does not take back what this one is told. Who asks again after a late confirmation
    finds himself here, and changes nothing.
    """
    [field] = STANDS_SO[verb]
    if await entries.last_setter(conn, project_id, target, field) == (actor.id, actor.job_id):
        return False
    await entries.add(conn, project_id, actor, [Entry(verb, target, STANDS_SO[verb])])
    return True
