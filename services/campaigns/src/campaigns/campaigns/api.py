"""Campaigns over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from campaigns.api.access import CurrentCaller, Deps
from campaigns.api.body import Nothing
from campaigns.api.errors import LATE
from campaigns.api.paging import Paging
from campaigns.api.paths import IdOrName
from campaigns.campaigns import store as campaigns
from campaigns.campaigns import verbs
from campaigns.campaigns.bodies import (
    CampaignObject,
    Campaigns,
    NewCampaign,
    Switched,
    campaign_response,
)
from campaigns.campaigns.changes import CampaignChanges
from campaigns.campaigns.verbs import CategoryChoice
from campaigns.issuing import verbs as issue
from campaigns.model import Campaign, CampaignDefinition
from campaigns.propagation.waiter import subject_of_campaign
from servicekit.http.openapi import DUPLICATE, NOT_FOUND
from servicekit.postgres.pool import connection, transaction

router = APIRouter(prefix="/v1/campaigns", tags=["campaigns"])


@router.post("", responses=DUPLICATE | NOT_FOUND)
async def create_campaign(body: NewCampaign, caller: CurrentCaller, deps: Deps) -> CampaignObject:
    project_id, template = caller.project_id, body.voucher.code_template()
    wanted = body.vouchers_count or 0
    async with transaction(deps.changing(caller)) as conn:
        campaign = await verbs.create(
            conn,
            project_id,
            body.to_domain(),
            partner_id=body.partner_id,
            category=CategoryChoice(body.category_id, body.category),
            code_template=template,
            active=body.active is not False,
        )
        issue.check_config(template.config, 0, 1)
        if wanted:
            if wanted > 1:
                issue.check_may_have_many(campaign)
            await issue.start_job(
                conn,
                project_id,
                campaign,
                wanted,
                template,
                metadata={},
                request_id=caller.request_id,
            )
            campaign = await verbs.get(conn, project_id, campaign.id)
    deps.job_started.set()
    await deps.propagation.wait_for_campaigns(project_id, [campaign])
    return campaign_response(campaign)


@router.get("")
async def list_campaigns(
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    order: Annotated[campaigns.SortBy, Query()] = "-created_at",
) -> Campaigns:
    async with connection(deps.reading(caller)) as conn:
        found, total = await campaigns.page(conn, caller.project_id, order, page.limit, page.offset)
    return Campaigns(campaigns=[campaign_response(each) for each in found], total=total)


@router.get("/{campaign}")
async def get_campaign(campaign: IdOrName, caller: CurrentCaller, deps: Deps) -> CampaignObject:
    async with connection(deps.reading(caller)) as conn:
        return campaign_response(await verbs.get(conn, caller.project_id, campaign))


@router.put("/{campaign}", responses=LATE)
async def update_campaign(
    campaign: IdOrName, body: CampaignChanges, caller: CurrentCaller, deps: Deps
) -> CampaignObject:
    """Change what is named. Switched off, it answers as the kill switch does."""

    def change(current: Campaign) -> CampaignDefinition:
        body.check_fixed(current)
        return body.merged_with(current.definition)

    async with transaction(deps.changing(caller)) as conn:
        changed = await verbs.amend(
            conn,
            caller.project_id,
            campaign,
            change,
            category=body.category_choice(),
            active=body.active,
        )
    if body.active is False:
        subject = subject_of_campaign(caller.project_id, changed)
        await deps.propagation.wait_or_fail(subject, changed.version)
    else:
        await deps.propagation.wait_for_campaigns(caller.project_id, [changed])
    return campaign_response(changed)


@router.post("/{campaign}/enable")
async def enable_campaign(
    campaign: IdOrName, caller: CurrentCaller, deps: Deps, _body: Nothing = None
) -> Switched:
    async with transaction(deps.changing(caller)) as conn:
        changed = await verbs.set_active(conn, caller.project_id, campaign, active=True)
    await deps.propagation.wait_for_campaigns(caller.project_id, [changed])
    return Switched()


@router.post("/{campaign}/disable", responses=LATE)
async def disable_campaign(
    campaign: IdOrName, caller: CurrentCaller, deps: Deps, _body: Nothing = None
) -> Switched:
    """Answer once nothing of this campaign redeems any more; 503 when that is not known in time."""
    async with transaction(deps.changing(caller)) as conn:
        changed = await verbs.set_active(conn, caller.project_id, campaign, active=False)
    subject = subject_of_campaign(caller.project_id, changed)
    await deps.propagation.wait_or_fail(subject, changed.version)
    return Switched()
