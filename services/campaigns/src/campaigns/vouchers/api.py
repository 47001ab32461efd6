"""Vouchers over HTTP: codes one by one, and in lists."""

from datetime import datetime

from fastapi import APIRouter, Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.enforced import SAYS_WHEN, say_when
from campaigns.api.errors import LATE, STALE
from campaigns.api.spelling import CodeOrId
from campaigns.api.versions import Switch, SwitchBody
from campaigns.model import Voucher
from campaigns.propagation.waiter import subject_of_campaign, subject_of_voucher
from campaigns.vouchers import entries, verbs
from campaigns.vouchers.bodies import (
    SwitchedVoucher,
    VoucherDetail,
    switched_response,
    voucher_response,
)
from campaigns.vouchers.changes import VoucherChanges
from servicekit.postgres.pool import connection, transaction

router = APIRouter(prefix="/v1/vouchers", tags=["vouchers"])


@router.get("/{voucher}")
async def get_voucher(voucher: CodeOrId, caller: CurrentCaller, deps: Deps) -> VoucherDetail:
    project_id = caller.project_id
    async with connection(deps.reading(caller)) as conn:
        found = await verbs.get(conn, project_id, voucher)
        campaign = await verbs.campaign_of(conn, project_id, found)
        enforced = found.active or await verbs.is_enforced(conn, project_id, found)
    return voucher_response(found, campaign, enforced=enforced)


@router.put("/{voucher}", responses=LATE | STALE | SAYS_WHEN)
async def update_voucher(
    voucher: CodeOrId,
    body: VoucherChanges,
    caller: CurrentCaller,
    deps: Deps,
    response: Response,
) -> VoucherDetail:
    """Change what is named. Switched off, it answers as the kill switch does."""
    project_id = caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        rule_ids = body.rule_choice()
        current, campaign = await verbs.hold_for_amending(
            conn, project_id, voucher, rules_too=rule_ids is not None
        )
        await entries.check_version(conn, project_id, current, campaign, body.version)
        body.check_fixed(current, campaign, caller.code)
        if not campaign.standalone:
            terms = await verbs.amend_rules(conn, project_id, current, campaign, rule_ids)
        else:
            terms = await verbs.amend_terms(
                conn,
                project_id,
                campaign,
                body.terms_merged_with(campaign),
                body.category_choice(),
                rule_ids=rule_ids,
            )
        changed = await verbs.amend(
            conn,
            project_id,
            current,
            body.merged_with(current),
            published=terms if terms != campaign else None,
        )
        await entries.record(
            conn,
            project_id,
            caller.actor,
            "updated",
            before=(current, campaign),
            after=(changed, terms),
        )
        if body.active is False and changed == current:
            changed = await verbs.set_active(conn, project_id, caller.actor, current, active=False)
    subject = subject_of_voucher(project_id, changed)
    since: list[datetime | None] = []
    if body.active is False:
        since.append(await deps.propagation.wait_or_fail(subject, changed.version))
    else:
        since.append(await deps.propagation.wait_briefly(subject, changed.version))
    if terms.standalone or rule_ids is not None:
        of_terms = subject_of_campaign(project_id, terms)
        since.append(await deps.propagation.wait_briefly(of_terms, terms.version))
    say_when(response, *since)
    return voucher_response(changed, terms)


@router.post("/{voucher}/enable", responses=STALE)
async def enable_voucher(
    voucher: CodeOrId, caller: CurrentCaller, deps: Deps, body: Switch = None
) -> SwitchedVoucher:
    before, after = await _switch(deps, caller, voucher, body, active=True)
    subject = subject_of_voucher(caller.project_id, after)
    since = await deps.propagation.wait_briefly(subject, after.version)
    return await _switched(deps, caller, before, after, since)


@router.post("/{voucher}/disable", responses=LATE | STALE)
async def disable_voucher(
    voucher: CodeOrId, caller: CurrentCaller, deps: Deps, body: Switch = None
) -> SwitchedVoucher:
    """Answer once this code redeems no more; 503 when that is not known in time."""
    before, after = await _switch(deps, caller, voucher, body, active=False)
    subject = subject_of_voucher(caller.project_id, after)
    since = await deps.propagation.wait_or_fail(subject, after.version)
    return await _switched(deps, caller, before, after, since)


async def _switch(
    deps: Dependencies, caller: Caller, name: str, body: SwitchBody | None, *, active: bool
) -> tuple[Voucher, Voucher]:
    project_id = caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        before = await verbs.hold(conn, project_id, name)
        if body is not None and body.version not in {None, before.version}:
            campaign = await verbs.campaign_of(conn, project_id, before)
            await entries.check_version(conn, project_id, before, campaign, body.version)
        after = await verbs.set_active(conn, project_id, caller.actor, before, active)
        await entries.record_switch(conn, project_id, caller.actor, before=before, after=after)
    return before, after


async def _switched(
    deps: Dependencies, caller: Caller, before: Voucher, after: Voucher, since: datetime | None
) -> SwitchedVoucher:
    async with connection(deps.reading(caller)) as conn:
        campaign = await verbs.campaign_of(conn, caller.project_id, after)
    return switched_response(before, after, campaign, since)
