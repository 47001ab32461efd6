"""A collection's form as the API takes it, and as it is filled. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.web.forms import Form
from console.web.goods import ordered

KINDS: Final = {"products": "product", "skus": "sku"}


def body(form: Form) -> dict[str, Any]:
    holds = [
        {"object": kind, "id": each}
        for field, kind in KINDS.items()
        for each in _lines(form, field)
    ]
    return {"name": form.one("name"), "products": holds}


def filled(collection: Mapping[str, Any], holds: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {"name": collection["name"]} | {
        field: "\n".join(ordered(each) for each in holds if each["object"] == kind)
        for field, kind in KINDS.items()
    }


def _lines(form: Form, field: str) -> list[str]:
    lines = (line.strip() for line in form.one(field).splitlines())
    return list(dict.fromkeys(line for line in lines if line))
