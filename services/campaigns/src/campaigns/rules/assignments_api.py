"""Where validation rules hold, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.enforced import SAYS_WHEN, say_when
from campaigns.api.paging import Page, Paging
from campaigns.api.paths import PathParam, Sought
from campaigns.campaigns import entries
from campaigns.campaigns import verbs as campaigns
from campaigns.catalogue import Assignment
from campaigns.model import Campaign
from campaigns.propagation.waiter import subject_of_campaign
from campaigns.refusals import NotFoundError
from campaigns.rules import assigning, verbs
from campaigns.rules import store as rules
from campaigns.rules.bodies import (
    AssignmentList,
    AssignmentObject,
    NewAssignment,
    assignment_response,
)
from servicekit.http.openapi import DUPLICATE, NOT_FOUND
from servicekit.postgres.pool import Connection, connection, transaction

router = APIRouter(prefix="/v1", tags=["validation rules"])


@router.post("/validation-rules/{rule}/assignments", responses=DUPLICATE | NOT_FOUND | SAYS_WHEN)
async def assign_rule(
    rule: PathParam, body: NewAssignment, caller: CurrentCaller, deps: Deps, response: Response
) -> AssignmentObject:
    """Let a rule hold for a campaign, beside those that hold there."""
    async with transaction(deps.changing(caller)) as conn:
        held = await verbs.hold(conn, caller.project_id, rule)
        campaign = await campaigns.hold(conn, caller.project_id, body.named())
        campaigns.check_not_in_bin(campaign)
        assigning.check_number(len(campaign.rules) + 1)
        assignment_id = assigning.new_id()
        await rules.assign(
            conn, caller.project_id, assignment_id, rule_id=held.id, campaign_id=campaign.id
        )
        changed = await _publish(conn, caller, campaign)
        made = await _get(conn, caller.project_id, assignment_id, held.id)
    await _wait(deps, caller, changed, response)
    return assignment_response(made)


@router.get("/validation-rules/{rule}/assignments")
async def list_assignments_of_rule(
    rule: PathParam, caller: CurrentCaller, deps: Deps, page: Paging
) -> AssignmentList:
    async with connection(deps.reading(caller)) as conn:
        found = await verbs.get(conn, caller.project_id, rule)
        return await _page(conn, caller.project_id, page, rule_id=found.id)


@router.delete(
    "/validation-rules/{rule}/assignments/{assignment}",
    status_code=204,
    responses={204: SAYS_WHEN[200]},
)
async def unassign_rule(
    rule: PathParam, assignment: PathParam, caller: CurrentCaller, deps: Deps
) -> Response:
    """Let a rule hold for a campaign no longer."""
    response = Response(status_code=204)
    async with transaction(deps.changing(caller)) as conn:
        held = await verbs.hold(conn, caller.project_id, rule)
        found = await _get(conn, caller.project_id, assignment, held.id)
        campaign = await campaigns.hold(conn, caller.project_id, found.campaign_id)
        campaigns.check_not_in_bin(campaign)
        await rules.unassign(conn, caller.project_id, [found.id])
        changed = await _publish(conn, caller, campaign)
    await _wait(deps, caller, changed, response)
    return response


@router.get("/validation-rules-assignments")
async def list_assignments(
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    *,
    rule: Annotated[Sought | None, Query(description="A rule's id.")] = None,
    related_object_id: Annotated[Sought | None, Query(description="A campaign's id.")] = None,
) -> AssignmentList:
    async with connection(deps.reading(caller)) as conn:
        return await _page(
            conn, caller.project_id, page, rule_id=rule, campaign_id=related_object_id
        )


async def _get(conn: Connection, project_id: str, assignment_id: str, rule_id: str) -> Assignment:
    found = await rules.find_assignment(conn, project_id, assignment_id, rule_id=rule_id)
    if found is None:
        raise NotFoundError("validation_rules_assignment", assignment_id)
    return found


async def _page(
    conn: Connection,
    project_id: str,
    page: Page,
    *,
    rule_id: str | None = None,
    campaign_id: str | None = None,
) -> AssignmentList:
    found, total = await rules.page_of_assignments(
        conn,
        project_id,
        rule_id=rule_id,
        campaign_id=campaign_id,
        limit=page.limit,
        offset=page.offset,
    )
    return AssignmentList(data=[assignment_response(each) for each in found], total=total)


async def _publish(conn: Connection, caller: Caller, before: Campaign) -> Campaign:
    """Publish a campaign that is held with the rules that hold for it now, and remember it."""
    after = await campaigns.publish_next(conn, caller.project_id, before.id)
    await entries.record(
        conn, caller.project_id, caller.actor, "updated", before=before, after=after
    )
    return after


async def _wait(deps: Dependencies, caller: Caller, campaign: Campaign, response: Response) -> None:
    subject = subject_of_campaign(caller.project_id, campaign)
    say_when(response, await deps.propagation.wait_briefly(subject, campaign.version))
