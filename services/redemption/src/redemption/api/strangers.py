"""The doors for pages: their key stands in them, so whoever asks is a stranger.

A stranger learns of a code only that it would be redeemed now, or what his request lacks for it.
Every other refusal reads as that of a code that nobody issued, is answered at the same steps of
time and counts as a guess: or trying would tell which codes there are, and what became of them. Of
customers nothing is told but that a redemption was accepted: why one was refused is what would be
said to somebody who is new. It is said as things stand: what is kept under a key is the truth, so
a repeat is given only an acceptance as it was.
"""

import asyncio
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from redemption import model
from redemption.api.openapi import (
    IDEMPOTENCY_KEY,
    REDEEM_RESPONSES,
    REDEMPTION,
    TRACEPARENT,
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
from redemption.decide.strangers import TOLD, UNKNOWN, foretell_to_stranger
from redemption.outcomes import Decision
from redemption.outcomes import Response as Answer
from redemption.reading.parsing import Content, request_key, to_customer, to_order
from redemption.reading.parsing import request as to_request
from redemption.reading.tracing import HEADER, traceparent
from redemption.render.bodies import refusal_body, told_of
from redemption.render.messages import status_of
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
OF_A_PAGE: Final = IDEMPOTENCY_KEY | {
    "description": (
        "Yours: the same key with the same content redeems once, and gets the same acceptance "
        "again. Why nothing was redeemed is told by how things stand at the repeat, which redeems "
        "nothing: to try again takes a new key."
    )
}

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
        openapi_extra={**REDEMPTION, "parameters": [OF_A_PAGE, TRACEPARENT]},
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
    hidden = guessed = False
    try:
        with dependencies.crowds.joined(wanted.project_id):
            [response] = await dependencies.decider.decide([wanted], deadline)
        if response.status < REFUSED or response.key_reused:
            return Response(response.body, response.status, media_type=JSON)
        guessed = not response.replayed  # where it cannot be told why, too
        why = _why(await _foretold(wanted, dependencies))
        hidden = why is UNKNOWN
        guessed = guessed and hidden
    except OverloadedError as overload:
        raise unavailable(f"{overload}; nothing was redeemed, try again") from overload
    finally:
        if held is not None:
            dependencies.places.give_back(held, refused=guessed)
    if hidden:
        await _at_the_next_step(came)
    return _refusal(wanted, response, why)


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
        decision = await _foretold(wanted, dependencies)
        hidden = decision.refused is not None and _why(decision) is UNKNOWN
    finally:
        if held is not None:
            dependencies.places.give_back(held, refused=hidden)
    if hidden:
        await _at_the_next_step(came)
    return Response(validation(decision), media_type=JSON)


async def _foretold(wanted: model.Request, dependencies: Dependencies) -> Decision:
    """Ask what somebody would be told whom nobody knows, whoever is named."""
    return await dependencies.forecasts.of(_somebody_new(wanted), foretell_to_stranger)


def _why(decision: Decision) -> model.Refusal:
    """Return why nothing is redeemed; what would pass for others is no stranger's."""
    return UNKNOWN if decision.refused is None else decision.refused.refusal


def _refusal(wanted: model.Request, response: Answer, why: model.Refusal) -> Response:
    """Answer that nothing was redeemed, for a reason that tells nothing of who is named."""
    [code] = wanted.codes
    if why.reason in TOLD:
        entry_id = msgspec.json.decode(response.body)["resource_id"]
        body = refusal_body(why, told_of(wanted).order_minor, code, entry_id)
    else:
        body = refusal_body(why, None, code)
    return Response(_encode(body), status_of(why.reason), media_type=JSON)


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
        trace=traceparent(request.headers.get(HEADER)),
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


async def _at_the_next_step(came: float) -> None:
    """Wait until a whole number of steps has passed: how far a refusal came shows in none."""
    passed = time.monotonic() - came
    await asyncio.sleep(STEP_SECONDS - passed % STEP_SECONDS)
