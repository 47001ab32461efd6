"""Orders and customers as the API shows them, in Voucherify's words. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from contracts.instants import to_rfc3339
from redemption.entries import ShownEntry, lines_of, redemption_id
from redemption.render.shown import ListedRedemption


class SimpleCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose an order is."""

    id: str
    object: str = "customer"
    source_id: str | None
    name: str | None
    email: str | None


class KeptOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it is now. Discounts are those of its redemptions, less what was rolled back."""

    id: str
    object: str = "order"
    source_id: str
    status: str
    created_at: str
    updated_at: str
    paid_at: str | None
    amount: int
    discount_amount: int
    total_discount_amount: int
    total_amount: int
    refunded_amount: int
    currency: str | None
    items: list[dict[str, Any]]
    metadata: Mapping[str, Any]
    customer_id: str | None
    customer: SimpleCustomer | None
    referrer_id: None = None
    referrer: None = None
    redemptions: dict[str, dict[str, Any]]


class OrderList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of orders."""

    object: str = "list"
    data_ref: str = "orders"
    orders: list[KeptOrder]
    total: int


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
    address: Mapping[str, Any] | None
    metadata: Mapping[str, Any]
    summary: Mapping[str, Mapping[str, Any]]
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


def order(row: Any, entries: Sequence[ShownEntry]) -> KeptOrder:
    """Show an order, with its redemptions and what was rolled back of them, the newest first."""
    off = sum(entry.past.discount_minor for entry in entries)
    redeemed = [entry.past for entry in entries if entry.past.kind == "redeemed"]
    items = row["items"]
    if items is None and redeemed:
        items = [
            {"product_id": line.product_id, "sku_id": line.sku_id, "quantity": line.quantity}
            | {"amount_minor": line.amount_minor}
            for line in lines_of(redeemed[0])
            if line.amount_minor or not line.free_units
        ]
    return KeptOrder(
        id=row["order_id"],
        source_id=row["order_id"],
        status=row["status"],
        created_at=to_rfc3339(row["created_at"]),
        updated_at=to_rfc3339(row["changed_at"]),
        paid_at=row["paid_at"] and to_rfc3339(row["paid_at"]),
        amount=row["amount_minor"],
        discount_amount=off,
        total_discount_amount=off,
        total_amount=row["amount_minor"] - off,
        refunded_amount=row["refunded_minor"],
        currency=row["currency"],
        items=[_item(each) for each in items or ()],
        metadata=row["metadata"] or {},
        customer_id=row["customer_id"],
        customer=row["customer_id"]
        and SimpleCustomer(
            id=row["customer_id"],
            source_id=row["source_id"],
            name=row["name"],
            email=row["email"],
        ),
        redemptions={
            redemption_id(past.id, accepted=True): {
                "date": to_rfc3339(past.at),
                "related_object_type": "voucher",
                "related_object_id": past.voucher_id,
            }
            for past in redeemed
        },
    )


def _item(line: Mapping[str, Any]) -> dict[str, Any]:
    quantity = line.get("quantity", 1)
    shown = {
        "object": "order_item",
        "product_id": line["product_id"],
        "sku_id": line.get("sku_id"),
        "quantity": quantity,
        "amount": line["amount_minor"],
        "metadata": line.get("metadata", {}),
    }
    return {name: value for name, value in shown.items() if value is not None}


def customer(row: Any, redemptions: Mapping[str, int]) -> KeptCustomer:
    """Show a customer; `redemptions` are how many there were of each kind."""
    details = row["details"] or {}
    count, spent = row["paid_orders"], row["spent_minor"]
    last = row["last_paid_at"]
    return KeptCustomer(
        id=row["customer_id"],
        source_id=row["source_id"],
        name=row["name"],
        email=row["email"],
        phone=details.get("phone"),
        description=details.get("description"),
        birthdate=details.get("birthdate"),
        address=details.get("address"),
        metadata=row["metadata"] or {},
        summary={
            "redemptions": redemptions,
            "orders": {
                "total_amount": spent,
                "total_count": count,
                "average_amount": spent // count if count else 0,
                "last_order_amount": row["last_amount_minor"] if last else 0,
                "last_order_date": last and to_rfc3339(last),
            },
        },
        created_at=to_rfc3339(row["created_at"]),
        updated_at=to_rfc3339(row["seen_at"]),
        last_seen_at=to_rfc3339(row["seen_at"]),
    )
