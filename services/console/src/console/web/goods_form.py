"""The form of a product or a SKU: the same fields, of which one is called otherwise. Pure."""

from collections.abc import Mapping
from typing import Any

from console.format import money
from console.web import metadata
from console.web.terms import Typed


def new(typed: Typed, name: str) -> dict[str, Any]:
    """Return the body of a POST; `name` is what the API calls its name."""
    return {field: value for field, value in changes(typed, name).items() if value is not None}


def changes(typed: Typed, name: str) -> dict[str, Any]:
    """Return the body of a PUT; null empties."""
    return {
        name: typed.form.text(name),
        "source_id": typed.form.text("source_id"),
        "price": typed.amount("price"),
        "metadata": metadata.read(typed, "metadata"),
    }


def filled(thing: Mapping[str, Any], name: str, currency: str) -> dict[str, str]:
    return {
        name: thing[name] or "",
        "source_id": thing["source_id"] or "",
        "price": "" if thing["price"] is None else money.plain(thing["price"], currency),
        "metadata": metadata.written(thing["metadata"]),
    }
