"""Which lines of an order a discount is for, as lines of text: shoe, sku:shoe-42. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from console.web.terms import Typed

NAME: Final = "applicable_to"
KINDS: Final = ("included", "excluded")
PRODUCT: Final = "product"
# How a line begins that names no product.
WRITTEN: Final = {PRODUCT: "product:", "sku": "sku:", "products_collection": "collection:"}


def read(typed: Typed) -> dict[str, Any] | None:
    """Return what the API is told; null is every line."""
    found = {kind: _targets(typed.form.one(f"{NAME}.{kind}")) for kind in KINDS}
    return found if any(found.values()) else None


def filled(applicable_to: Mapping[str, Any] | None) -> dict[str, str]:
    told = applicable_to or {}
    return {f"{NAME}.{kind}": "\n".join(map(_written, told.get(kind) or ())) for kind in KINDS}


def _targets(text: str) -> list[dict[str, str]]:
    lines = dict.fromkeys(line.strip() for line in text.splitlines())
    return [_target(line) for line in lines if line]


def _target(line: str) -> dict[str, str]:
    for kind, begins in WRITTEN.items():
        if line.startswith(begins) and (named := line.removeprefix(begins).strip()):
            return {"object": kind, "id": named}
    return {"object": PRODUCT, "id": line}


def _written(target: Mapping[str, Any]) -> str:
    kind, named = target["object"], target["id"]
    if kind == PRODUCT and not named.startswith(tuple(WRITTEN.values())):
        return str(named)
    return f"{WRITTEN.get(kind, f'{kind}:')}{named}"
