"""Remembers changes, in the transaction that makes them: whoever changes something calls `record`.

    await history.record(
        conn, project_id, caller.actor, "updated", Target("partner", partner.id, partner.name),
        before=shown_before, after=shown_after,
    )

`before` and `after` are the thing's fields as the API shows them; None where it is not there. A
change that changes nothing leaves no entry.
"""

from campaigns.history import differences
from campaigns.history import store as entries
from campaigns.history.differences import Fields
from campaigns.history.store import Entry
from campaigns.model import Actor, Target
from servicekit.postgres.pool import Connection


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
