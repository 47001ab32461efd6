"""Partners over HTTP."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.errors import LATE, STALE
from campaigns.api.paging import Paging
from campaigns.api.paths import PathParam, Sought
from campaigns.api.versions import Switch, SwitchBody
from campaigns.history import stale
from campaigns.model import Partner, PartnerStatus
from campaigns.partners import store as partners
from campaigns.partners import verbs
from campaigns.partners.bodies import (
    NewPartner,
    PartnerChanges,
    PartnerObject,
    Partners,
    SwitchedPartner,
    partner_response,
    switched_response,
)
from servicekit.http.openapi import DUPLICATE
from servicekit.postgres.pool import connection, transaction

router = APIRouter(prefix="/v1/partners", tags=["partners"])


@router.post("", responses=DUPLICATE)
async def create_partner(body: NewPartner, caller: CurrentCaller, deps: Deps) -> PartnerObject:
    async with transaction(deps.changing(caller)) as conn:
        made = await verbs.create(
            conn,
            caller.project_id,
            caller.actor,
            body.name,
            contract_notes=body.contract_notes,
            deal_url=body.deal_url,
            landing_url=body.landing_url,
            contact=body.contact,
            metadata=body.metadata,
        )
    return partner_response(made)


@router.get("")
async def list_partners(
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    *,
    text: Annotated[Sought | None, Query(description="A part of the name or contact.")] = None,
    status: Annotated[PartnerStatus | None, Query()] = None,
    order: Annotated[partners.SortBy, Query()] = "-created_at",
) -> Partners:
    async with connection(deps.reading(caller)) as conn:
        found, total = await partners.page(
            conn,
            caller.project_id,
            text=text,
            status=status,
            sort_by=order,
            limit=page.limit,
            offset=page.offset,
        )
    return Partners(partners=[partner_response(partner) for partner in found], total=total)


@router.get("/{partner}")
async def get_partner(partner: PathParam, caller: CurrentCaller, deps: Deps) -> PartnerObject:
    async with connection(deps.reading(caller)) as conn:
        return partner_response(await verbs.get(conn, caller.project_id, partner))


@router.put("/{partner}", responses=STALE)
async def update_partner(
    partner: PathParam, body: PartnerChanges, caller: CurrentCaller, deps: Deps
) -> PartnerObject:
    async with transaction(deps.changing(caller)) as conn:
        current = await verbs.hold_for_amending(conn, caller.project_id, partner)
        await stale.check(
            conn,
            caller.project_id,
            current.target,
            sent=body.version,
            now=current.version,
            shown=lambda: partner_response(current),
        )
        changed, concerned = await verbs.amend(
            conn, caller.project_id, caller.actor, current, body.merged_with(current)
        )
    await deps.propagation.wait_for_campaigns(caller.project_id, concerned)
    return partner_response(changed)


@router.post("/{partner}/enable", responses=STALE)
async def enable_partner(
    partner: PathParam, caller: CurrentCaller, deps: Deps, body: Switch = None
) -> SwitchedPartner:
    """Let those of its campaigns redeem again whose own switch is on."""
    before, after, versions = await _switch(deps, caller, partner, body, active=True)
    since = await deps.propagation.wait_for_all_briefly(caller.project_id, versions)
    return switched_response(before, after, len(versions), since)


@router.post("/{partner}/disable", responses=LATE | STALE)
async def disable_partner(
    partner: PathParam, caller: CurrentCaller, deps: Deps, body: Switch = None
) -> SwitchedPartner:
    """Answer once none of its campaigns redeems any more; 503 when that is not known in time."""
    before, _, versions = await _switch(deps, caller, partner, body, active=False)
    since = await deps.propagation.wait_for_all_or_fail(caller.project_id, versions)
    async with connection(deps.reading(caller)) as conn:
        disabled = await verbs.get(conn, caller.project_id, partner)
    return switched_response(before, disabled, len(versions), since)


async def _switch(
    deps: Dependencies, caller: Caller, partner_id: str, body: SwitchBody | None, *, active: bool
) -> tuple[Partner, Partner, Mapping[str, int]]:
    project_id = caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        before = await verbs.hold(conn, project_id, partner_id)
        await stale.check(
            conn,
            project_id,
            before.target,
            sent=None if body is None else body.version,
            now=before.version,
            shown=lambda: partner_response(before),
        )
        after, versions = await verbs.set_active(conn, project_id, caller.actor, before, active)
    return before, after, versions
