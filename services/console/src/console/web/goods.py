"""What products and SKUs are called, and the ways between the lists of goods. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.design.parts import Column, Tab
from console.design.words import say
from console.format import money

PAGES: Final = ("products", "collections")


def tabs(project: str, current: str) -> tuple[Tab, ...]:
    """Lead to the two lists; `project` is where the project's pages begin."""
    return tuple(
        Tab(say(f"goods.{page}"), f"{project}/{page}", current=page == current) for page in PAGES
    )


def columns(keys: Sequence[str], currency: str) -> tuple[Column, ...]:
    cards: Mapping[str, Any] = {"name": "title", "price": "figure", "count": "figure"}
    return tuple(
        Column(
            key,
            say(f"goods.{key}", currency=currency) if key == "price" else say(f"goods.{key}"),
            number=key in ("price", "count"),
            cut=key == "name",
            card=cards.get(key, "rest"),
        )
        for key in keys
    )


def called(thing: Mapping[str, Any]) -> str:
    """Return its name, or the shop's id of it, or ours."""
    name = thing.get("name") or thing.get("sku")
    return str(name or thing.get("source_id") or thing["id"])


def ordered(thing: Mapping[str, Any]) -> str:
    """Return the id that lines of orders and rules name it by: the shop's own, if it has one."""
    return str(thing.get("source_id") or thing["id"])


def price(thing: Mapping[str, Any], currency: str) -> str:
    return "" if thing["price"] is None else money.money(thing["price"], currency)
