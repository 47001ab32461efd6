"""Orders as the API shows them, in Voucherify's words. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from contracts.instants import to_rfc3339
from redemption.ledger.entries import ShownEntry, lines_of, redemption_id, rollback_id


class SimpleCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose an order is."""

    id: str
    object: str = "customer"
    source_id: str | None
    name: str | None
    email: str | None


class KeptItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of an order, as it was told; minor units."""

    object: str
    product_id: str
    sku_id: str | None = None
    quantity: int
    amount: int
    metadata: Mapping[str, Any]


class RedeemedWith(msgspec.Struct, frozen=True, kw_only=True):
    """What was redeemed with an order; where nothing of it is left, by which rollback."""

    date: str
    rollback_id: str | msgspec.UnsetType = msgspec.UNSET
    rollback_date: str | msgspec.UnsetType = msgspec.UNSET
    related_object_type: str = "voucher"
    related_object_id: str | None


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
    items: list[KeptItem]
    metadata: Mapping[str, Any]
    customer_id: str | None
    customer: SimpleCustomer | None
    referrer_id: None = None
    referrer: None = None
    redemptions: dict[str, RedeemedWith]


class OrderList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of orders."""

    object: str = "list"
    data_ref: str = "orders"
    orders: list[KeptOrder]
    total: int


def order(row: Any, entries: Sequence[ShownEntry]) -> KeptOrder:
    """Show an order, with its redemptions and what was rolled back of them, the newest first."""
    off = sum(entry.past.discount_minor for entry in entries)
    redeemed = [entry for entry in entries if entry.past.kind == "redeemed"]
    items = row["items"]
    if items is None and redeemed:
        items = [
            {"product_id": line.product_id, "sku_id": line.sku_id, "quantity": line.quantity}
            | {"amount_minor": line.amount_minor}
            for line in lines_of(redeemed[0].past)
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
            id=row["customer_id"], source_id=row["source_id"], name=row["name"], email=row["email"]
        ),
        redemptions=dict([_redeemed_with(each) for each in redeemed]),
    )


def _redeemed_with(entry: ShownEntry) -> tuple[str, RedeemedWith]:
    past, last = entry.past, next((each for each in entry.rollbacks if each.whole), None)
    return redemption_id(past.id, accepted=True), RedeemedWith(
        date=to_rfc3339(past.at),
        rollback_id=rollback_id(last.id) if last else msgspec.UNSET,
        rollback_date=to_rfc3339(last.at) if last else msgspec.UNSET,
        related_object_id=past.voucher_id,
    )


def _item(line: Mapping[str, Any]) -> KeptItem:
    return KeptItem(
        object="order_item",
        product_id=line["product_id"],
        sku_id=line.get("sku_id"),
        quantity=line.get("quantity", 1),
        amount=line["amount_minor"],
        metadata=line.get("metadata", {}),
    )
