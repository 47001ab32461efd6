"""Which lines of an order a discount is for, and which pieces of them. Pure.

Lines of text name products, and may say which pieces are meant: shoe, sku:shoe-42 | 1 each,
collection:pc_1 | cheapest | 2 together.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.design.parts import Option
from console.design.words import say
from console.web.forms import Form
from console.web.terms import Typed, text

NAME: Final = "applicable_to"
KINDS: Final = ("included", "excluded")
PRODUCT: Final = "product"
# How a line begins that names no product.
WRITTEN: Final = {PRODUCT: "product:", "sku": "sku:", "products_collection": "collection:"}
EVERY: Final = "APPLY_TO_EVERY"
SELECTIONS: Final = {
    EVERY: "",
    "APPLY_TO_CHEAPEST": "cheapest",
    "APPLY_FROM_CHEAPEST": "from cheapest",
    "APPLY_TO_MOST_EXPENSIVE": "most expensive",
    "APPLY_FROM_MOST_EXPENSIVE": "from most expensive",
}
LIMITS: Final = {"quantity_limit": "each", "aggregated_quantity_limit": "together"}
BETWEEN: Final = " | "
COUNT: Final = re.compile(r"([1-9][0-9]{0,15}) (each|together)")


def read(typed: Typed) -> dict[str, Any] | None:
    """Return what the API is told; null is all of every line."""
    found: dict[str, Any] = {kind: _targets(typed.form.one(f"{NAME}.{kind}")) for kind in KINDS}
    chosen: dict[str, Any] = {name: typed.whole(f"{NAME}.{name}") for name in LIMITS}
    if (effect := typed.form.text(f"{NAME}.effect")) not in {None, EVERY}:
        chosen["effect"] = effect
    chosen = {name: value for name, value in chosen.items() if value is not None}
    return found | chosen if chosen or any(found.values()) else None


def filled(applicable_to: Mapping[str, Any] | None) -> dict[str, str]:
    told = applicable_to or {}
    lines = {kind: map(_written, told.get(kind) or ()) for kind in KINDS}
    return {
        **{f"{NAME}.{kind}": "\n".join(each) for kind, each in lines.items()},
        **{f"{NAME}.{name}": text(told.get(name)) for name in LIMITS},
        f"{NAME}.effect": told.get("effect") or EVERY,
    }


def selections(form: Form) -> Sequence[Option]:
    """Show which pieces may be meant, for a menu."""
    chosen = form.one(f"{NAME}.effect") or EVERY
    words = {each: say(f"offers.chosen_{each}") for each in SELECTIONS}
    return [Option(each, word, chosen=each == chosen) for each, word in words.items()]


def is_used(form: Form) -> bool:
    """Tell whether a form says which lines or pieces are meant."""
    said = any(form.one(f"{NAME}.{name}") for name in (*KINDS, *LIMITS))
    return said or form.one(f"{NAME}.effect") not in {"", EVERY}


def _targets(typed: str) -> list[dict[str, Any]]:
    lines = dict.fromkeys(line.strip() for line in typed.splitlines())
    return [_target(line) for line in lines if line]


def _target(line: str) -> dict[str, Any]:
    named, *options = line.split(BETWEEN)
    said = [_option(each.strip()) for each in options]
    if None in said:  # then it is part of the name
        named, said = line, []
    target: dict[str, Any] = {"object": PRODUCT, "id": named.strip()}
    for kind, begins in WRITTEN.items():
        if named.startswith(begins) and (id_ := named.removeprefix(begins).strip()):
            target = {"object": kind, "id": id_}
            break
    for each in said:
        target |= each or {}
    return target


def _option(said: str) -> dict[str, Any] | None:
    """Read which pieces are meant; None where nothing is said of that."""
    for selection, word in SELECTIONS.items():
        if word and said == word:
            return {"effect": selection}
    if found := COUNT.fullmatch(said):
        [name] = [name for name, word in LIMITS.items() if word == found[2]]
        return {name: int(found[1])}
    return None


def _written(target: Mapping[str, Any]) -> str:
    kind, named = target["object"], target["id"]
    begins = WRITTEN.get(kind, f"{kind}:")
    if kind == PRODUCT and not named.startswith(tuple(WRITTEN.values())):
        begins = ""
    options = [SELECTIONS.get(target.get("effect") or EVERY, "")]
    options += [f"{target[name]} {word}" for name, word in LIMITS.items() if target.get(name)]
    return BETWEEN.join([f"{begins}{named}", *(each for each in options if each)])
