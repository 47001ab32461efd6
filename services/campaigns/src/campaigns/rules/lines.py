"""Which lines of an order a condition is about, as Voucherify's API spells it. Pure.

{"conditions": {"$is": [{"object": "product", "id": "shoes"}]},
 "rules": {"1": {"name": "order.items.price", "conditions": {"$more_than": [1000]}}, "logic": "1"}}
"""

from collections.abc import Mapping
from typing import Any, Final

from campaigns.api import conditions
from campaigns.rules.reading import (
    LOGIC,
    LONGEST_NAMED,
    check_known,
    check_none_within,
    check_whole,
    fields_of,
    made,
    message_of,
    parts_of,
)
from contracts import logic
from contracts.logic import All, Leaf
from contracts.rule_names import EQUALITIES, LINE_NAMES
from contracts.rule_nodes import LineCondition, Lines
from contracts.text import trim

OBJECTS: Final[Mapping[str, tuple[str, ...]]] = {
    "product": ("products",),
    "sku": ("skus",),
    "products_collection": ("collections",),
    "": ("products", "skus"),  # by an id alone it may be either
}
EITHER: Final = "product_or_sku"  # what clients may say of both


def read(fields: Mapping[str, Any]) -> Lines:
    """Read which lines are meant: what products, and what they are like."""
    words: dict[str, Any] = {"products": [], "skus": [], "collections": []}
    sent = fields.get("conditions")
    if sent:
        if not isinstance(sent, dict) or len(sent) != 1 or not EQUALITIES.issuperset(sent):
            raise ValueError(f"conditions should have one of {', '.join(sorted(EQUALITIES))}")
        [(operator, named)] = sent.items()
        words["excluded"] = operator in {"$is_not", "$not_in"}
        for each in named if isinstance(named, list) else [named]:
            for field, id_ in _products(each):
                words[field].append(id_)
    if fields.get("rules"):
        words["like"] = _like(fields["rules"])
    return made(Lines, words)


def _products(sent: object) -> list[tuple[str, str]]:
    """Read one product, SKU or collection: in which field of lines it is, and by which ids."""
    if isinstance(sent, str):
        return [(field, trim(sent)) for field in OBJECTS[""]]
    if not isinstance(sent, dict) or not {"id", "source_id", "object", "type"}.issuperset(sent):
        raise ValueError("a product should have `object` and `id`")
    object_ = "" if sent.get("object") is None else sent["object"]
    if not isinstance(object_, str) or object_ not in OBJECTS:
        kinds = ", ".join([kind for kind in OBJECTS if kind])
        raise ValueError(f"object {str(object_)[:LONGEST_NAMED]} is unknown, known are {kinds}")
    _check_type(sent.get("type"), object_)
    ids = [each for each in (sent.get("id"), sent.get("source_id")) if each]
    if not ids or not all(isinstance(id_, str) for id_ in ids):
        raise ValueError("a product should have `object` and `id`")
    return [(field, trim(id_)) for field in OBJECTS[object_] for id_ in ids]


def _check_type(type_: object, object_: str) -> None:
    """Raise for a type that says something else than the object beside it."""
    said = {"products_collection": ("products_collection",)}.get(object_, (object_, EITHER))
    if type_ is not None and type_ not in said:
        raise ValueError(
            f"type {str(type_)[:LONGEST_NAMED]} has no effect: say by `object` what is meant"
        )


def _like(sent: object) -> list[LineCondition]:
    """Read conditions of lines, all of which have to be met."""
    asked, written = parts_of(sent)
    tree = logic.parse(written)
    parts = tree.parts if isinstance(tree, All) else (tree,)
    keys = [part.key for part in parts if isinstance(part, Leaf)]
    if len(keys) < len(parts) or sorted(keys) != sorted(asked):
        raise ValueError("rules: all of them have to be met: " + " and ".join(asked))
    return [_line_condition(key, each) for key, each in asked.items()]


def _line_condition(key: str, sent: object) -> LineCondition:
    named = f"rules.{key[:LONGEST_NAMED]}"
    fields = fields_of(named, sent)
    name = fields.get("name")
    try:
        check_known(name, LINE_NAMES)
        check_none_within(fields)
        _check_no_message(fields)
        read_ = conditions.read(fields.get("conditions"))
        words = {"name": name, "property": fields.get("property"), "conditions": read_}
        condition = made(LineCondition, words)
        check_whole(condition)
    except ValueError as error:
        raise ValueError(f"{named}: {error}") from None
    else:
        return condition


def _check_no_message(fields: Mapping[str, Any]) -> None:
    if message_of(fields.get("error")) is not None:
        raise ValueError("has no error of its own")


def spelled_products(lines: Lines) -> dict[str, Any]:
    """Write of which products lines are, as it is sent."""
    if not lines.are_named:
        return {}
    named = [
        {"id": id_, "object": object_}
        for object_, ids in (
            ("product", lines.products),
            ("sku", lines.skus),
            ("products_collection", lines.collections),
        )
        for id_ in ids
    ]
    return {"$is_not" if lines.excluded else "$is": named}


def spelled_like(lines: Lines) -> dict[str, Any]:
    """Write what lines are like, as it is sent."""
    if not lines.like:
        return {}
    keys = [str(number) for number in range(1, len(lines.like) + 1)]
    like = {
        key: {
            "name": each.name,
            "property": each.property,
            "conditions": conditions.spelled(each.conditions),
            "rules": {},
            "error": None,
        }
        for key, each in zip(keys, lines.like, strict=True)
    }
    return {**like, LOGIC: " and ".join(keys)}
