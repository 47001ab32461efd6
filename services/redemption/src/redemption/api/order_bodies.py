"""What a client may say of an order itself, in Voucherify's words, and its translation."""

from datetime import UTC, datetime
from typing import Literal

import msgspec
from starlette.requests import Request

from contracts import ids
from contracts.baskets import MOST_ITEMS, check_all_metadata, identity_of
from contracts.currencies import check_currency
from contracts.money import LARGEST_MINOR
from redemption.api.bodies import (
    Count,
    Currency,
    CustomerBody,
    Identifier,
    Metadata,
    Minor,
    OrderItemBody,
)
from redemption.api.reading import decoded, item_of, read_customer, read_metadata, read_text
from redemption.api.voucherify import IgnoredOfOrder
from redemption.orders.told import Told, written
from servicekit.http.errors import invalid


class OrderUpsertBody(IgnoredOfOrder, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is sent changes, the rest stays. `amount` is before coupons, or what the items come to.

    Items and metadata that are sent take the place of all that were there.
    With a `version` only a higher one than the last changes anything.
    """

    id: Identifier | None = None
    source_id: Identifier | None = None
    status: Literal["CREATED", "PAID", "CANCELED", "FULFILLED"] | None = None  # type: ignore[assignment]
    amount: Minor | None = None
    refunded_amount: Minor | None = None
    currency: Currency | None = None
    items: list[OrderItemBody] | None = None
    metadata: Metadata | None = None
    customer: CustomerBody | None = None
    version: Count | None = None
    referrer: None = None


_orders = msgspec.json.Decoder(OrderUpsertBody)


async def parse_order(request: Request) -> OrderUpsertBody:
    """Read and check a body. Raises ApiError 400 that names the field."""
    return decoded(await request.body(), _orders)


def id_of(body: OrderUpsertBody) -> str | None:
    """Return the id that a body names, if it does."""
    named = body.source_id or body.id
    return None if named is None else read_text(named, "$.source_id")


def told_of(body: OrderUpsertBody, project_id: str, order_id: str, customer_key: bytes) -> Told:
    """Return what a body tells, from now on."""
    if body.items is not None and len(body.items) > MOST_ITEMS:
        raise invalid(f"`$.items`: has more than {MOST_ITEMS}")
    items = tuple(item_of(item, n) for n, item in enumerate(body.items or ()))
    amount = sum(item.amount_minor for item in items) if items else body.amount
    if body.amount not in {None, amount}:
        raise invalid(f"`$.amount`: is {body.amount}, but the items come to {amount}")
    if amount is not None and amount > LARGEST_MINOR:
        raise invalid(f"`$.amount`: is more than {LARGEST_MINOR}")
    if amount is not None and (body.refunded_amount or 0) > amount:
        raise invalid(f"`$.refunded_amount`: is more than the order, {amount}")
    if body.currency is not None:
        try:
            check_currency(body.currency)
        except ValueError as error:
            raise invalid(f"`$.currency`: {error}") from error
    customer = None if body.customer is None else read_customer(body.customer)
    metadata = None if body.metadata is None else read_metadata(body.metadata, "$.metadata")
    try:
        check_all_metadata(metadata or {}, customer, None, items)
    except ValueError as error:
        raise invalid(f"`$`: {error}") from error
    return Told(
        key=(project_id, order_id),
        at=datetime.now(UTC),
        # What is created is so until more is said, and stays what it is where more was said before.
        status=None if body.status == "CREATED" else body.status,
        amount_minor=amount,
        refunded_minor=body.refunded_amount,
        currency=body.currency,
        customer_id=None
        if customer is None
        else ids.customer(customer_key, project_id, identity_of(customer)),
        customer=customer,
        items=written(items) if body.items is not None else None,
        metadata=metadata,
        version=body.version,
    )
