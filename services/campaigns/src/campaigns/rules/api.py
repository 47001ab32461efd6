"""Validation rules over HTTP."""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from campaigns.api.access import CurrentCaller, Deps
from campaigns.api.enforced import SAYS_WHEN, say_when
from campaigns.api.errors import IN_USE, STALE
from campaigns.api.paging import Paging
from campaigns.api.paths import PathParam
from campaigns.catalogue import ValidationRule
from campaigns.history import stale
from campaigns.rules import store as rules
from campaigns.rules import verbs
from campaigns.rules.bodies import (
    GLOBAL,
    NewRule,
    RuleChanges,
    RuleObject,
    Rules,
    rule_response,
)
from servicekit.http.openapi import NOT_FOUND
from servicekit.postgres.pool import connection, transaction

PREFIX: Final = "/v1/validation-rules"

router = APIRouter(prefix=PREFIX, tags=["validation rules"])


@router.post("", responses=NOT_FOUND)
async def create_rule(body: NewRule, caller: CurrentCaller, deps: Deps) -> RuleObject:
    async with transaction(deps.changing(caller)) as conn:
        made = await verbs.create(
            conn,
            caller.project_id,
            caller.actor,
            body.name,
            body.rules,
            message=None if body.error is None else body.error.message,
            context_type=body.context_type or GLOBAL,
        )
    return rule_response(made)


@router.get("")
async def list_rules(
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    order: Annotated[rules.SortBy, Query()] = "-created_at",
) -> Rules:
    async with connection(deps.reading(caller)) as conn:
        found, total = await rules.page(
            conn, caller.project_id, sort_by=order, limit=page.limit, offset=page.offset
        )
    return Rules(data=[rule_response(each) for each in found], total=total)


@router.get("/{rule}")
async def get_rule(rule: PathParam, caller: CurrentCaller, deps: Deps) -> RuleObject:
    async with connection(deps.reading(caller)) as conn:
        return rule_response(await verbs.get(conn, caller.project_id, rule))


@router.put("/{rule}", responses=STALE | NOT_FOUND | SAYS_WHEN)
async def update_rule(
    rule: PathParam, body: RuleChanges, caller: CurrentCaller, deps: Deps, response: Response
) -> RuleObject:
    """Change a rule: it holds so in all campaigns that it is assigned to, each in a new version."""
    async with transaction(deps.changing(caller)) as conn:
        current = await verbs.hold(conn, caller.project_id, rule)
        await stale.check(
            conn,
            caller.project_id,
            current.target,
            sent=body.version,
            now=current.version,
            shown=lambda: rule_response(current),
        )
        changed, holding = await verbs.amend(
            conn, caller.project_id, caller.actor, current, _merged(current, body)
        )
    if holding:
        since = await deps.propagation.wait_for_all_briefly(caller.project_id, holding)
        say_when(response, since)
    return rule_response(changed)


@router.delete("/{rule}", status_code=204, responses=IN_USE)
async def delete_rule(rule: PathParam, caller: CurrentCaller, deps: Deps) -> Response:
    """Delete a rule that is assigned to no campaign."""
    async with transaction(deps.changing(caller)) as conn:
        current = await verbs.hold(conn, caller.project_id, rule)
        await verbs.remove(conn, caller.project_id, caller.actor, current)
    return Response(status_code=204)


def _merged(current: ValidationRule, body: RuleChanges) -> ValidationRule:
    message = current.message
    if "error" in body.model_fields_set:
        message = None if body.error is None else body.error.message
    return replace(
        current,
        name=body.name or current.name,
        expression=body.rules or current.expression,
        message=message,
        context_type=body.context_type or current.context_type,
    )
