"""Orders by HTTP: told, and read again with what was redeemed on them."""

import hashlib
import time
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts import ids
from contracts.text import trim
from redemption.api import order_bodies
from redemption.api.crowds import Crowds
from redemption.api.customers import customer_ids
from redemption.api.kept_openapi import (
    LIST_OF_ORDERS,
    ORDER,
    PUT_ORDER,
    asked,
    page_of,
    refusing_to_sort,
)
from redemption.api.lists import Reads
from redemption.api.reading import parse_idempotency_key
from redemption.api.redemptions import DEADLINE_SECONDS
from redemption.api.texts import one_text
from redemption.batches.decider import Decider
from redemption.batches.work import OverloadedError
from redemption.browsing import kept
from redemption.orders import ordering, refunding
from redemption.orders.told import RefundedTooMuchError, Told
from redemption.reading.parsing import request_key
from redemption.render import orders_kept
from redemption.store import order_requests, orders
from redemption.store.keys import Caller
from redemption.store.order_requests import OrderRequest, ToldBefore
from servicekit.http.brackets import refusal
from servicekit.http.errors import ApiError, invalid, not_found, unavailable
from servicekit.postgres.pool import transaction

JSON: Final = "application/json"
REPLAYED: Final = {"Idempotent-Replayed": "true"}
NEVER: Final = datetime.fromtimestamp(0, UTC)

_encode: Final = msgspec.json.Encoder().encode


class ToldWith(NamedTuple):
    """What an order is told with."""

    reads: Reads
    decider: Decider
    crowds: Crowds


def router(reads: Reads, decider: Decider, crowds: Crowds) -> APIRouter:
    """Make the routes."""
    told_with = ToldWith(reads, decider, crowds)
    routes = APIRouter(tags=["orders"])

    @routes.post("/v1/orders", summary="Create or update an order", **PUT_ORDER)
    async def post_order(request: Request) -> Response:
        caller: Caller = request.state.caller
        body = await order_bodies.parse_order(request)
        key = parse_idempotency_key(request)
        order_id = order_bodies.id_of(body) or _made(key)
        return await _keep(told_with, caller, body, order_id, key)

    @routes.get("/v1/orders", summary="List orders", **LIST_OF_ORDERS)
    async def list_orders(request: Request) -> Response:
        caller: Caller = request.state.caller
        said = asked(request, "limit", "page", "order", "customer", "source_id")
        page = page_of(said)
        whose = one_text(said, "customer")
        of: dict[str, Any] = {"order_id": one_text(said, "source_id")}
        if whose is not None:
            of["customer_ids"] = customer_ids(whose, caller.project_id, reads.customer_key)
        with refusing_to_sort():
            found, total = await kept.orders(
                reads.reads.of(caller.project_id), caller.project_id, page, **of
            )
        shown = [orders_kept.order(*each) for each in found]
        return Response(_encode(orders_kept.OrderList(orders=shown, total=total)), media_type=JSON)

    @routes.get("/v1/orders/{order_id}", summary="Get an order", **ORDER)
    async def get_order(request: Request, order_id: str) -> Response:
        caller: Caller = request.state.caller
        return await _shown(reads, caller, _named(order_id))

    @routes.put("/v1/orders/{order_id}", summary="Update an order", **PUT_ORDER)
    async def put_order(request: Request, order_id: str) -> Response:
        caller: Caller = request.state.caller
        body = await order_bodies.parse_order(request)
        named = _named(order_id)
        if order_bodies.id_of(body) not in {None, named}:
            raise refusal("source_id", "is another than the path's")
        await _shown(reads, caller, named)  # or it is not found
        return await _keep(told_with, caller, body, named, parse_idempotency_key(request))

    return routes


def _made(key: str | None) -> str:
    """Name an order that has no name: the same one for a request that is sent again."""
    if key is None:
        return ids.new("ord_")
    return f"ord_{hashlib.sha256(key.encode()).hexdigest()[:24]}"


def key_reused() -> ApiError:
    """Return the refusal of a known key with other content."""
    details = "send the same content again, or a new key"
    message = "this key was used for another request"
    return ApiError(422, message, details, key="idempotency_key_reused")


def _named(sent: str) -> str:
    try:
        return trim(unquote(sent, errors="strict"))
    except ValueError as error:
        raise not_found("order", sent) from error


async def _keep(
    told_with: ToldWith,
    caller: Caller,
    body: order_bodies.OrderUpsertBody,
    order_id: str,
    key: str | None,
) -> Response:
    reads, decider, crowds = told_with
    told = order_bodies.told_of(body, caller.project_id, order_id, reads.customer_key)
    if told.currency not in {None, caller.currency}:
        raise invalid(f"`$.currency`: orders of this project add up in {caller.currency}")
    lender = reads.reads.of(caller.project_id)
    asked = _under_its_key(key, told)
    before: ToldBefore | None = None
    try:
        if asked is None:
            await ordering.keep(lender, [told])
        else:
            before = await ordering.keep_once(lender, told, asked)
    except RefundedTooMuchError as error:
        raise invalid(f"`$.refunded_amount`: {error}") from error
    if before is not None and asked is not None:
        if before.fingerprint != asked.fingerprint:
            raise key_reused()
        if before.body is not None:
            return Response(before.body, headers=REPLAYED, media_type=JSON)
    deadline = time.monotonic() + DEADLINE_SECONDS
    try:
        with crowds.joined(caller.project_id):
            await refunding.roll_back(lender, decider, [told.key], deadline)
    except OverloadedError as overload:
        why = f"{overload}; the order is kept, but nothing on it was rolled back, try again"
        raise unavailable(why) from overload
    if asked is None:
        return await _shown(reads, caller, order_id)
    # Whoever died before this has kept the order: its repeat is answered here, and keeps nothing.
    async with transaction(lender) as conn:
        await orders.lock(conn, [told.key])
        found = await kept.order_within(conn, *told.key)
        given = await order_requests.answer(conn, asked.key, _written(found, order_id))
    return Response(given, headers=None if before is None else REPLAYED, media_type=JSON)


def _under_its_key(key: str | None, told: Told) -> OrderRequest | None:
    """Name what is told by its key, of a space of its own: it never meets a redemption's."""
    if key is None:
        return None
    content = msgspec.json.encode(told._replace(at=NEVER), order="deterministic")
    digest = request_key(told.key[0], f"\0order\0{key}")
    return OrderRequest(digest, hashlib.sha256(content).digest()[:16], told.key)


async def _shown(reads: Reads, caller: Caller, order_id: str) -> Response:
    found = None
    if "\0" not in order_id:
        lender = reads.reads.of(caller.project_id)
        found = await kept.order(lender, caller.project_id, order_id)
    return Response(_written(found, order_id), media_type=JSON)


def _written(found: kept.Kept | None, order_id: str) -> bytes:
    if found is None:
        raise not_found("order", order_id)
    return _encode(orders_kept.order(*found))
