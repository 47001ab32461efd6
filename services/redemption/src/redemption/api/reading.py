"""Reads what a client sends, and translates it into our words. Whatever is wrong is named."""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from starlette.requests import Request

from contracts.baskets import Customer, Item, Order, check_all_metadata, to_email
from contracts.currencies import check_currency
from contracts.metadata import check_metadata
from contracts.money import LARGEST_MINOR
from contracts.text import trim
from redemption.api.bodies import (
    AskedBody,
    CustomerBody,
    Identifier,
    OrderItemBody,
    OrderRequestBody,
    RedemptionRequestBody,
    ValidationRequestBody,
)
from redemption.api.moments import to_judge_by
from redemption.api.voucherify import REFUSED
from redemption.reading.instead import BY_HTTP
from redemption.reading.parsing import Content, to_customer, to_item, to_order, tracked
from servicekit import faults
from servicekit.http.bodies import refuse_repeated_names, whole_body
from servicekit.http.errors import ApiError, invalid

LONG_BODY: Final = 20_000

Read = TypeVar("Read")


class Validation(NamedTuple):
    """What a validation asks, and as of which moment; None is the one when it comes."""

    content: Content
    at: datetime | None


MUST_BE_NULL: Final[Mapping[str, str]] = {**REFUSED, "at": "only a validation may name a moment"}
UNSUPPORTED: Final = re.compile(
    rf"Expected `null`, got `\w+` - at `(?P<path>\$.*\.(?P<name>{'|'.join(MUST_BE_NULL)}))`"
)
_redemptions: Final = msgspec.json.Decoder(RedemptionRequestBody)
_validations: Final = msgspec.json.Decoder(ValidationRequestBody)
_identifier: Final = msgspec.json.Decoder(Identifier)


async def parse_body(request: Request) -> Content:
    """Read and check a redemption's body. Raises ApiError 400 that names the field, or 413."""
    return await _read(request, _parse)


async def parse_validation(request: Request) -> Validation:
    """Read and check a validation's body, likewise."""
    return await _read(request, _parse_validation)


async def _read(request: Request, parse: Callable[[bytes], Read]) -> Read:
    raw = await whole_body(request)
    # A long one holds up nobody: checking its metadata is Python, which lets others in between.
    return await asyncio.to_thread(parse, raw) if len(raw) > LONG_BODY else parse(raw)


def _parse(raw: bytes) -> Content:
    return _content(decoded(raw, _redemptions))


def _parse_validation(raw: bytes) -> Validation:
    body = decoded(raw, _validations)
    return Validation(_content(body), None if body.at is None else to_judge_by(body.at))


def decoded(raw: bytes, decoder: msgspec.json.Decoder[Read]) -> Read:
    try:
        if not raw.isascii():
            raw.decode()  # msgspec checks the encoding only of what it keeps
        body = decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise invalid(_with_advice(str(error), decoder.type)) from error
    refuse_repeated_names(raw)
    return body


def _content(body: AskedBody) -> Content:
    tracking_id = body.tracking_id and read_text(body.tracking_id, "$.tracking_id")
    customer = tracked(tracking_id) if body.customer is None else read_customer(body.customer)
    order = None if body.order is None else _to_order(body.order)
    metadata = read_metadata(body.metadata, "$.metadata")
    try:
        check_all_metadata(metadata, customer, order)
    except ValueError as error:
        raise invalid(f"`$`: {error}") from error
    return Content(
        codes=_codes(body),
        customer=customer or tracked(tracking_id),
        order=order,
        visit_id=body.visit_id and read_text(body.visit_id, "$.visit_id"),
        metadata=metadata,
        tracking_id=tracking_id,
    )


def parse_idempotency_key(request: Request) -> str | None:
    """Return the `Idempotency-Key`, or None where there is none."""
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return None
    if len(keys) > 1:  # a proxy may have added one: under which would it be decided once?
        raise invalid("Idempotency-Key: is given more than once")
    [key] = keys
    try:
        # Headers are read as Latin-1, in which half of a UTF-8 letter is a blank: and keys that
        # differ in such letters alone would be one, and another than Kafka's `request_id`.
        return trim(_identifier.decode(msgspec.json.encode(key.encode("latin-1").decode())))
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        raise invalid("Idempotency-Key: send 1 to 200 characters, in UTF-8") from error


def _with_advice(fault: str, shape: Any) -> str:
    """Say what to send where msgspec says only what must not be, and why a field must be null."""
    place = UNSUPPORTED.match(fault)
    if place is None:
        return faults.of_msgspec(fault, shape, BY_HTTP)
    return f"`{place['path']}`: {MUST_BE_NULL[place['name']]}"


def read_text(text: str, field: str) -> str:
    """Return a text without the blanks around it. Raises ApiError 400 that names its field."""
    try:
        return trim(text)
    except ValueError as error:
        raise invalid(f"`{field}`: {error}") from error


def _codes(body: AskedBody) -> tuple[str, ...]:
    codes = tuple(
        [read_text(each.id, f"$.redeemables[{n}].id") for n, each in enumerate(body.redeemables)]
    )
    if len(set(codes)) < len(codes):
        raise named_twice()
    return codes


def named_twice() -> ApiError:
    return invalid("`$.redeemables`: names a code twice", key="duplicated_redeemables")


def read_customer(body: CustomerBody, field: str = "$.customer") -> Customer | None:
    """Return who is meant; nothing said of a customer is nobody. Faults are told below `field`."""
    if body.source_id is None and body.id is not None:
        raise invalid(f"`{field}.id`: name the customer by your own `source_id`")
    if body.source_id is None and body.email is None:
        if body.name or body.metadata:
            raise invalid(f"`{field}`: needs source_id or email")
        return None
    return to_customer(
        source_id=body.source_id and read_text(body.source_id, f"{field}.source_id"),
        email=body.email and email_of(body.email, f"{field}.email"),
        name=body.name and read_text(body.name, f"{field}.name"),
        metadata=read_metadata(body.metadata, f"{field}.metadata"),
    )


def email_of(text: str, field: str) -> str:
    try:
        return to_email(text)
    except ValueError as error:
        raise invalid(f"`{field}`: {error}") from error


def read_metadata(sent: dict[str, Any] | None, field: str) -> dict[str, Any]:
    """Return metadata, checked. Raises ApiError 400 that names their field."""
    if not sent:
        return {}
    try:
        check_metadata(sent)
    except ValueError as error:
        raise invalid(f"`{field}`: {error}") from error
    return sent


def _to_order(order: OrderRequestBody) -> Order | None:
    items = tuple(item_of(item, index) for index, item in enumerate(order.items or ()))
    order_id = order.source_id or order.id
    amount = sum(item.amount_minor for item in items) if items else order.amount
    if order.amount not in {None, amount}:
        raise invalid(f"`$.order.amount`: is {order.amount}, but the items come to {amount}")
    if amount is None:
        if order_id is not None or order.currency is not None:
            raise invalid("`$.order`: needs amount or items")
        return None
    if amount > LARGEST_MINOR:
        raise invalid(f"`$.order`: amounts to more than {LARGEST_MINOR}")
    order_id = order_id and read_text(order_id, "$.order.source_id")
    if order.currency is not None:
        try:
            check_currency(order.currency)
        except ValueError as error:
            raise invalid(f"`$.order.currency`: {error}") from error
    return to_order(
        id=order_id,
        amount_minor=amount,
        currency=order.currency,
        items=items,
        metadata=read_metadata(order.metadata, "$.order.metadata"),
    )


def item_of(item: OrderItemBody, index: int) -> Item:
    field = f"$.order.items[{index}]"
    product, sku = item.product_id, item.sku_id
    if item.related_object == "sku":
        sku = sku or item.source_id
    product = product or sku or item.source_id
    if product is None:
        raise invalid(f"`{field}`: needs product_id, sku_id or source_id")
    quantity = 1 if item.quantity is None else item.quantity
    amount = item.amount
    if amount is None:
        if item.price is None:
            raise invalid(f"`{field}`: needs amount or price")
        amount = item.price * quantity
    return to_item(
        product_id=read_text(product, field),
        sku_id=sku and read_text(sku, field),
        quantity=quantity,
        amount_minor=amount,
        metadata=read_metadata(item.metadata, f"{field}.metadata"),
    )
