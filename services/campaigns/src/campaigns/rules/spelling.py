"""A rule's conditions as Voucherify's API spells them: a map of them beside their logic. Pure.

{"1": {"name": "order.amount", "conditions": {"$more_than": [5000]}}, "logic": "1"}
"""

from typing import Any, Final

from campaigns.api import conditions
from campaigns.limiting import COUNTED, LimitingCondition, WrittenExpression
from campaigns.rules import lines, tallies
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
from contracts.rule_names import LINE_NAMES, LINES, NAMES
from contracts.rule_nodes import Node
from contracts.rules import refuse_lines_that_may_not_be

_SCALAR: Final = {"type": ["string", "number", "boolean"]}
_VALUES: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "description": "By operator, such as `$is` or `$more_than`: its values.",
    "additionalProperties": {"anyOf": [{"type": "array", "items": _SCALAR}, _SCALAR]},
}
_PRODUCT: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {
                "object": {"enum": ["product", "sku", "products_collection", None]},
                "id": {"type": ["string", "null"]},
                "source_id": {"type": ["string", "null"]},
                "type": {"type": ["string", "null"]},
            },
        },
    ]
}
_ERROR: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "properties": {"message": {"type": ["string", "null"]}},
}
_PROPERTY: Final = {"type": ["string", "null"], "description": "Of metadata: its name."}
_LIKE: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "description": "What the lines have to be like: all of it.",
    "properties": {LOGIC: {"type": "string"}},
    "additionalProperties": {
        "type": "object",
        "properties": {
            "name": {"enum": list(LINE_NAMES)},
            "property": _PROPERTY,
            "conditions": _VALUES,
        },
        "required": ["name"],
    },
}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Conditions by keys of your own, and the `logic` between them. Known are "
    f"{', '.join(NAMES)}; within the `rules` of {', '.join(sorted(LINES))} also "
    f"{', '.join(LINE_NAMES)}. Limits, joined by `and` alone: {', '.join(COUNTED)}.",
    "properties": {LOGIC: {"type": "string", "examples": ["1 and (2 or not 3)"]}},
    "required": [LOGIC],
    "additionalProperties": {
        "type": "object",
        "properties": {
            "name": {"enum": [*NAMES, *COUNTED]},
            "property": _PROPERTY,
            "conditions": {
                "type": ["object", "null"],
                "description": "By operator, such as `$is` or `$more_than`: its values; of lines "
                "products, SKUs or collections.",
                "additionalProperties": {
                    "anyOf": [{"type": "array", "items": {"anyOf": [_SCALAR, _PRODUCT]}}, _SCALAR]
                },
            },
            "rules": _LIKE,
            "error": _ERROR,
        },
        "required": ["name"],
        "additionalProperties": False,
    },
    "examples": [
        {
            "1": {"name": "order.amount", "conditions": {"$more_than_equal": [5000]}},
            "2": {
                "name": "order.items.any",
                "conditions": {"$is": [{"object": "product", "id": "shoes"}]},
            },
            LOGIC: "1 and 2",
        }
    ],
}


def read(sent: object) -> WrittenExpression:
    """Read what was sent as `rules`. Raises ValueError that says what is wrong with it."""
    if isinstance(sent, WrittenExpression):  # no client's: JSON has none
        return sent
    asked, written = parts_of(sent)
    read_ = [_read(key, each) for key, each in asked.items()]
    words = {
        "nodes": [each for each in read_ if isinstance(each, Node)],
        "limits": [each for each in read_ if isinstance(each, LimitingCondition)],
        "logic": written,
    }
    expression = made(WrittenExpression, words)
    refuse_lines_that_may_not_be(expression)
    return expression


def spelled(of: WrittenExpression) -> dict[str, Any]:
    """Write conditions as they are sent, each with all its fields."""
    nodes = {node.key: _spelled(node) for node in of.nodes}
    limits = {each.key: tallies.spelled(each) for each in of.limits}
    return nodes | limits | {LOGIC: of.logic}


def _read(key: str, sent: object) -> Node | LimitingCondition:
    fields = fields_of(key[:LONGEST_NAMED], sent)
    name = fields.get("name")
    if not isinstance(name, str) or name not in COUNTED:
        return _node(key, sent)
    try:
        return tallies.read(key, fields)
    except ValueError as error:
        raise ValueError(f"{key[:LONGEST_NAMED]}: {error}") from None


def _node(key: str, sent: object) -> Node:
    named = key[:LONGEST_NAMED]
    fields = fields_of(named, sent)
    name = fields.get("name")
    words: dict[str, Any] = {"key": key, "name": name, "property": fields.get("property")}
    try:
        tallies.check_enforced(name)
        check_known(name, [*NAMES, *COUNTED])
        words["message"] = message_of(fields.get("error"))
        if name in LINES:
            words["lines"] = lines.read(fields)
        else:
            check_none_within(fields)
            words["conditions"] = conditions.read(fields.get("conditions"))
        node = made(Node, words)
        check_whole(node)
    except ValueError as error:
        raise ValueError(f"{named}: {error}") from None
    else:
        return node


def _spelled(node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "property": node.property,
        "conditions": conditions.spelled(node.conditions)
        if node.lines is None
        else lines.spelled_products(node.lines),
        "rules": {} if node.lines is None else lines.spelled_like(node.lines),
        "error": None if node.message is None else {"message": node.message},
    }
