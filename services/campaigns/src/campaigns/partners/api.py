"""Partners over HTTP."""

from fastapi import APIRouter

from campaigns.api.access import CurrentCaller, Deps
from campaigns.api.errors import STALE
from campaigns.api.paging import Paging
from campaigns.api.paths import PathParam
from campaigns.partners import entries, verbs
from campaigns.partners import store as partners
from campaigns.partners.bodies import (
    NewPartner,
    PartnerChanges,
    PartnerObject,
    Partners,
    partner_response,
)
from contracts import ids
from servicekit.http.openapi import DUPLICATE
from servicekit.postgres.pool import connection, transaction

router = APIRouter(prefix="/v1/partners", tags=["partners"])


@router.post("", responses=DUPLICATE)
async def create_partner(body: NewPartner, caller: CurrentCaller, deps: Deps) -> PartnerObject:
    async with transaction(deps.changing(caller)) as conn:
        partner_id = await partners.add(
            conn,
            caller.project_id,
            ids.new("part_"),
            body.name,
            contract_notes=body.contract_notes,
            deal_url=body.deal_url,
            landing_url=body.landing_url,
            contact=body.contact,
            metadata=body.metadata,
        )
        partner = await verbs.get(conn, caller.project_id, partner_id)
        await entries.record(
            conn, caller.project_id, caller.actor, "created", before=None, after=partner
        )
    return partner_response(partner)


@router.get("")
async def list_partners(caller: CurrentCaller, deps: Deps, page: Paging) -> Partners:
    async with connection(deps.reading(caller)) as conn:
        found, total = await partners.page(conn, caller.project_id, page.limit, page.offset)
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
        current = await verbs.hold(conn, caller.project_id, partner)
        await entries.check_version(conn, caller.project_id, current, body.version)
        wanted = body.merged_with(current)
        changed, concerned = await verbs.amend(conn, caller.project_id, current, wanted)
        await entries.record(
            conn, caller.project_id, caller.actor, "updated", before=current, after=changed
        )
    await deps.propagation.wait_for_campaigns(caller.project_id, concerned)
    return partner_response(changed)
