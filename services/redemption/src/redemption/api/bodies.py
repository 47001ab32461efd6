"""What a client may send, in Voucherify's words.

A name that is neither here nor in `voucherify` is refused: what was meant by it would have no
effect. Null is as good as absent.
"""

from typing import Annotated, Any, Literal

import msgspec

from contracts.baskets import MOST_ITEMS
from contracts.money import LARGEST_MINOR
from contracts.stacking import MOST_REDEEMABLES
from redemption.api.moments import Moment
from redemption.api.voucherify import (
    IgnoredOfCustomer,
    IgnoredOfItem,
    IgnoredOfOrder,
    IgnoredOfRequest,
)

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]+\Z")]
Minor = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_MINOR)]
Count = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_MINOR)]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]

Metadata = Annotated[
    dict[str, Any], msgspec.Meta(description="for rules; 10 kB as JSON, 50 kB in the whole request")
]


class RedeemableBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code, as a person typed it: blanks around it are no part of it."""

    id: Identifier
    object: Literal["voucher"]
    gift: None = None
    reward: None = None


class OrderItemBody(IgnoredOfItem, frozen=True, forbid_unknown_fields=True):
    """`amount` is the line's total before coupons; without it, `price` times `quantity`.

    `source_id` is a product's, or what `related_object` says.
    """

    product_id: Identifier | None = None
    sku_id: Identifier | None = None
    source_id: Identifier | None = None
    related_object: Literal["product", "sku"] | None = None
    metadata: Metadata | None = None
    quantity: Count | None = None
    price: Minor | None = None
    amount: Minor | None = None


class OrderRequestBody(IgnoredOfOrder, frozen=True, forbid_unknown_fields=True):
    """The basket before coupons; `amount` is in the project's currency unless it names one.

    Where there are `items` it is what they come to, and may be left out. `source_id` is the shop's
    own id of it, and so is `id`: an order that is named is paid by its redemption.
    """

    id: Identifier | None = None
    source_id: Identifier | None = None
    amount: Minor | None = None
    currency: Currency | None = None
    items: Annotated[list[OrderItemBody], msgspec.Meta(max_length=MOST_ITEMS)] | None = None
    metadata: Metadata | None = None
    customer: None = None
    referrer: None = None


class CustomerBody(IgnoredOfCustomer, frozen=True, forbid_unknown_fields=True):
    """Known by `source_id`, or by `email` where there is none."""

    id: Identifier | None = None
    source_id: Identifier | None = None
    email: Identifier | None = None
    name: Identifier | None = None
    metadata: Metadata | None = None


class AskedBody(IgnoredOfRequest, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a redemption and a validation say; several codes are redeemed together or not.

    `tracking_id` names the customer where `customer` does not; it and `metadata` come back.
    """

    redeemables: Annotated[
        list[RedeemableBody], msgspec.Meta(min_length=1, max_length=MOST_REDEEMABLES)
    ]
    customer: CustomerBody | None = None
    order: OrderRequestBody | None = None
    tracking_id: Identifier | None = None
    visit_id: Identifier | None = None
    metadata: dict[str, Any] | None = None
    session: None = None


class RedemptionRequestBody(AskedBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The body of a redemption: it is judged as of the moment when it comes."""

    at: None = None


class ValidationRequestBody(AskedBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The body of a validation, which may ask for another moment than now."""

    at: Moment | None = None
