"""Codes join a campaign: one fixed, one drawn, or many by a job; and how far a job got."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.enforced import SAYS_WHEN, say_when
from campaigns.api.paths import IdOrName
from campaigns.api.spelling import NewCode
from campaigns.campaigns import entries as campaign_entries
from campaigns.issuing import verbs as issue
from campaigns.issuing.bodies import (
    AsyncActionId,
    NewCodes,
)
from campaigns.projects import store as projects
from campaigns.propagation.waiter import subject_of_campaign, subject_of_voucher
from campaigns.refusals import InvalidError
from campaigns.vouchers import entries
from campaigns.vouchers import verbs as vouchers
from campaigns.vouchers.bodies import VoucherDetail, voucher_response
from servicekit.http.openapi import DUPLICATE
from servicekit.postgres.pool import transaction

router = APIRouter()

Codes = Annotated[NewCodes | None, Body()]


@router.post(
    "/v1/campaigns/{campaign}/vouchers",
    tags=["codes"],
    responses={202: {"model": AsyncActionId}, **DUPLICATE, **SAYS_WHEN},
)
async def add_vouchers(
    campaign: IdOrName,
    caller: CurrentCaller,
    deps: Deps,
    response: Response,
    *,
    vouchers_count: Annotated[int, Query(ge=1, le=issue.MOST_CODES)] = 1,
    body: Codes = None,
) -> VoucherDetail | AsyncActionId:
    """One code is answered at once; more are a job, answered with 202."""
    body = body or NewCodes()
    if vouchers_count == 1:
        code = None if body.code is None else caller.code(body.code)
        return await add_one(deps, caller, response, campaign, body, code=code)
    body.check_for_many()
    response.status_code = 202
    return await _start_job(deps, caller, campaign, vouchers_count, body)


@router.post(
    "/v1/campaigns/{campaign}/vouchers/{code}", tags=["codes"], responses=DUPLICATE | SAYS_WHEN
)
async def add_fixed_code(
    campaign: IdOrName,
    code: NewCode,
    caller: CurrentCaller,
    deps: Deps,
    response: Response,
    *,
    body: Codes = None,
) -> VoucherDetail:
    body = body or NewCodes()
    if body.code is not None and caller.code(body.code) != code:
        raise InvalidError("Property .code: is another code than the path's", "leave it out")
    return await add_one(deps, caller, response, campaign, body, code=code)


async def add_one(
    deps: Dependencies,
    caller: Caller,
    response: Response,
    name: str,
    body: NewCodes,
    *,
    code: str | None,
) -> VoucherDetail:
    """Issue one code that joins a campaign, chosen or drawn; perhaps with rules of its own."""
    project_id, metadata, wanted = caller.project_id, body.metadata or {}, body.active is not False
    active = wanted and not body.validation_rules  # or it were so before they hold
    async with transaction(deps.changing(caller)) as conn:
        if body.validation_rules:  # the campaign is published with them
            await projects.lock(conn, project_id)
        campaign = await issue.lock_campaign(conn, project_id, name)
        template = caller.code_template(body.merged_with(campaign.code_template))
        if code is None:
            voucher = await issue.generate_code(
                conn, project_id, campaign, template, metadata=metadata, active=active
            )
        else:
            body.check_for_fixed()
            voucher = await issue.add_fixed_code(
                conn,
                project_id,
                campaign,
                code,
                quantity=template.quantity,
                metadata=metadata,
                active=active,
            )
        if body.validation_rules:
            campaign = await vouchers.amend_rules(
                conn, project_id, voucher, campaign, body.validation_rules
            )
            told = replace(voucher, active=wanted)
            await vouchers.amend(conn, project_id, voucher, told, published=campaign)
            voucher = await vouchers.get(conn, project_id, voucher.id)
        await entries.record(
            conn, project_id, caller.actor, "created", before=None, after=(voucher, campaign)
        )
    subject = subject_of_voucher(project_id, voucher)
    since = [await deps.propagation.wait_briefly(subject, voucher.version)]
    if body.validation_rules:
        of_rules = subject_of_campaign(project_id, campaign)
        since.append(await deps.propagation.wait_briefly(of_rules, campaign.version))
    say_when(response, *since)
    return voucher_response(voucher, campaign)


async def _start_job(
    deps: Dependencies, caller: Caller, name: str, wanted: int, body: NewCodes
) -> AsyncActionId:
    async with transaction(deps.changing(caller)) as conn:
        campaign = await issue.lock_campaign(conn, caller.project_id, name)
        issue.check_may_have_many(campaign)
        job_id = await issue.start_job(
            conn,
            caller.project_id,
            campaign,
            wanted,
            caller.code_template(body.merged_with(campaign.code_template)),
            metadata=body.metadata or {},
            actor=caller.actor,
            active=body.active is not False,
        )
        await campaign_entries.record_issue(
            conn, caller.project_id, caller.actor, campaign, count=wanted, job_id=job_id
        )
    deps.job_started.set()
    return AsyncActionId(async_action_id=job_id)
