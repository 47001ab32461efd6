"""The two hot routes, and one redemption looked up again."""

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import unquote
from uuid import UUID

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts.redemptions import Reason
from contracts.text import BLANKS
from redemption import model
from redemption.api.crowds import Crowds
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
from redemption.decider import Decider
from redemption.guesses.counting import Closed, Guesses, network_of
from redemption.guesses.places import Held, Places
from redemption.nearest import nearest_codes
from redemption.parsing import Content, with_capitals
from redemption.parsing import request as to_request
from redemption.recall import recall
from redemption.render import history
from redemption.render.lookup import looked_up
from redemption.render.validation import validation
from redemption.store import ledger, listing
from redemption.store.keys import Caller
from redemption.tracing import HEADER as TRACE_HEADER
from redemption.tracing import traceparent
from redemption.validate import Forecasts
from redemption.work import OverloadedError
from servicekit.http.errors import not_found, too_many, unavailable
from servicekit.postgres.bulkheads import Bulkheads
from servicekit.postgres.pool import connection

SCOPE: Final = "redemptions"
READ_SCOPE: Final = "redemptions_read"
DEADLINE_SECONDS: Final = 2.0
REFUSED: Final = 400  # and above
ID: Final = re.compile(r"(?P<prefix>r[fr]?)_(?P<hex>[0-9a-f]{32})")
KINDS: Final = {"r": "redeemed", "rf": "refused", "rr": "rolled_back"}
JSON: Final = "application/json"
# Who has nothing but the checkout's key is told no code: guessing would be asking.
MAY_READ_CODES: Final = frozenset({"campaigns", "campaigns_read"})

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
        return await _look_up(request, redemption_id, dependencies)

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
        refused = judged and response.status >= REFUSED
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
        refused = decision.refused is not None
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


async def _look_up(request: Request, redemption_id: str, dependencies: Dependencies) -> Response:
    caller: Caller = request.state.caller
    redemption_id = unquote(redemption_id).strip(BLANKS)  # paths match as they were sent
    match = ID.fullmatch(redemption_id)
    body = match and await _found(caller, match, dependencies.reads)
    if not body:
        raise not_found("redemption", redemption_id)
    return Response(body, media_type=JSON)


async def _found(caller: Caller, match: re.Match[str], reads: Bulkheads) -> bytes | None:
    project_id, digits, kind = caller.project_id, match["hex"], KINDS[match["prefix"]]
    failed = kind == "refused"
    async with connection(reads.of(project_id)) as conn:
        found = await listing.shown(conn, project_id, [UUID(hex=digits)])
        if not found and not failed:
            response = await recall(conn, project_id, bytes.fromhex(digits))
            parent = history.parent(response.body) if response else None
            return parent if parent and _names(parent, match[0]) else None
        if not found or found[0].past.kind != kind:
            return None
        [entry] = found
        nearest = None
        if entry.past.reason == Reason.NOT_FOUND and caller.scopes & MAY_READ_CODES:
            nearest = await nearest_codes(conn, project_id, entry.past.code)
        answer = None if failed else await recall(conn, project_id, entry.past.request_key)
        others = await ledger.names_of_request(conn, entry.past.request_key)
    return looked_up(entry, answer and answer.body, others, nearest)


def _names(found: bytes, id_: str) -> bool:
    return bool(orjson.loads(found)["id"] == id_)
