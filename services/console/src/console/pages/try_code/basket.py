"""The lines of a basket as rows of the form, and of its address. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import query
from console.design.words import say
from console.query import Name, Query
from console.web import rows
from console.web.forms import Form
from console.web.terms import Typed

ITEMS: Final = "items"
MOST: Final = 10
PARTS: Final = ("product_id", "sku_id", "quantity", "price")
NAMES: Final[Sequence[Name]] = tuple(
    query.text(f"{ITEMS}.{at}.{part}") for at in range(MOST) for part in PARTS
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is typed."""

    name: str
    label: str
    values: Mapping[str, str]
    error: str
    faulty: str  # the field with which something is wrong


def typed(asks: Query) -> dict[str, str]:
    """Return what stands in the rows: those that are empty are left out, the others move up."""
    asked = [{part: asks.one(f"{ITEMS}.{at}.{part}") for part in PARTS} for at in range(MOST)]
    kept = [row for row in asked if any(row.values())]
    return {f"{ITEMS}.{at}.{part}": row[part] for at, row in enumerate(kept) for part in PARTS}


def read(reading: Typed) -> list[dict[str, Any]]:
    """Return the lines as the API takes them."""
    return [_line(reading, f"{ITEMS}.{at}") for at in range(rows.count(reading.form, ITEMS))]


def shown(form: Form) -> tuple[Row, ...]:
    """Return the rows that there are, and a few empty ones."""
    count = min(MOST, rows.count(form, ITEMS) + rows.SPARE)
    return tuple(_row(form, at) for at in range(count))


def _line(reading: Typed, row: str) -> dict[str, Any]:
    price = reading.amount_from_zero(f"{row}.price")
    line = {
        "product_id": reading.form.text(f"{row}.product_id"),
        "sku_id": reading.form.text(f"{row}.sku_id"),
        "quantity": reading.whole(f"{row}.quantity"),
        "price": price,
    }
    if line["product_id"] is None and line["sku_id"] is None:
        reading.faults.setdefault(f"{row}.product_id", say("try_code.no_product"))
    if price is None:
        reading.faults.setdefault(f"{row}.price", say("try_code.no_price"))
    return {name: value for name, value in line.items() if value is not None}


def _row(form: Form, at: int) -> Row:
    name = f"{ITEMS}.{at}"
    faulty, error = rows.fault(form, name)
    values = {part: form.one(f"{name}.{part}") for part in PARTS}
    return Row(name, say("try_code.item", n=at + 1), values, error, faulty)
