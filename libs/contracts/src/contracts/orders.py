"""What shops tell of their orders, with and without coupons."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from contracts.baskets import MOST_ITEMS, Customer, Item, check_all_metadata
from contracts.currencies import check_currency
from contracts.event import Event
from contracts.instants import Instant
from contracts.money import Count, Currency, Minor
from contracts.redemptions import JSON, check_media_type
from contracts.strict import StrictModel
from contracts.text import Trimmed

OrderStatus = Literal["CREATED", "PAID", "FULFILLED", "CANCELED"]


class OrderState(StrictModel):
    """An order as it is now, all of it: what is told last holds, and nothing is added up.

    Last is the highest `version`, and the latest `time` where one of two has none. But CREATED is
    before all else: an order that was paid stays so until it is cancelled, and one that was
    cancelled until it is paid anew. `amount_minor` is before coupons; that of a cancelled order
    may be left out. `refunded_minor` is all that was refunded by now: the whole of it is as good as
    a cancellation. It was paid at `paid_at`, or at `time`. An order that was redeemed on is paid,
    and it stays whose it was first.
    """

    order_id: Trimmed
    status: OrderStatus
    amount_minor: Minor | None = None
    refunded_minor: Minor = 0
    currency: Annotated[Currency, AfterValidator(check_currency)] | None = None
    customer: Customer | None = None
    items: Annotated[tuple[Item, ...], Field(max_length=MOST_ITEMS)] = ()
    metadata: dict[str, JsonValue] = Field(default_factory=dict)
    version: Count | None = None
    paid_at: Instant | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        amount = self.amount_minor
        if amount is None and (self.status != "CANCELED" or self.items or self.refunded_minor):
            raise ValueError("order.amount_minor is missing")
        if amount is not None and self.refunded_minor > amount:
            raise ValueError(f"{self.refunded_minor} are refunded of an order of {amount}")
        if self.items:
            come_to = sum(item.amount_minor for item in self.items)
            if come_to != amount:
                raise ValueError(f"order.amount_minor is {amount}, but the items come to {come_to}")
        check_all_metadata(self.metadata, self.customer, None, self.items)
        return self


class OrderChanged(Event):
    """`time` is when the order came to be so. Keyed by the order's id."""

    type: Literal["coupons.order.changed.v1"] = "coupons.order.changed.v1"
    subject: str | None = None  # type: ignore[assignment]  # wider than what we write ourselves
    datacontenttype: Annotated[str | None, AfterValidator(check_media_type)] = JSON  # type: ignore[assignment]
    data: OrderState
