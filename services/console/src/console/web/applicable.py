"""Which lines of an order a discount is for: lines of text (shoe, sku:shoe-42), and boxes. Pure.

Behind the name of a line may stand which of its pieces: `pieces`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.design.parts import Option
from console.design.words import say
from console.web import pieces, rows
from console.web.forms import Form
from console.web.rules import COLLECTION
from console.web.terms import Typed

NAME: Final = "applicable_to"
KINDS: Final = ("included", "excluded")
PRODUCT: Final = "product"
# How a line begins that names no product, or one that would be read as something else.
BEGINS: Final = {PRODUCT: "product:", "sku": "sku:", COLLECTION: "collection:"}


@dataclass(frozen=True, slots=True)
class Fields:
    """As they are typed; `collections` are boxes of each kind, where there are any to tick."""

    is_open: bool
    error: str  # of any of them: the API calls them by their places in its list
    collections: Mapping[str, Sequence[Option]]
    selections: Sequence[Option]


def shown(form: Form, collections: Mapping[str, str]) -> Fields:
    _, error = rows.fault(form, NAME)
    boxes = {kind: _boxes(form.many(_boxes_of(kind)), collections) for kind in KINDS}
    ticked = any(box.chosen for each in boxes.values() for box in each)
    typed = any(form.one(f"{NAME}.{kind}") for kind in KINDS)
    is_open = ticked or typed or pieces.are_chosen(form) or bool(error)
    return Fields(is_open, error, boxes, pieces.selections(form))


def read(typed: Typed) -> dict[str, Any] | None:
    """Return what the API is told; null is all of every line."""
    found: dict[str, Any] = {
        kind: [
            *_targets(typed, f"{NAME}.{kind}"),
            *({"object": COLLECTION, "id": each} for each in typed.form.many(_boxes_of(kind))),
        ]
        for kind in KINDS
    }
    found |= pieces.read(typed)
    return found if any(found.values()) else None


def filled(applicable_to: Mapping[str, Any] | None) -> dict[str, str | Sequence[str]]:
    told = applicable_to or {}
    found: dict[str, str | Sequence[str]] = {**pieces.filled(told)}
    for kind in KINDS:
        targets = told.get(kind) or ()
        ticked = [each for each in targets if _is_a_box(each)]
        named = [each for each in targets if not _is_a_box(each)]
        found[f"{NAME}.{kind}"] = "\n".join(map(_written, named))
        found[_boxes_of(kind)] = [each["id"] for each in ticked]
    return found


def _is_a_box(target: Mapping[str, Any]) -> bool:
    """Tell whether a target is a collection of which nothing more is said."""
    return target["object"] == COLLECTION and not pieces.behind(target)


def _boxes_of(kind: str) -> str:
    return f"{NAME}.{kind}_collections"


def _boxes(ticked: Sequence[str], known: Mapping[str, str]) -> tuple[Option, ...]:
    gone = {each: each for each in ticked if each not in known}
    return tuple(Option(key, name, key in ticked) for key, name in {**known, **gone}.items())


def _targets(typed: Typed, name: str) -> list[dict[str, Any]]:
    lines = dict.fromkeys(line.strip() for line in typed.form.one(name).splitlines())
    found = []
    for line in filter(None, lines):
        try:
            found.append(_target(line))
        except LookupError as unknown:
            known = ", ".join(pieces.WORDS.values())
            fault = say("applicable.fault", line=line, said=str(unknown), known=known)
            typed.faults.setdefault(name, fault)
    return found


def _target(line: str) -> dict[str, Any]:
    written, of_it = pieces.of_line(line)
    for kind, begins in BEGINS.items():
        if written.startswith(begins) and (named := written.removeprefix(begins).strip()):
            return {"object": kind, "id": named} | of_it
    return {"object": PRODUCT, "id": written} | of_it


def _written(target: Mapping[str, Any]) -> str:
    kind, named = target["object"], pieces.name_of(target)
    if kind == PRODUCT and not named.startswith(tuple(BEGINS.values())):
        return f"{named}{pieces.behind(target)}"
    return f"{BEGINS.get(kind, f'{kind}:')}{named}{pieces.behind(target)}"
