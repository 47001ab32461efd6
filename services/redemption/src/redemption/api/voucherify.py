"""Voucherify's fields that nobody reads here: the one place that says which, and why each may go.

None of them restricts a redemption. A field that is neither here nor in `bodies` is refused by
name: passed over, it might have been somebody's limit. So are those of Voucherify that would change
a decision, unless they are null. The page of this service lists them too.
"""

from collections.abc import Mapping
from typing import Annotated, Final, TypeAlias

import msgspec

REFUSED: Final[Mapping[str, str]] = {
    "session": "session locks are not supported yet, leave it out",
    "gift": "there are no gift cards",
    "reward": "there are no rewards",
    "customer": "name the customer beside the order, in `$.customer`",
    "referrer": "there are no referrals",
}

_Ignored: TypeAlias = msgspec.Raw | msgspec.UnsetType

NoExpansion = Annotated[_Ignored, msgspec.Meta(description="ignored: answers are whole")]
NoProfile = Annotated[
    _Ignored, msgspec.Meta(description="ignored: of a profile only name, e-mail and metadata count")
]
NoState = Annotated[
    _Ignored,
    msgspec.Meta(
        description="ignored: a redemption pays its order, and an order is told of as it is now; "
        "its status is said at /v1/orders, its moment by Kafka"
    ),
]
NoCatalogue = Annotated[
    _Ignored, msgspec.Meta(description="ignored: lines carry their own price and metadata")
]
Computed = Annotated[
    _Ignored, msgspec.Meta(description="ignored: part of an answer, computed anew every time")
]


class IgnoredOfRequest(msgspec.Struct, frozen=True):
    """Beside the codes, the customer and the order."""

    options: NoExpansion = msgspec.UNSET


class IgnoredOfCustomer(msgspec.Struct, frozen=True):
    """Beside who the customer is."""

    object: NoProfile = msgspec.UNSET
    description: NoProfile = msgspec.UNSET
    phone: NoProfile = msgspec.UNSET
    birthday: NoProfile = msgspec.UNSET
    birthdate: NoProfile = msgspec.UNSET
    address: NoProfile = msgspec.UNSET


class IgnoredOfOrder(msgspec.Struct, frozen=True):
    """Beside what an order comes to; a client may send an answer's order back."""

    object: Computed = msgspec.UNSET
    status: NoState = msgspec.UNSET
    created_at: NoState = msgspec.UNSET
    updated_at: NoState = msgspec.UNSET
    customer_id: Computed = msgspec.UNSET
    referrer_id: Computed = msgspec.UNSET
    redemptions: Computed = msgspec.UNSET
    initial_amount: Computed = msgspec.UNSET
    discount_amount: Computed = msgspec.UNSET
    items_discount_amount: Computed = msgspec.UNSET
    total_discount_amount: Computed = msgspec.UNSET
    total_amount: Computed = msgspec.UNSET
    applied_discount_amount: Computed = msgspec.UNSET
    items_applied_discount_amount: Computed = msgspec.UNSET
    total_applied_discount_amount: Computed = msgspec.UNSET


class IgnoredOfItem(msgspec.Struct, frozen=True):
    """Beside what a line is and costs."""

    object: Computed = msgspec.UNSET
    id: Computed = msgspec.UNSET
    product: NoCatalogue = msgspec.UNSET
    sku: NoCatalogue = msgspec.UNSET
    initial_quantity: Computed = msgspec.UNSET
    initial_amount: Computed = msgspec.UNSET
    subtotal_amount: Computed = msgspec.UNSET
    discount_quantity: Computed = msgspec.UNSET
    discount_amount: Computed = msgspec.UNSET
    applied_quantity: Computed = msgspec.UNSET
    applied_quantity_amount: Computed = msgspec.UNSET
    applied_discount_quantity: Computed = msgspec.UNSET
    applied_discount_amount: Computed = msgspec.UNSET
    application_details: Computed = msgspec.UNSET
