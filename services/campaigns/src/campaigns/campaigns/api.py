"""Campaigns over HTTP."""

from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.enforced import SAYS_WHEN, say_when
from campaigns.api.errors import LATE, STALE
from campaigns.api.paths import IdOrName
from campaigns.api.versions import Switch, SwitchBody
from campaigns.campaigns import entries, verbs
from campaigns.campaigns.bodies import (
    CampaignObject,
    NewCampaign,
    Switched,
    campaign_response,
    switched_response,
)
from campaigns.campaigns.changes import CampaignChanges
from campaigns.campaigns.choices import CategoryChoice
from campaigns.issuing import verbs as issue
from campaigns.model import Campaign
from campaigns.projects import store as projects
from campaigns.propagation.waiter import subject_of_campaign
from servicekit.http.openapi import DUPLICATE, NOT_FOUND
from servicekit.postgres.pool import connection, transaction

router = APIRouter(prefix="/v1/campaigns", tags=["campaigns"])


@router.post("", responses=DUPLICATE | NOT_FOUND | SAYS_WHEN)
async def create_campaign(
    body: NewCampaign, caller: CurrentCaller, deps: Deps, response: Response
) -> CampaignObject:
    project_id = caller.project_id
    template = caller.code_template(body.voucher.code_template())
    wanted = body.vouchers_count or 0
    async with transaction(deps.changing(caller)) as conn:
        campaign = await verbs.create(
            conn,
            project_id,
            body.to_domain(await projects.time_zone_of(conn, project_id)),
            partner_id=body.partner_id,
            category=CategoryChoice(body.category_id, body.category),
            code_template=template,
            active=body.active is not False,
            rule_ids=body.validation_rules or (),
        )
        issue.check_config(template.config, 0, 1)
        await entries.record(conn, project_id, caller.actor, "created", before=None, after=campaign)
        if wanted:
            if wanted > 1:
                issue.check_may_have_many(campaign)
            job_id = await issue.start_job(
                conn,
                project_id,
                campaign,
                wanted,
                template,
                metadata={},
                actor=caller.actor,
            )
            await entries.record_issue(
                conn, project_id, caller.actor, campaign, count=wanted, job_id=job_id
            )
            campaign = await verbs.get(conn, project_id, campaign.id)
    deps.job_started.set()
    subject = subject_of_campaign(project_id, campaign)
    since = await deps.propagation.wait_briefly(subject, campaign.version)
    say_when(response, since)
    return campaign_response(replace(campaign, enforced=since is not None))


@router.get("/{campaign}")
async def get_campaign(campaign: IdOrName, caller: CurrentCaller, deps: Deps) -> CampaignObject:
    async with connection(deps.reading(caller)) as conn:
        return campaign_response(await verbs.get(conn, caller.project_id, campaign))


@router.put("/{campaign}", responses=LATE | STALE | SAYS_WHEN)
async def update_campaign(
    campaign: IdOrName,
    body: CampaignChanges,
    caller: CurrentCaller,
    deps: Deps,
    response: Response,
) -> CampaignObject:
    """Change what is named. Switched off, it answers as the kill switch does."""
    project_id = caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        current = await verbs.hold_for_amending(conn, project_id, campaign)
        await entries.check_version(conn, project_id, current, body.version)
        body.check_fixed(current)
        wanted = body.merged_with(current)
        wanted = replace(wanted, code_template=caller.code_template(wanted.code_template))
        issue.check_config(wanted.code_template.config, 0, 1)
        changed = await verbs.amend(
            conn,
            project_id,
            current,
            wanted,
            body.category_choice(),
            rule_ids=body.rule_choice(),
        )
        await entries.record(
            conn, project_id, caller.actor, "updated", before=current, after=changed
        )
        if body.active is False and changed == current:
            changed = await verbs.set_active(conn, project_id, caller.actor, current, active=False)
    subject = subject_of_campaign(project_id, changed)
    since: datetime | None
    if body.active is False:
        since = await deps.propagation.wait_or_fail(subject, changed.version)
    else:
        since = await deps.propagation.wait_briefly(subject, changed.version)
    say_when(response, since)
    return campaign_response(replace(changed, enforced=since is not None))


@router.post("/{campaign}/enable", responses=STALE)
async def enable_campaign(
    campaign: IdOrName, caller: CurrentCaller, deps: Deps, body: Switch = None
) -> Switched:
    before, after = await _switch(deps, caller, campaign, body, active=True)
    subject = subject_of_campaign(caller.project_id, after)
    since = await deps.propagation.wait_briefly(subject, after.version)
    return switched_response(before, after, since)


@router.post("/{campaign}/disable", responses=LATE | STALE)
async def disable_campaign(
    campaign: IdOrName, caller: CurrentCaller, deps: Deps, body: Switch = None
) -> Switched:
    """Answer once nothing of this campaign redeems any more; 503 when that is not known in time."""
    before, after = await _switch(deps, caller, campaign, body, active=False)
    subject = subject_of_campaign(caller.project_id, after)
    since = await deps.propagation.wait_or_fail(subject, after.version)
    return switched_response(before, after, since)


async def _switch(
    deps: Dependencies, caller: Caller, name: str, body: SwitchBody | None, *, active: bool
) -> tuple[Campaign, Campaign]:
    project_id, verb = caller.project_id, "enabled" if active else "disabled"
    async with transaction(deps.changing(caller)) as conn:
        before = await verbs.hold(conn, project_id, name)
        await entries.check_version(
            conn, project_id, before, None if body is None else body.version
        )
        after = await verbs.set_active(conn, project_id, caller.actor, before, active)
        await entries.record(conn, project_id, caller.actor, verb, before=before, after=after)
    return before, after
