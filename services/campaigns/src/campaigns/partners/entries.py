"""What history tells of a partner."""

from typing import Any, Final

from campaigns.history import stale
from campaigns.history import verbs as history
from campaigns.model import Actor, Partner, Target
from campaigns.partners.bodies import partner_response
from servicekit.postgres.pool import Connection

UNTOLD: Final = frozenset({"id", "object", "version", "created_at", "updated_at"})


def target_of(partner: Partner) -> Target:
    return Target("partner", partner.id, partner.name)


def fields_of(partner: Partner) -> dict[str, Any]:
    return partner_response(partner).model_dump(mode="json", exclude=set(UNTOLD))


async def record(
    conn: Connection,
    project_id: str,
    actor: Actor,
    verb: str,
    *,
    before: Partner | None,
    after: Partner,
) -> None:
    """Remember a partner's change, or that it was made."""
    old = None if before is None else fields_of(before)
    await history.record(
        conn, project_id, actor, verb, target_of(after), before=old, after=fields_of(after)
    )


async def check_version(
    conn: Connection, project_id: str, current: Partner, sent: int | None
) -> None:
    """Raise where a partner that is held is not as it was read."""
    await stale.check(
        conn,
        project_id,
        target_of(current),
        sent=sent,
        now=current.version,
        shown=lambda: partner_response(current),
    )
