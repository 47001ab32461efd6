"""Which lines of an order a discount is for: lines of text (shoe, sku:shoe-42), and boxes. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.design.parts import Option
from console.web import rows
from console.web.forms import Form
from console.web.rules import COLLECTION
from console.web.terms import Typed

NAME: Final = "applicable_to"
KINDS: Final = ("included", "excluded")
PRODUCT: Final = "product"
SKU: Final = "sku:"  # how a line begins that names no product


@dataclass(frozen=True, slots=True)
class Fields:
    """As they are typed; `collections` are boxes of each kind, where there are any to tick."""

    is_open: bool
    error: str  # of any of them: the API calls them by their places in its list
    collections: Mapping[str, Sequence[Option]]


def shown(form: Form, collections: Mapping[str, str]) -> Fields:
    _, error = rows.fault(form, NAME)
    boxes = {kind: _boxes(form.many(_boxes_of(kind)), collections) for kind in KINDS}
    ticked = any(box.chosen for each in boxes.values() for box in each)
    typed = any(form.one(f"{NAME}.{kind}") for kind in KINDS)
    return Fields(ticked or typed or bool(error), error, boxes)


def read(typed: Typed) -> dict[str, Any] | None:
    """Return what the API is told; null is every line."""
    found = {
        kind: [
            *_targets(typed.form.one(f"{NAME}.{kind}")),
            *({"object": COLLECTION, "id": each} for each in typed.form.many(_boxes_of(kind))),
        ]
        for kind in KINDS
    }
    return found if any(found.values()) else None


def filled(applicable_to: Mapping[str, Any] | None) -> dict[str, str | Sequence[str]]:
    told = applicable_to or {}
    found: dict[str, str | Sequence[str]] = {}
    for kind in KINDS:
        targets = told.get(kind) or ()
        named = [each for each in targets if each["object"] != COLLECTION]
        found[f"{NAME}.{kind}"] = "\n".join(map(_written, named))
        found[_boxes_of(kind)] = [each["id"] for each in targets if each["object"] == COLLECTION]
    return found


def _boxes_of(kind: str) -> str:
    return f"{NAME}.{kind}_collections"


def _boxes(ticked: Sequence[str], known: Mapping[str, str]) -> tuple[Option, ...]:
    gone = {each: each for each in ticked if each not in known}
    return tuple(Option(key, name, key in ticked) for key, name in {**known, **gone}.items())


def _targets(text: str) -> list[dict[str, str]]:
    lines = dict.fromkeys(line.strip() for line in text.splitlines())
    return [_target(line) for line in lines if line]


def _target(line: str) -> dict[str, str]:
    if line.startswith(SKU) and (named := line.removeprefix(SKU).strip()):
        return {"object": "sku", "id": named}
    if line.startswith(PRODUCT + ":") and (named := line.removeprefix(PRODUCT + ":").strip()):
        return {"object": PRODUCT, "id": named}
    return {"object": PRODUCT, "id": line}


def _written(target: Mapping[str, Any]) -> str:
    kind, named = target["object"], target["id"]
    if kind == PRODUCT and not named.startswith((SKU, PRODUCT + ":")):
        return str(named)
    return f"{kind}:{named}"
