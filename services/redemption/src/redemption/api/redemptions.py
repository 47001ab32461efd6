"""The two hot routes."""

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from redemption import model
from redemption.api.crowds import Crowds
from redemption.api.looking_up import look_up
from redemption.api.openapi import (
    IDEMPOTENCY_KEY,
    LOOK_UP_RESPONSES,
    REDEEM_RESPONSES,
    REDEMPTION,
    TRACEPARENT,
    VALIDATE_RESPONSES,
    VALIDATION,
)
from redemption.api.reading import named_twice, parse_body, parse_idempotency_key, parse_validation
from redemption.batches.decider import Decider
from redemption.batches.validate import Forecasts
from redemption.batches.work import OverloadedError
from redemption.guesses.counting import Closed, Guesses, network_of
from redemption.guesses.places import Held, Places
from redemption.reading.parsing import Content, with_capitals
from redemption.reading.parsing import request as to_request
from redemption.reading.tracing import HEADER as TRACE_HEADER
from redemption.reading.tracing import traceparent
from redemption.render.validation import validation
from redemption.store.keys import Caller
from servicekit.http.errors import too_many, unavailable
from servicekit.postgres.bulkheads import Bulkheads

SCOPE: Final = "redemptions"
READ_SCOPE: Final = "redemptions_read"
DEADLINE_SECONDS: Final = 2.0
REFUSED: Final = 400  # and above
JSON: Final = "application/json"

Endpoint = Callable[[Request], Awaitable[Response]]


class Dependencies(NamedTuple):
    """What the routes work with, made by the composition root."""

    reads: Bulkheads
    decider: Decider
    crowds: Crowds
    forecasts: Forecasts
    guesses: Guesses
    places: Places
    customer_key: bytes


def hot(dependencies: Dependencies) -> Mapping[tuple[str, str], Endpoint]:
    """Return the routes that are served before the framework looks for a route."""

    async def redeem(request: Request) -> Response:
        return await _redeem(request, dependencies)

    async def validate_redeemables(request: Request) -> Response:
        return await _validate(request, dependencies)

    return {("POST", "/v1/redemptions"): redeem, ("POST", "/v1/validations"): validate_redeemables}


def router(dependencies: Dependencies, hot: Mapping[tuple[str, str], Endpoint]) -> APIRouter:
    """Make the routes: the hot ones too, for their page, and so that another method is a 405.

    Bodies are checked by msgspec: pydantic would halve the throughput.
    """
    routes = APIRouter(tags=["redemptions"])
    routes.post(
        "/v1/redemptions",
        openapi_extra={**REDEMPTION, "parameters": [IDEMPOTENCY_KEY, TRACEPARENT]},
        responses=REDEEM_RESPONSES,
        summary="Redeem codes",
    )(hot["POST", "/v1/redemptions"])
    routes.post(
        "/v1/validations",
        openapi_extra=VALIDATION,
        responses=VALIDATE_RESPONSES,
        summary="Ask whether codes would pass",
    )(hot["POST", "/v1/validations"])

    @routes.get(
        "/v1/redemptions/{redemption_id}",
        responses=LOOK_UP_RESPONSES,
        summary="Look a redemption up",
    )
    async def get_redemption(request: Request, redemption_id: str) -> Response:
        return await look_up(request, redemption_id, dependencies.reads)

    return routes


async def _redeem(request: Request, dependencies: Dependencies) -> Response:
    caller: Caller = request.state.caller
    content = spelt(await parse_body(request), caller)
    received = datetime.now(UTC)  # all of it: a body may take its time
    wanted = to_request(
        content,
        caller.project_id,
        parse_idempotency_key(request),
        caller=caller.key_id,
        at=received,
        customer_key=dependencies.customer_key,
        trace=traceparent(request.headers.get(TRACE_HEADER)),
    )
    deadline = time.monotonic() + DEADLINE_SECONDS
    held = await places(request, wanted, dependencies, deadline)
    refused = False
    try:
        with dependencies.crowds.joined(caller.project_id):
            [response] = await dependencies.decider.decide([wanted], deadline)
        judged = not response.replayed and not response.key_reused
        # Of several codes some may be wrong although the others were redeemed.
        refused = judged and (response.status >= REFUSED or len(wanted.code_keys) > 1)
    except OverloadedError as overload:
        raise unavailable(f"{overload}; nothing was redeemed, try again") from overload
    finally:
        if held is not None:
            dependencies.places.give_back(held, refused=refused)
    headers = {"Idempotent-Replayed": "true"} if response.replayed else None
    return Response(response.body, response.status, headers, JSON)


async def _validate(request: Request, dependencies: Dependencies) -> Response:
    caller: Caller = request.state.caller
    content, at = await parse_validation(request)
    content = spelt(content, caller)
    received = datetime.now(UTC)  # all of it: a body may take its time
    wanted = to_request(
        content,
        caller.project_id,
        None,
        caller=caller.key_id,
        at=received,
        customer_key=dependencies.customer_key,
    )
    held = await places(request, wanted, dependencies, time.monotonic() + DEADLINE_SECONDS)
    refused = False
    try:
        # Guesses count when they come: by the moment that is asked about nobody would meet a limit.
        judged = wanted if at is None else wanted._replace(at=at)
        decision = await dependencies.forecasts.of(judged)
        refused = decision.refused is not None or len(wanted.code_keys) > 1
    finally:
        if held is not None:
            dependencies.places.give_back(held, refused=refused)
    return Response(validation(decision), media_type=JSON)


def spelt(content: Content, caller: Caller) -> Content:
    """Return what is asked with its codes as the caller's project spells them."""
    if caller.case_sensitive_codes:
        return content
    try:
        return with_capitals(content)
    except ValueError:
        raise named_twice() from None


async def places(
    request: Request,
    wanted: model.Request,
    dependencies: Dependencies,
    deadline: float,
    *,
    of_stranger: bool = False,
) -> Held | None:
    """Take places for codes that may be wrong, if there are any.

    Raises ApiError 429 for who has sent too many wrong ones, before any database is asked.
    """
    limits = request.state.caller.guess_limits
    try:
        held = await dependencies.places.take(
            wanted, _network(request), limits, deadline, of_stranger=of_stranger
        )
    except TimeoutError as timeout:
        details = "too many unknown codes are tried at once; nothing was redeemed, try again"
        raise unavailable(details) from timeout
    if isinstance(held, Closed):
        dependencies.guesses.refuse(wanted, held.limit)
        details = f"too many wrong codes of this {held.limit}: nothing was tried"
        raise too_many(details, held.seconds)
    return held


def _network(request: Request) -> str | None:
    return None if request.client is None else network_of(request.client.host)
