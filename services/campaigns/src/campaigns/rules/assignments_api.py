"""Where validation rules hold, over HTTP."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.enforced import DOCUMENTED, SAYS_WHEN, say_when
from campaigns.api.paging import Page, Paging
from campaigns.api.paths import PathParam, Sought
from campaigns.campaigns import entries
from campaigns.campaigns import verbs as campaigns
from campaigns.catalogue import Assignment
from campaigns.model import Campaign, Voucher
from campaigns.propagation.waiter import subject_of_campaign
from campaigns.refusals import NotFoundError
from campaigns.rules import assigning, assignments, verbs
from campaigns.rules.assignments import Home
from campaigns.rules.bodies import (
    AssignmentList,
    AssignmentObject,
    NewAssignment,
    assignment_response,
)
from campaigns.vouchers import entries as voucher_entries
from campaigns.vouchers import many as vouchers_of
from campaigns.vouchers import verbs as vouchers
from campaigns.vouchers.bodies import own_rules
from servicekit.http.openapi import DUPLICATE, NOT_FOUND
from servicekit.postgres.pool import Connection, connection, transaction

router = APIRouter(prefix="/v1", tags=["validation rules"])


class _Held(NamedTuple):
    """What a rule is to hold for: a campaign, or one of its codes."""

    campaign: Campaign
    voucher: Voucher | None

    @property
    def home(self) -> Home:
        if self.voucher is None or self.campaign.standalone:
            return Home(self.campaign.id)
        return Home(self.campaign.id, self.voucher.id)

    @property
    def rules(self) -> int:
        """How many hold there."""
        if self.voucher is not None:
            return len(own_rules(self.voucher, self.campaign))
        return len(self.campaign.rules)

    def check_not_in_bin(self) -> None:
        if self.voucher is not None:
            vouchers.check_not_in_bin(self.voucher)
        campaigns.check_not_in_bin(self.campaign)


@router.post("/validation-rules/{rule}/assignments", responses=DUPLICATE | NOT_FOUND | SAYS_WHEN)
async def assign_rule(
    rule: PathParam, body: NewAssignment, caller: CurrentCaller, deps: Deps, response: Response
) -> AssignmentObject:
    """Let a rule hold for a campaign or one code, beside those that hold there."""
    project_id = caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        held = await verbs.hold(conn, project_id, rule)
        if body.code is None:
            target = await _hold_campaign(conn, project_id, body.campaign_named())
        else:
            target = await _hold_code(conn, project_id, caller.code(body.code))
        target.check_not_in_bin()
        made = await assigning.add(conn, project_id, target.home, held.id, beside=target.rules)
        changed = await _publish(conn, caller, target)
        assignment = await _get(conn, project_id, made, held.id)
    await _wait(deps, caller, changed, response)
    return assignment_response(assignment)


@router.get("/validation-rules/{rule}/assignments")
async def list_assignments_of_rule(
    rule: PathParam,
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    order: Annotated[assignments.SortBy, Query()] = "-created_at",
) -> AssignmentList:
    async with connection(deps.reading(caller)) as conn:
        found = await verbs.get(conn, caller.project_id, rule)
        return await _page(conn, caller.project_id, page, order, rule_id=found.id)


@router.delete(
    "/validation-rules/{rule}/assignments/{assignment}",
    status_code=204,
    responses={204: {"headers": DOCUMENTED}},
)
async def unassign_rule(
    rule: PathParam, assignment: PathParam, caller: CurrentCaller, deps: Deps
) -> Response:
    """Let a rule hold for a campaign or a code no longer."""
    response, project_id = Response(status_code=204), caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        held = await verbs.hold(conn, project_id, rule)
        found = await _get(conn, project_id, assignment, held.id)
        if found.voucher_id is None:
            target = await _hold_campaign(conn, project_id, found.campaign_id)
        else:
            target = await _hold_code(conn, project_id, found.voucher_id)
        target.check_not_in_bin()
        await assignments.unassign(conn, project_id, [found.id])
        changed = await _publish(conn, caller, target)
    await _wait(deps, caller, changed, response)
    return response


@router.get("/validation-rules-assignments")
async def list_assignments(
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    *,
    rule: Annotated[Sought | None, Query(description="A rule's id.")] = None,
    related_object_id: Annotated[
        Sought | None, Query(description="A campaign's id, or a code's.")
    ] = None,
    order: Annotated[assignments.SortBy, Query()] = "-created_at",
) -> AssignmentList:
    async with connection(deps.reading(caller)) as conn:
        return await _page(
            conn, caller.project_id, page, order, rule_id=rule, related_id=related_object_id
        )


async def _hold_campaign(conn: Connection, project_id: str, named: str) -> _Held:
    campaign = await campaigns.hold(conn, project_id, named)
    if not campaign.standalone:
        return _Held(campaign, None)
    [only] = await vouchers_of.ids_of_campaign(conn, project_id, campaign.id, 1)
    return _Held(campaign, await vouchers.hold(conn, project_id, only))


async def _hold_code(conn: Connection, project_id: str, named: str) -> _Held:
    voucher, campaign = await vouchers.hold_for_amending(conn, project_id, named, rules_too=True)
    return _Held(campaign, voucher)


async def _get(conn: Connection, project_id: str, assignment_id: str, rule_id: str) -> Assignment:
    found = await assignments.find(conn, project_id, assignment_id, rule_id=rule_id)
    if found is None:
        raise NotFoundError("validation_rules_assignment", assignment_id)
    return found


async def _page(
    conn: Connection,
    project_id: str,
    page: Page,
    order: assignments.SortBy,
    *,
    rule_id: str | None = None,
    related_id: str | None = None,
) -> AssignmentList:
    found, total = await assignments.page(
        conn,
        project_id,
        rule_id=rule_id,
        related_id=related_id,
        sort_by=order,
        limit=page.limit,
        offset=page.offset,
    )
    return AssignmentList(data=[assignment_response(each) for each in found], total=total)


async def _publish(conn: Connection, caller: Caller, target: _Held) -> Campaign:
    """Publish a campaign that is held with the rules that hold by now, and remember whose."""
    project_id, (campaign, voucher) = caller.project_id, target
    after = await campaigns.publish_next(conn, project_id, campaign.id)
    if voucher is None:
        await entries.record(
            conn, project_id, caller.actor, "updated", before=campaign, after=after
        )
        return after
    now = await vouchers.amend(conn, project_id, voucher, voucher, published=after)
    await voucher_entries.record(
        conn,
        project_id,
        caller.actor,
        "updated",
        before=(voucher, campaign),
        after=(now, after),
    )
    return after


async def _wait(deps: Dependencies, caller: Caller, campaign: Campaign, response: Response) -> None:
    subject = subject_of_campaign(caller.project_id, campaign)
    say_when(response, await deps.propagation.wait_briefly(subject, campaign.version))
