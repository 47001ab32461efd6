"""Who buys and what: what a request to redeem carries beside its codes."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from contracts.currencies import check_currency
from contracts.event import Identifier
from contracts.metadata import MOST_PROPERTIES, check_together
from contracts.money import Count, Currency, Minor
from contracts.strict import StrictModel
from contracts.text import Trimmed, trim

MOST_ITEMS = 500


def to_email(text: str) -> str:
    """Return an address as it is compared: trimmed, in small letters.

    Raises ValueError for what is none. Whether anybody reads mail there is not asked.
    """
    address = trim(text.lower())
    name, at, host = address.partition("@")
    if not (name and at and host) or "@" in host or len(address.split()) > 1:
        raise ValueError("is no e-mail address")
    return address


Email = Annotated[Identifier, AfterValidator(to_email)]


class Customer(StrictModel):
    """Who redeems: by the shop's own id, or by an e-mail address where a guest has none.

    Events after the decision carry a pseudonym only. `metadata` is for rules.
    """

    source_id: Trimmed | None = None
    email: Email | None = None
    name: Trimmed | None = None
    metadata: dict[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        identity_of(self)
        return self


class Item(StrictModel):
    """One basket line. `amount_minor` is the line's total before coupons; metadata are for rules.

    A line that has a SKU and no product has the SKU as its product: here it is said, by HTTP it may
    be left out.
    """

    product_id: Trimmed
    sku_id: Trimmed | None = None
    quantity: Count = 1
    amount_minor: Minor
    metadata: dict[str, JsonValue] = Field(default_factory=dict)


class Order(StrictModel):
    """The basket before coupons: `amount_minor` in the project's currency unless it names one.

    Where there are items, it is what they come to. `metadata` is for rules.
    """

    id: Trimmed | None = None
    amount_minor: Minor
    currency: Annotated[Currency, AfterValidator(check_currency)] | None = None
    items: Annotated[tuple[Item, ...], Field(max_length=MOST_ITEMS)] = ()
    metadata: dict[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _comes_to_its_amount(self) -> Self:
        check_amount(self)
        return self


def identity_of(customer: Customer) -> str:
    """Return by what a customer is known. Raises ValueError where there is nothing."""
    identity = customer.source_id or customer.email
    if identity is None:
        raise ValueError("customer: needs source_id or email")
    return identity


def check_amount(order: Order) -> None:
    """Raise ValueError where items contradict the amount: one of the two is not what was meant."""
    if order.items:
        amount = sum([item.amount_minor for item in order.items])
        if amount != order.amount_minor:
            raise ValueError(
                f"order.amount_minor is {order.amount_minor}, but the items come to {amount}"
            )


def check_all_metadata(
    own: Mapping[str, Any],
    customer: Customer | None,
    order: Order | None,
    items: Iterable[Item] = (),
) -> None:
    """Raise ValueError for metadata that no database keeps, or too much of them.

    `items` are beside those of the order.
    """
    parts = [own] if own else []
    parts += [item.metadata for item in items if item.metadata]
    if customer is not None and customer.metadata:
        if len(customer.metadata) > MOST_PROPERTIES:
            most = f"of which {MOST_PROPERTIES} are allowed"
            raise ValueError(f"customer.metadata has {len(customer.metadata)} properties, {most}")
        parts.append(customer.metadata)
    if order is not None:
        if order.metadata:
            parts.append(order.metadata)
        parts += [item.metadata for item in order.items if item.metadata]
    if parts:
        check_together(parts)
