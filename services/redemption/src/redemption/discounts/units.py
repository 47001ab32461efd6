"""Units for nothing: of lines that are in the order, or added to it. Pure; minor units."""

from contracts.baskets import Order
from contracts.discounts import FreeUnits, Unit
from redemption.discounts.left import Left
from redemption.outcomes import Line

SKU = "sku_"  # what the ids of Voucherify's SKUs begin with


def lines(discount: FreeUnits, order: Order, left: Left) -> list[Line]:
    """Return the order's lines with what comes off each, and behind them those that are added.

    A free unit takes off what is left of the line, divided by its units that are not free yet. An
    added one costs nothing and takes nothing off: the order never named its price.
    """
    found = [
        Line(each.product_id, each.sku_id, each.quantity, each.amount_minor, 0, 0)
        for each in order.items
    ]
    added: list[Line] = []
    for unit in discount.units:
        missing = unit.quantity
        if unit.effect == "ADD_MISSING_ITEMS":
            for n, line in enumerate(found):
                if missing and unit.item in {line.product_id, line.sku_id}:
                    found[n] = _with_free_units(line, missing, left, n)
                    missing -= (found[n].free_units or 0) - (line.free_units or 0)
        if missing:
            added.append(_added(unit, missing))
    return found + added


def _with_free_units(line: Line, wanted: int, left: Left, n: int) -> Line:
    by_this = line.free_units or 0
    paid = line.quantity - left.free_units[n] - by_this
    free = min(wanted, paid)
    if not free:
        return line
    rest_minor = left.lines_minor[n] - line.discount_minor
    return line._replace(
        discount_minor=line.discount_minor + rest_minor * free // paid, free_units=by_this + free
    )


def _added(unit: Unit, quantity: int) -> Line:
    is_sku = unit.item.startswith(SKU)
    return Line(
        product_id=None if is_sku else unit.item,
        sku_id=unit.item if is_sku else None,
        quantity=0,
        amount_minor=0,
        discount_minor=0,
        free_units=quantity,
    )
