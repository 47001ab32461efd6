"""What history tells of a code; of a standalone one also the terms, which are its own."""

from typing import Any

from campaigns.actors import Actor
from campaigns.campaigns import entries as campaign_entries
from campaigns.history import stale
from campaigns.history import verbs as history
from campaigns.model import Campaign, Voucher
from campaigns.vouchers.bodies import voucher_response
from servicekit.postgres.pool import Connection


def fields_of(voucher: Voucher, campaign: Campaign) -> dict[str, Any]:
    """Return what people decide about a code."""
    told: dict[str, Any] = {
        "active": voucher.active,
        "redemption": {"quantity": voucher.quantity},
        "metadata": voucher.metadata,
    }
    if not campaign.standalone:
        return told | {"validation_rules": [each.rule_id for each in voucher.rules] or None}
    terms = campaign_entries.fields_of(campaign)
    worth = {"discount": terms.pop("voucher")["discount"]}
    for of_campaigns in ("name", "type", "active", "metadata"):
        del terms[of_campaigns]
    return terms | worth | told


async def record(
    conn: Connection,
    project_id: str,
    actor: Actor,
    verb: str,
    *,
    before: tuple[Voucher, Campaign] | None,
    after: tuple[Voucher, Campaign],
) -> None:
    """Remember a code's change, or that it was made."""
    old = None if before is None else fields_of(*before)
    await history.record(
        conn, project_id, actor, verb, after[0].target, before=old, after=fields_of(*after)
    )


async def record_switch(
    conn: Connection, project_id: str, actor: Actor, *, before: Voucher, after: Voucher
) -> None:
    """Remember that a code was switched; its campaign is not looked up for it."""
    await history.record(
        conn,
        project_id,
        actor,
        "enabled" if after.active else "disabled",
        after.target,
        before={"active": before.active},
        after={"active": after.active},
    )


async def check_version(
    conn: Connection, project_id: str, current: Voucher, campaign: Campaign, sent: int | None
) -> None:
    """Raise where a code that is held is not as it was read."""
    await stale.check(
        conn,
        project_id,
        current.target,
        sent=sent,
        now=current.version,
        shown=lambda: voucher_response(current, campaign),
    )
