"""Makes, finds, amends and switches partners. The caller opened the transaction."""

from collections.abc import Mapping
from typing import Any

from campaigns.actors import Actor
from campaigns.campaigns import versions
from campaigns.campaigns.verbs import publish_snapshots
from campaigns.history import verbs as history
from campaigns.model import Campaign, Metadata, Partner
from campaigns.partners import store as partners
from campaigns.projects import store as projects
from campaigns.refusals import NotFoundError
from contracts import ids
from servicekit.postgres.pool import Connection


async def create(
    conn: Connection,
    project_id: str,
    actor: Actor,
    name: str,
    *,
    contract_notes: str | None,
    deal_url: str | None,
    landing_url: str | None,
    contact: str | None,
    metadata: Metadata | None,
) -> Partner:
    """Make a partner; a name that exists raises a unique violation."""
    partner_id = await partners.add(
        conn,
        project_id,
        ids.new("part_"),
        name,
        contract_notes=contract_notes,
        deal_url=deal_url,
        landing_url=landing_url,
        contact=contact,
        metadata=metadata,
    )
    made = await get(conn, project_id, partner_id)
    await _record(conn, project_id, actor, "created", before=None, after=made)
    return made


async def hold_for_amending(conn: Connection, project_id: str, partner_id: str) -> Partner:
    """Hold a partner, and what its campaigns' snapshots name, until commit."""
    await projects.lock(conn, project_id)
    return await hold(conn, project_id, partner_id)


async def hold(conn: Connection, project_id: str, partner_id: str) -> Partner:
    """Hold a partner until commit."""
    current = await partners.lock(conn, project_id, partner_id)
    if current is None:
        raise NotFoundError("partner", partner_id)
    return current


async def amend(
    conn: Connection, project_id: str, actor: Actor, current: Partner, wanted: Partner
) -> tuple[Partner, list[Campaign]]:
    """Change a partner that is held; return also the campaigns that were published again.

    Their snapshots name it, and tell nothing else of it: it may have thousands of them.
    """
    if wanted == current:
        return current, []
    await partners.change(conn, project_id, wanted)
    changed = await get(conn, project_id, current.id)
    await _record(conn, project_id, actor, "updated", before=current, after=changed)
    if changed.name == current.name:
        return changed, []
    concerned = await versions.bump(conn, project_id, partner_id=current.id)
    return changed, await publish_snapshots(conn, project_id, concerned)


async def set_active(
    conn: Connection, project_id: str, actor: Actor, current: Partner, active: bool
) -> tuple[Partner, Mapping[str, int]]:
    """Switch all campaigns of a partner that is held; return the version of each that obeys.

    Each keeps its own switch beside. Not the project is held but the partner, so that no other
    change holds the switch up; whoever makes a campaign of this partner meanwhile waits for it. A
    switch that stands as wished already makes no new versions of campaigns, and one of the partner
    where another threw it.
    """
    verb = "enabled" if active else "disabled"
    if current.active != active:
        await partners.set_active(conn, project_id, current.id, active)
        concerned = await versions.bump(conn, project_id, partner_id=current.id)
        await publish_snapshots(conn, project_id, concerned, may_grow=False)
    elif not active and await history.reaffirm(conn, project_id, actor, "disabled", current.target):
        await partners.set_active(conn, project_id, current.id, active)
    obeying = await versions.of_partner(conn, project_id, current.id)
    changed = await get(conn, project_id, current.id)
    await _record(conn, project_id, actor, verb, before=current, after=changed)
    return changed, obeying


async def get(conn: Connection, project_id: str, partner_id: str) -> Partner:
    found = await partners.find(conn, project_id, partner_id)
    if found is None:
        raise NotFoundError("partner", partner_id)
    return found


async def _record(
    conn: Connection,
    project_id: str,
    actor: Actor,
    verb: str,
    *,
    before: Partner | None,
    after: Partner,
) -> None:
    await history.record(
        conn,
        project_id,
        actor,
        verb,
        after.target,
        before=None if before is None else _fields(before),
        after=_fields(after),
    )


def _fields(partner: Partner) -> dict[str, Any]:
    return {
        "name": partner.name,
        "active": partner.active,
        "contract_notes": partner.contract_notes,
        "deal_url": partner.deal_url,
        "landing_url": partner.landing_url,
        "contact": partner.contact,
        "metadata": partner.metadata,
    }
