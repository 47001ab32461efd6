"""What a client may send, in Voucherify's words, and its translation into ours."""

import asyncio
from typing import Annotated, Any, Final, Literal

import msgspec
from starlette.requests import Request

from contracts.money import LARGEST_MINOR
from contracts.redemptions import MOST_REDEEMABLES, Item, Order, check_metadata
from redemption.parsing import Content, fingerprint
from servicekit.http.errors import invalid
from servicekit.structs import twin

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]+\Z")]
Minor = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_MINOR)]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]

LONG_BODY: Final = 20_000

_order: Final = twin(Order)
_item: Final = twin(Item)


class RedeemableBody(msgspec.Struct, frozen=True):
    id: Identifier
    object: Literal["voucher"]


class OrderItemBody(msgspec.Struct, frozen=True):
    """`amount` is the line's total before coupons; without it, `price` times `quantity`."""

    product_id: Identifier | None = None
    sku_id: Identifier | None = None
    source_id: Identifier | None = None
    quantity: Annotated[int, msgspec.Meta(ge=0)] = 1
    price: Minor | None = None
    amount: Minor | None = None


class OrderRequestBody(msgspec.Struct, frozen=True):
    id: Identifier | None = None
    source_id: Identifier | None = None
    amount: Minor | None = None
    currency: Currency | None = None
    items: Annotated[list[OrderItemBody], msgspec.Meta(max_length=500)] = []


class CustomerBody(msgspec.Struct, frozen=True):
    id: Identifier | None = None
    source_id: Identifier | None = None


class RedemptionRequestBody(msgspec.Struct, frozen=True):
    """The body of a redemption or a validation; several codes are redeemed together or not."""

    redeemables: Annotated[
        list[RedeemableBody], msgspec.Meta(min_length=1, max_length=MOST_REDEEMABLES)
    ]
    customer: CustomerBody | None = None
    order: OrderRequestBody | None = None
    tracking_id: Identifier | None = None
    visit_id: Identifier | None = None
    metadata: dict[str, Any] | None = None
    session: msgspec.Raw | None = None


_decoder: Final = msgspec.json.Decoder(RedemptionRequestBody)
_identifier: Final = msgspec.json.Decoder(Identifier)


async def parse_body(request: Request) -> tuple[Content, bytes]:
    """Read and check a body; return it with the fingerprint of all that was sent.

    Raises ApiError 400 that names the field, or 413.
    """
    raw = await request.body()
    # A long one holds up nobody: checking its metadata is Python, which lets others in between.
    return await asyncio.to_thread(_parse, raw) if len(raw) > LONG_BODY else _parse(raw)


def _parse(raw: bytes) -> tuple[Content, bytes]:
    try:
        body = _decoder.decode(raw)
        asked = fingerprint(msgspec.json.decode(raw))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise invalid(str(error)) from error
    if body.session is not None:
        raise invalid("`$.session`: session locks are not supported yet, leave it out")
    return (
        Content(
            codes=_codes(body),
            customer_source_id=_customer(body),
            order=None if body.order is None else _to_order(body.order),
            visit_id=body.visit_id,
            metadata=_metadata(body),
        ),
        asked,
    )


def parse_idempotency_key(request: Request) -> str | None:
    """Return the `Idempotency-Key`, or None where there is none."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    try:
        return _identifier.decode(msgspec.json.encode(key))
    except (msgspec.MsgspecError, TypeError, UnicodeEncodeError) as error:
        raise invalid("Idempotency-Key: send 1 to 200 characters") from error


def _codes(body: RedemptionRequestBody) -> tuple[str, ...]:
    codes = tuple(redeemable.id for redeemable in body.redeemables)
    if len(set(codes)) < len(codes):
        raise invalid("`$.redeemables`: names a code twice", key="duplicated_redeemables")
    return codes


def _customer(body: RedemptionRequestBody) -> str | None:
    if body.customer is not None and body.customer.source_id is not None:
        return body.customer.source_id
    if body.customer is not None and body.customer.id is not None:
        raise invalid("`$.customer.id`: name the customer by your own `source_id`")
    return body.tracking_id


def _metadata(body: RedemptionRequestBody) -> dict[str, Any]:
    metadata = body.metadata or {}
    try:
        check_metadata(metadata)
    except ValueError as error:
        raise invalid(f"`$.metadata`: {error}") from error
    return metadata


def _to_order(order: OrderRequestBody) -> Order | None:
    items = tuple(_to_item(item, index) for index, item in enumerate(order.items))
    amount = order.amount if not items else sum(item.amount_minor for item in items)
    if amount is None:
        return None
    if amount > LARGEST_MINOR:
        raise invalid(f"`$.order`: amounts to more than {LARGEST_MINOR}")
    return _order(
        id=order.source_id or order.id, amount_minor=amount, currency=order.currency, items=items
    )


def _to_item(item: OrderItemBody, index: int) -> Item:
    product = item.product_id or item.sku_id or item.source_id
    if product is None:
        raise invalid(f"`$.order.items[{index}]`: needs product_id, sku_id or source_id")
    amount = item.amount
    if amount is None:
        if item.price is None:
            raise invalid(f"`$.order.items[{index}]`: needs amount or price")
        amount = item.price * item.quantity
    return _item(product_id=product, amount_minor=amount, quantity=item.quantity)
