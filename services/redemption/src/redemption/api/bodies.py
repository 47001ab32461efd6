"""What a client may send, in Voucherify's words, and its translation into ours."""

from typing import Annotated, Literal

import msgspec
from starlette.requests import Request

from contracts.money import LARGEST_MINOR
from redemption.api.errors import invalid, too_large
from redemption.wire import Currency, Customer, Item, Key, Minor, Order, Wish, fingerprint

LARGEST_BODY = 10_000_000


class Redeemable(msgspec.Struct, frozen=True):
    id: Key
    object: Literal["voucher"]


class OrderItem(msgspec.Struct, frozen=True):
    """`amount` is the line's total before coupons; without it, `price` times `quantity`."""

    product_id: Key | None = None
    sku_id: Key | None = None
    source_id: Key | None = None
    quantity: Annotated[int, msgspec.Meta(ge=0)] = 1
    price: Minor | None = None
    amount: Minor | None = None


class ApiOrder(msgspec.Struct, frozen=True):
    id: Key | None = None
    source_id: Key | None = None
    amount: Minor | None = None
    currency: Currency | None = None
    items: Annotated[list[OrderItem], msgspec.Meta(max_length=500)] = []


class ApiCustomer(msgspec.Struct, frozen=True):
    id: Key | None = None
    source_id: Key | None = None


class Body(msgspec.Struct, frozen=True):
    """The body of a redemption or a validation."""

    redeemables: Annotated[list[Redeemable], msgspec.Meta(min_length=1, max_length=30)]
    customer: ApiCustomer | None = None
    order: ApiOrder | None = None
    tracking_id: Key | None = None
    visit_id: Key | None = None
    session: msgspec.Raw | None = None


_decoder = msgspec.json.Decoder(Body)


async def wish(request: Request) -> tuple[Wish, bytes]:
    """Read and check a body; return it with the fingerprint of all that was sent.

    Raises ApiError 400 that names the field, or 413.
    """
    try:
        raw = await _read(request)
        body = _decoder.decode(raw)
        asked = fingerprint(msgspec.json.decode(raw))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise invalid(str(error)) from error
    if len(body.redeemables) > 1:
        raise invalid("`$.redeemables`: stacks of several coupons are not supported yet, send one")
    if body.session is not None:
        raise invalid("`$.session`: session locks are not supported yet, leave it out")
    order = _order(body.order)
    return Wish(body.redeemables[0].id, _customer(body), order, body.visit_id), asked


async def _read(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise too_large(LARGEST_BODY)
        chunks.append(chunk)
    return b"".join(chunks)


def _customer(body: Body) -> Customer | None:
    if body.customer is not None and body.customer.source_id is not None:
        return Customer(body.customer.source_id)
    if body.customer is not None and body.customer.id is not None:
        raise invalid("`$.customer.id`: name the customer by your own `source_id`")
    return Customer(body.tracking_id) if body.tracking_id is not None else None


def _order(order: ApiOrder | None) -> Order | None:
    if order is None:
        return None
    items = [_item(item, index) for index, item in enumerate(order.items)]
    amount = order.amount if not items else sum(item.amount_minor for item in items)
    if amount is None:
        return None
    if amount > LARGEST_MINOR:
        raise invalid(f"`$.order`: amounts to more than {LARGEST_MINOR}")
    return Order(amount, order.source_id or order.id, order.currency, items)


def _item(item: OrderItem, index: int) -> Item:
    product = item.product_id or item.sku_id or item.source_id
    if product is None:
        raise invalid(f"`$.order.items[{index}]`: needs product_id, sku_id or source_id")
    amount = item.amount
    if amount is None:
        if item.price is None:
            raise invalid(f"`$.order.items[{index}]`: needs amount or price")
        amount = item.price * item.quantity
    return Item(product, amount, item.quantity)
