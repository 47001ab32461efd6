"""The doors for pages: their key stands in them, so whoever asks is a stranger.

A stranger learns of a code only that it would be redeemed now, or what his request lacks for it.
Every other refusal reads as that of a code that nobody issued, is answered at the same steps of
time and counts as a guess: or trying would tell which codes there are, and what became of them. Of
customers a validation tells nothing: whoever is named is judged as one who is new.
"""

import asyncio
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts.redemptions import Reason
from redemption import model, outcomes
from redemption.api.openapi import (
    IDEMPOTENCY_KEY,
    REDEEM_RESPONSES,
    REDEMPTION,
    VALIDATE_RESPONSES,
    VALIDATION,
)
from redemption.api.reading import parse_body, parse_idempotency_key, parse_validation
from redemption.api.redemptions import (
    DEADLINE_SECONDS,
    JSON,
    REFUSED,
    Dependencies,
    Endpoint,
    places,
    spelt,
)
from redemption.batches.work import OverloadedError
from redemption.model import Refusal
from redemption.outcomes import Decision, Inapplicable
from redemption.reading.parsing import Content, request_key, to_customer, to_order
from redemption.reading.parsing import request as to_request
from redemption.render.bodies import refusal_body
from redemption.render.validation import validation
from redemption.store.keys import Caller
from servicekit.http.doors import Admit
from servicekit.http.errors import ApiError, forbidden, invalid, unavailable
from servicekit.http.keys import KeyTable
from servicekit.http.origins import preflight

PREFIX: Final = "/client/v1/"
VALIDATE_SCOPE: Final = "client_validations"
REDEEM_SCOPE: Final = "client_redemptions"
KEY_HEADERS: Final = ("x-client-application-id", "x-client-token")
STEP_SECONDS: Final = 0.1

# What a request lacks for a code that would pass; it tells of nothing but the request itself.
TOLD: Final = frozenset(
    {
        Reason.MISSING_CUSTOMER,
        Reason.MISSING_ORDER,
        Reason.MISSING_ORDER_ITEMS,
        Reason.INVALID_ORDER,
        Reason.ORDER_RULES_VIOLATED,
    }
)
UNKNOWN: Final = Refusal(Reason.NOT_FOUND)
NOT_FOUND: Final = 404

_encode: Final = msgspec.json.Encoder().encode


def admits(keys: KeyTable[Caller], *scopes: str) -> Admit:
    """Return what a door for pages asks: a publishable key, and a page that may use it."""

    async def admit(request: Request) -> object:
        if request.method == "OPTIONS":
            return None  # a browser, which asks whether it may send the key
        caller = await keys.owner_of_key(request, KEY_HEADERS)
        if not caller.scopes.intersection(scopes):
            raise forbidden(scopes)
        if request.headers.get("origin") not in caller.origins:
            raise ApiError(403, "Forbidden", "this key is for pages of other origins")
        return caller

    return admit


def hot(dependencies: Dependencies) -> Mapping[tuple[str, str], Endpoint]:
    """Return the routes, as those of shops."""

    async def redeem(request: Request) -> Response:
        return await _redeem(request, dependencies)

    async def validate_redeemables(request: Request) -> Response:
        return await _validate(request, dependencies)

    async def ask_first(request: Request) -> Response:
        return preflight(request)

    return {
        ("POST", f"{PREFIX}redemptions"): redeem,
        ("POST", f"{PREFIX}validations"): validate_redeemables,
        ("OPTIONS", f"{PREFIX}redemptions"): ask_first,
        ("OPTIONS", f"{PREFIX}validations"): ask_first,
    }


def router(hot: Mapping[tuple[str, str], Endpoint]) -> APIRouter:
    """Make the routes, for their page, and so that another method is a 405."""
    routes = APIRouter(tags=["client-side"])
    routes.post(
        f"{PREFIX}redemptions",
        openapi_extra={**REDEMPTION, "parameters": [IDEMPOTENCY_KEY]},
        responses=REDEEM_RESPONSES,
        summary="Redeem a code from a page",
    )(hot["POST", f"{PREFIX}redemptions"])
    routes.post(
        f"{PREFIX}validations",
        openapi_extra=VALIDATION,
        responses=VALIDATE_RESPONSES,
        summary="Ask from a page whether a code would pass",
    )(hot["POST", f"{PREFIX}validations"])
    return routes


async def _redeem(request: Request, dependencies: Dependencies) -> Response:
    came = time.monotonic()
    wanted = _wanted(request, await parse_body(request), dependencies)
    key = parse_idempotency_key(request)
    if key is not None:  # of its own space: who guesses a shop's would be told of its orders
        own = request_key(wanted.project_id, f"\0{wanted.caller}\0{key}")
        wanted = wanted._replace(key=own, request_id=key)
    deadline = came + DEADLINE_SECONDS
    held = await places(request, _nobody(wanted), dependencies, deadline, of_stranger=True)
    hidden = False
    try:
        with dependencies.crowds.joined(wanted.project_id):
            [response] = await dependencies.decider.decide([wanted], deadline)
        hidden = _is_hidden(response)
    except OverloadedError as overload:
        raise unavailable(f"{overload}; nothing was redeemed, try again") from overload
    finally:
        if held is not None:
            dependencies.places.give_back(held, refused=hidden)
    if not hidden:
        return Response(response.body, response.status, media_type=JSON)
    await _at_the_next_step(came)
    body = _encode(refusal_body(UNKNOWN, None, wanted.codes[0]))
    return Response(body, NOT_FOUND, media_type=JSON)


async def _validate(request: Request, dependencies: Dependencies) -> Response:
    came = time.monotonic()
    content, at = await parse_validation(request)
    if at is not None:
        raise invalid("`$.at`: is not for pages: a code would tell when it begins")
    wanted = _wanted(request, content, dependencies)
    deadline = came + DEADLINE_SECONDS
    held = await places(request, _nobody(wanted), dependencies, deadline, of_stranger=True)
    hidden = False
    try:
        decision = await dependencies.forecasts.of(_somebody_new(wanted))
        hidden = any(
            isinstance(outcome, Inapplicable) and outcome.refusal.reason not in TOLD
            for outcome in decision.outcomes
        )
    finally:
        if held is not None:
            dependencies.places.give_back(held, refused=hidden)
    if hidden:
        decision = _as_unknown(decision)
        await _at_the_next_step(came)
    return Response(validation(decision), media_type=JSON)


def _wanted(request: Request, content: Content, dependencies: Dependencies) -> model.Request:
    caller: Caller = request.state.caller
    if len(content.codes) > 1:
        raise invalid("`$.redeemables`: a page tries one code at a time")
    return to_request(
        spelt(_of_a_stranger(content), caller),
        caller.project_id,
        None,
        caller=caller.key_id,
        at=datetime.now(UTC),
        customer_key=dependencies.customer_key,
    )


def _of_a_stranger(content: Content) -> Content:
    """Return what is asked without what no page may say.

    Who buys is named, but not described; and the basket is that of no known order.
    """
    customer, order = content.customer, content.order
    if customer is not None:
        if customer.source_id is not None:
            customer = to_customer(source_id=customer.source_id)
        else:
            customer = to_customer(email=customer.email)
    if order is not None and order.id is not None:
        order = to_order(
            amount_minor=order.amount_minor,
            currency=order.currency,
            items=order.items,
            metadata=order.metadata,
        )
    return msgspec.structs.replace(content, customer=customer, order=order)


def _somebody_new(wanted: model.Request) -> model.Request:
    """Return it with a customer whom nobody knows in place of the one who is named.

    Or a code for new customers would tell of everybody's e-mail whether it buys here.
    """
    if wanted.customer_id is None:
        return wanted
    return wanted._replace(customer_id=f"cust_{secrets.token_hex(12)}")


def _nobody(wanted: model.Request) -> model.Request:
    """Return it without its customer: a stranger's guesses are not those of whom he names."""
    return wanted._replace(customer_id=None)


def _is_hidden(response: outcomes.Response) -> bool:
    told: dict[str, Any] = msgspec.json.decode(response.body)
    if response.status < REFUSED:  # of a lone code it may still say that it does not apply
        return bool(told.get("inapplicable_redeemables"))
    return not response.key_reused and told["key"] not in TOLD


def _as_unknown(decision: Decision) -> Decision:
    """Return a refusal as if nobody had issued the code."""
    unknown = tuple(
        Inapplicable(outcome.id, code, None, UNKNOWN)
        for outcome, code in zip(decision.outcomes, decision.request.codes, strict=True)
    )
    return decision._replace(outcomes=unknown, refused=unknown[0])


async def _at_the_next_step(came: float) -> None:
    """Wait until a whole number of steps has passed: how far a refusal came shows in none."""
    passed = time.monotonic() - came
    await asyncio.sleep(STEP_SECONDS - passed % STEP_SECONDS)
