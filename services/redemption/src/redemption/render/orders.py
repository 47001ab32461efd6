"""An order with what codes take off it and off its lines, in Voucherify's words; minor units."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from redemption.outcomes import Line
from redemption.render.bodies import Told

Absent = msgspec.UnsetType


class ItemBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line with what the codes so far take off it.

    `discount_amount` and `subtotal_amount` are of discounts on lines alone, as Voucherify has them.
    `total_discount_amount` counts the line's share of those on the order, too: over all lines it
    adds up to the order's. `applied_…` is what this code takes; `…_quantity` are free units, also
    those that a code adds: `initial_quantity` is what was sent.
    """

    object: str = "order_item"
    product_id: str | Absent = msgspec.UNSET
    sku_id: str | Absent = msgspec.UNSET
    quantity: int
    initial_quantity: int | Absent = msgspec.UNSET
    amount: int
    discount_quantity: int | Absent = msgspec.UNSET
    discount_amount: int
    applied_discount_quantity: int | Absent = msgspec.UNSET
    applied_discount_amount: int
    subtotal_amount: int
    total_discount_amount: int
    total_applied_discount_amount: int


class OrderBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order with what the codes so far take off it; minor units.

    `applied_…` is what this code takes, the others are what it and the codes before it take:
    `items_…` of lines, `total_…` in all. `items` are there where lines were sent.
    """

    source_id: str | None
    object: str = "order"
    amount: int
    initial_amount: int | Absent = msgspec.UNSET
    discount_amount: int
    items_discount_amount: int | Absent = msgspec.UNSET
    total_discount_amount: int
    applied_discount_amount: int
    items_applied_discount_amount: int | Absent = msgspec.UNSET
    total_applied_discount_amount: int
    total_amount: int
    customer_id: str | None
    items: list[ItemBody] | Absent = msgspec.UNSET


class LineSums(NamedTuple):
    """What the codes so far take off a line: on it, in all, and how many units are free."""

    on_line_minor: int = 0
    in_all_minor: int = 0
    free_units: int = 0

    def and_of(self, line: Line) -> "LineSums":
        """Return the sums with one more code's."""
        minor, free_units = line.discount_minor, line.free_units
        return LineSums(
            self.on_line_minor + (0 if free_units is None else minor),
            self.in_all_minor + minor,
            self.free_units + (free_units or 0),
        )


class Applying:
    """An order to which code after code is applied; a class because it adds up what they take."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._on_order_minor = 0
        self._on_items_minor = 0
        self._sums: list[LineSums] = []  # of the lines that were sent
        self._added: list[Line] = []  # by the codes so far

    def after(self, discount_minor: int, lines: Sequence[Line]) -> OrderBody | None:
        """Return the order after one more code, or None where none was sent."""
        told = self._told
        if told.order_minor is None:
            return None
        on_items_minor = discount_minor if lines and lines[0].free_units is not None else 0
        on_order_minor = discount_minor - on_items_minor
        self._on_order_minor += on_order_minor
        self._on_items_minor += on_items_minor
        in_all_minor = self._on_order_minor + self._on_items_minor
        body = OrderBody(
            source_id=told.order_id,
            amount=told.order_minor,
            discount_amount=self._on_order_minor,
            total_discount_amount=in_all_minor,
            applied_discount_amount=on_order_minor,
            total_applied_discount_amount=discount_minor,
            total_amount=told.order_minor - in_all_minor,
            customer_id=told.customer_id,
        )
        if not lines and not self._added:
            return body
        return msgspec.structs.replace(
            body,
            initial_amount=told.order_minor,
            items_discount_amount=self._on_items_minor,
            items_applied_discount_amount=on_items_minor,
            items=self._items(lines),
        )

    def _items(self, lines: Sequence[Line]) -> list[ItemBody]:
        sent = [line for line in lines if not line.is_added]
        own = lines[len(sent) :]  # which this code adds
        before = self._sums or [LineSums()] * len(sent)
        self._sums = [sums.and_of(line) for sums, line in zip(before, sent, strict=True)]
        items = [_sent(line, sums) for line, sums in zip(sent, self._sums, strict=True)]
        items += [_added(line, 0) for line in self._added]
        self._added += own
        return items + [_added(line, line.free_units or 0) for line in own]


def as_one(order: OrderBody | None) -> OrderBody | None:
    """Return the order after the last code as if all of them were one."""
    if order is None:
        return None
    whole = msgspec.structs.replace(
        order,
        applied_discount_amount=order.discount_amount,
        total_applied_discount_amount=order.total_discount_amount,
    )
    if whole.items is msgspec.UNSET:
        return whole
    return msgspec.structs.replace(
        whole,
        items_applied_discount_amount=order.items_discount_amount,
        items=[
            msgspec.structs.replace(
                item,
                applied_discount_amount=item.discount_amount,
                applied_discount_quantity=item.discount_quantity,
                total_applied_discount_amount=item.total_discount_amount,
            )
            for item in whole.items
        ],
    )


def _sent(line: Line, sums: LineSums) -> ItemBody:
    on_line_minor = 0 if line.free_units is None else line.discount_minor
    some_free = bool(sums.free_units)
    return ItemBody(
        product_id=line.product_id or msgspec.UNSET,
        sku_id=line.sku_id or msgspec.UNSET,
        quantity=line.quantity,
        amount=line.amount_minor,
        discount_quantity=sums.free_units if some_free else msgspec.UNSET,
        discount_amount=sums.on_line_minor,
        applied_discount_quantity=line.free_units or 0 if some_free else msgspec.UNSET,
        applied_discount_amount=on_line_minor,
        subtotal_amount=line.amount_minor - sums.on_line_minor,
        total_discount_amount=sums.in_all_minor,
        total_applied_discount_amount=line.discount_minor,
    )


def _added(line: Line, applied_units: int) -> ItemBody:
    units = line.free_units or 0
    return ItemBody(
        product_id=line.product_id or msgspec.UNSET,
        sku_id=line.sku_id or msgspec.UNSET,
        quantity=units,
        initial_quantity=0,
        amount=0,
        discount_quantity=units,
        discount_amount=0,
        applied_discount_quantity=applied_units,
        applied_discount_amount=0,
        subtotal_amount=0,
        total_discount_amount=0,
        total_applied_discount_amount=0,
    )
