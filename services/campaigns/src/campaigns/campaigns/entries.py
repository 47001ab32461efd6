"""What history tells of a campaign: its fields as the API shows them, and no count that moves."""

from dataclasses import replace
from typing import Any, Final

from campaigns.actors import Actor
from campaigns.campaigns.bodies import campaign_response
from campaigns.history import stale
from campaigns.history import verbs as history
from campaigns.model import Campaign
from servicekit.postgres.pool import Connection

# What says nothing that a person decided, or nothing that was not said beside it.
UNTOLD: Final = frozenset(
    {
        *("id", "object", "version", "created_at", "updated_at", "vouchers_count"),
        *("creation_status", "vouchers_generation_status", "campaign_type", "categories"),
        *("validation_rules_assignments", "auto_join", "protected", "readonly"),
        *("use_voucher_metadata_schema", "status"),
        *("referral_program", "standalone", "deleted_at"),
        *("status_reason", "status_since", "redemptions"),
    }
)


def fields_of(campaign: Campaign) -> dict[str, Any]:
    """Return what people decide about a campaign."""
    return campaign_response(campaign).model_dump(mode="json", exclude=set(UNTOLD))


async def record(
    conn: Connection,
    project_id: str,
    actor: Actor,
    verb: str,
    *,
    before: Campaign | None,
    after: Campaign,
) -> None:
    """Remember a campaign's change, or that it was made."""
    old = None if before is None else fields_of(before)
    await history.record(
        conn, project_id, actor, verb, after.target, before=old, after=fields_of(after)
    )


async def record_issue(
    conn: Connection, project_id: str, actor: Actor, campaign: Campaign, *, count: int, job_id: str
) -> None:
    """Remember that a job began to issue codes; the codes themselves have no entries."""
    await history.record(
        conn,
        project_id,
        replace(actor, job_id=job_id),
        "codes_issued",
        campaign.target,
        before=None,
        after={"vouchers_count": count},
    )


async def check_version(
    conn: Connection, project_id: str, current: Campaign, sent: int | None
) -> None:
    """Raise where a campaign that is held is not as it was read."""
    await stale.check(
        conn,
        project_id,
        current.target,
        sent=sent,
        now=current.version,
        shown=lambda: campaign_response(current),
    )
