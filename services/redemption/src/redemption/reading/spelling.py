"""How a request may be spelt: with blanks around its texts, with null where nothing is meant. Pure.

And how it must not be: with a name that is given twice.

What the contract's validators do, for the twin that has none; free where nothing is unusual.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from contracts.baskets import Customer, Order, to_email
from contracts.redemptions import JSON, RedemptionRequest, RedemptionRequested
from contracts.text import trim

# Optional fields whose type has no null: the fast reader refuses one there.
DEFAULTS: Final = frozenset({"redeemables", "metadata", "items", "quantity", "reply"})

# As numbers: so bytes are searched six times as fast.
SPACE, TAB, LINE_FEED, CARRIAGE_RETURN, BACKSLASH = b" \t\n\r\\"

NAME: Final = b'":'
SPACED_NAME: Final = b'" :'
QUANTITY: Final = b'"quantity":'
SKU: Final = b'"sku_id":'
REQUIRED: Final = 7  # specversion, id, source, type, projectid, data and its request_id

_with: Final[Callable[..., Any]] = msgspec.structs.replace  # a struct, to msgspec's types


def without_nulls(sent: Any) -> Any:
    """Leave out the nulls that stand for a default; metadata is nobody's to change."""
    if isinstance(sent, list):
        return [without_nulls(each) for each in sent]
    if not isinstance(sent, dict):
        return sent
    return {
        name: value if name == "metadata" else without_nulls(value)
        for name, value in sent.items()
        if value is not None or name not in DEFAULTS
    }


def may_hold_blanks(value: bytes) -> bool:
    """Tell whether any text may begin or end with a blank: a look at each costs half a microsecond.

    In JSON a blank is a space, an escape, or more than ASCII; most writers send none of these.
    """
    return SPACE in value or BACKSLASH in value or not value.isascii()


def trimmed(asked: RedemptionRequest) -> RedemptionRequest:
    """Return the request without blanks around its texts."""
    texts = [asked.request_id, asked.code, asked.tracking_id, asked.visit_id]
    texts += [each.code for each in asked.redeemables]
    if asked.customer is not None:
        texts += [asked.customer.source_id, asked.customer.name]
    if asked.order is not None:
        texts.append(asked.order.id)
        for item in asked.order.items:
            texts += (item.product_id, item.sku_id)
    for text in texts:
        if text is not None and (not text.isascii() or text.strip() != text):
            break
    else:
        return asked
    changed: RedemptionRequest = _with(
        asked,
        request_id=trim(asked.request_id),
        code=asked.code and trim(asked.code),
        redeemables=tuple([_with(each, code=trim(each.code)) for each in asked.redeemables]),
        customer=asked.customer and _trimmed_customer(asked.customer),
        order=asked.order and _trimmed_order(asked.order),
        tracking_id=asked.tracking_id and trim(asked.tracking_id),
        visit_id=asked.visit_id and trim(asked.visit_id),
    )
    return changed


def with_email(customer: Customer) -> Customer:
    """Return the customer with the address as it is compared."""
    changed: Customer = _with(customer, email=customer.email and to_email(customer.email))
    return changed


def _trimmed_customer(customer: Customer) -> Customer:
    changed: Customer = _with(
        customer,
        source_id=customer.source_id and trim(customer.source_id),
        name=customer.name and trim(customer.name),
    )
    return changed


def _trimmed_order(order: Order) -> Order:
    items = tuple(
        [
            _with(item, product_id=trim(item.product_id), sku_id=item.sku_id and trim(item.sku_id))
            for item in order.items
        ]
    )
    changed: Order = _with(order, id=order.id and trim(order.id), items=items)
    return changed


def may_repeat_names(value: bytes, event: RedemptionRequested) -> bool:
    """Tell whether a name may be given twice in one object: to know takes four times as long.

    It is not where all the names that are there were needed for what was read. What has its default
    may have a name or none, and counts for none where that cannot be told in passing: then the
    answer is "may be", as for extensions, metadata and several codes or lines.
    """
    if TAB in value or LINE_FEED in value or CARRIAGE_RETURN in value:
        return True
    if SPACE in value and SPACED_NAME in value:
        return True  # not all names are counted below
    asked, order = event.data, event.data.order
    needed = (
        REQUIRED
        + (event.subject is not None)
        + (event.time is not None)
        + (event.datacontenttype is not JSON)  # one that was read is another object
        + (event.traceparent is not None)
        + (asked.code is not None)
        + asked.reply
    )
    customer = asked.customer
    if customer is not None:
        needed += 1 + (customer.source_id is not None)
        needed += (customer.email is not None) + (customer.name is not None)
    if order is not None:
        needed += 2 + (order.id is not None) + (order.currency is not None)
        if order.items:
            needed += 1 + 2 * len(order.items)
            if SKU in value:
                needed += sum([item.sku_id is not None for item in order.items])
            if len(order.items) == 1 and value.rfind(QUANTITY) > 0:
                needed += 1
    return value.count(NAME) != needed
