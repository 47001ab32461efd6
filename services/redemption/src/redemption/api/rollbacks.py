"""Rolling back by HTTP: one redemption, or all that codes redeemed together have in common."""

import time
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import unquote

import msgspec
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts.rollbacks import NotRolledBack
from contracts.text import BLANKS
from redemption.api.reading import parse_idempotency_key
from redemption.api.redemptions import DEADLINE_SECONDS, Dependencies
from redemption.api.rollback_bodies import parse_rollback
from redemption.api.rollback_openapi import ROLLBACK, ROLLBACK_RESPONSES, ROLLBACKS_RESPONSES
from redemption.batches.work import OverloadedError
from redemption.reading.tracing import HEADER, traceparent
from redemption.render import rollback as rendering
from redemption.returns import Rollback
from redemption.rollbacks.asking_back import AskedBack
from redemption.rollbacks.originals import looked_up
from redemption.store.keys import Caller
from servicekit.http.errors import unavailable
from servicekit.postgres.pool import connection

JSON: Final = "application/json"
LONGEST: Final = 1000  # of an id, which nobody issued

Said = Annotated[str | None, Query(description="may stand in the body instead")]


def router(dependencies: Dependencies) -> APIRouter:
    """Make the routes."""
    routes = APIRouter(tags=["rollbacks"])

    @routes.post(
        "/v1/redemptions/{redemption_id}/rollback",
        openapi_extra=ROLLBACK,
        responses=ROLLBACK_RESPONSES,
        summary="Roll one redemption back",
    )
    async def roll_back(
        request: Request, redemption_id: str, reason: Said = None, tracking_id: Said = None
    ) -> Response:
        rollback = await _asked(request, redemption_id, reason, tracking_id, dependencies)
        why_not = _not_alone(rollback)
        if why_not is not None:
            # It is so for ever, so its repeat is refused alike.
            return Response(msgspec.json.encode(why_not), why_not.code, media_type=JSON)
        return await _decided(rollback, dependencies, alone=True)

    @routes.post(
        "/v1/redemptions/{redemption_id}/rollbacks",
        openapi_extra=ROLLBACK,
        responses=ROLLBACKS_RESPONSES,
        summary="Roll codes back that were redeemed together, or one of them",
    )
    async def roll_all_back(
        request: Request, redemption_id: str, reason: Said = None, tracking_id: Said = None
    ) -> Response:
        rollback = await _asked(request, redemption_id, reason, tracking_id, dependencies)
        return await _decided(rollback, dependencies, alone=False)

    return routes


async def _asked(
    request: Request,
    redemption_id: str,
    reason: str | None,
    tracking_id: str | None,
    dependencies: Dependencies,
) -> Rollback:
    caller: Caller = request.state.caller
    redemption_id = unquote(redemption_id).strip(BLANKS)[:LONGEST]  # paths match as they were sent
    asked = AskedBack(
        await parse_rollback(request, redemption_id, reason, tracking_id),
        caller.project_id,
        parse_idempotency_key(request),
        caller.key_id,
        datetime.now(UTC),
        traceparent(request.headers.get(HEADER)),
    )
    async with connection(dependencies.reads.of(caller.project_id)) as conn:
        [rollback] = await looked_up(conn, [asked], dependencies.customer_key)
    return rollback


def _not_alone(rollback: Rollback) -> rendering.NotRolledBackBody | None:
    """Return why what several codes have in common is not rolled back as one of them."""
    together = [original for original in rollback.originals if original.is_of_several]
    if not together:
        return None
    if len(together) > 1 or rollback.redemption_id.removeprefix("r_") != together[0].id.hex:
        reason = NotRolledBack.INVALID_REDEMPTION
        hint = "these are several: roll them back by POST …/rollbacks"
    else:
        reason = NotRolledBack.INVALID_REDEMPTION_PARENT
        parent = f"r_{together[0].request_key.hex()}"
        hint = f"roll all of {parent} back, or this one alone, by POST …/rollbacks"
    return rendering.refused(reason, hint, rollback.redemption_id)


async def _decided(rollback: Rollback, dependencies: Dependencies, *, alone: bool) -> Response:
    deadline = time.monotonic() + DEADLINE_SECONDS
    try:
        with dependencies.crowds.joined(rollback.project_id):
            [response] = await dependencies.decider.decide([rollback], deadline)
    except OverloadedError as overload:
        raise unavailable(f"{overload}; nothing was rolled back, try again") from overload
    body = response.body
    if alone and response.status == rendering.OK:
        body = rendering.alone(body)
    headers = {"Idempotent-Replayed": "true"} if response.replayed else None
    return Response(body, response.status, headers, JSON)
