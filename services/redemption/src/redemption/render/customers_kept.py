"""Customers as the API shows them, in Voucherify's words. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from contracts.instants import to_rfc3339
from redemption.render.orders_kept import KeptOrder
from redemption.render.shown import ListedRedemption


class KeptAddress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a customer lives, as far as it was said."""

    city: str | None = None
    state: str | None = None
    line_1: str | None = None
    line_2: str | None = None
    country: str | None = None
    postal_code: str | None = None


class RedemptionFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a customer's codes were redeemed and refused, and how many rollbacks there were.

    What is given back in parts is several.
    """

    total_redeemed: int
    total_failed: int
    total_succeeded: int
    total_rolled_back: int


class OrderFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer paid; minor units."""

    total_amount: int
    total_count: int
    average_amount: int
    last_order_amount: int
    last_order_date: str | None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer did."""

    redemptions: RedemptionFigures
    orders: OrderFigures


class KeptCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer, with what they did; of paid orders, amounts before coupons less refunds."""

    id: str
    object: str = "customer"
    source_id: str | None
    name: str | None
    email: str | None
    phone: str | None
    description: str | None
    birthdate: str | None
    address: KeptAddress | None
    metadata: Mapping[str, Any]
    summary: Summary
    created_at: str
    updated_at: str
    last_seen_at: str


class CustomerList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of customers; of those in a segment, when they were judged and counted."""

    object: str = "list"
    data_ref: str = "customers"
    customers: list[KeptCustomer]
    total: int
    has_more: bool
    counted_at: str | msgspec.UnsetType = msgspec.UNSET


class PersonExport(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of one person; who was only refused is no customer yet."""

    customer: KeptCustomer | None
    orders: list[KeptOrder]
    redemptions: list[ListedRedemption]


class PermanentDeletion(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody was is forgotten; `object` as Voucherify spells it."""

    id: str
    related_object_id: str
    related_object: str = "customer"
    status: str = "DONE"
    data_json: Mapping[str, int]
    object: str = "pernament_deletion"


def customer(row: Any, redemptions: Mapping[str, int]) -> KeptCustomer:
    """Show a customer; `redemptions` are how many there were of each kind."""
    details = row["details"] or {}
    count, spent = row["paid_orders"], row["spent_minor"]
    last, address = row["last_paid_at"], details.get("address")
    return KeptCustomer(
        id=row["customer_id"],
        source_id=row["source_id"],
        name=row["name"],
        email=row["email"],
        phone=details.get("phone"),
        description=details.get("description"),
        birthdate=details.get("birthdate"),
        address=address and KeptAddress(**address),
        metadata=row["metadata"] or {},
        summary=Summary(
            redemptions=RedemptionFigures(**redemptions),
            orders=OrderFigures(
                total_amount=spent,
                total_count=count,
                average_amount=spent // count if count else 0,
                last_order_amount=row["last_amount_minor"] if last else 0,
                last_order_date=last and to_rfc3339(last),
            ),
        ),
        created_at=to_rfc3339(row["created_at"]),
        updated_at=to_rfc3339(row["seen_at"]),
        last_seen_at=to_rfc3339(row["seen_at"]),
    )
