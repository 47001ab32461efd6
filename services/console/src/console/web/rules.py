"""Validation rules in words: the order is at least 50.00 EUR and the customer is new. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from console.design.words import say
from console.web import conditions, logic
from console.web.attributes import OF_ITEMS, OF_RULES, named
from console.web.conditions import Reader
from console.web.logic import Group, Leaf, Not, Tree

LOGIC: Final = "logic"
ITEMS: Final = "items"
COLLECTION: Final = "products_collection"
LEFT_OUT: Final = frozenset({"$is_not", "$not_in"})

Node = Mapping[str, Any]


class Kept(NamedTuple):
    """A rule that something keeps, and what it wants as a sentence."""

    id: str
    name: str
    what: str


def kept(rule: Mapping[str, Any], reader: Reader) -> Kept:
    return Kept(rule["id"], rule["name"], sentence(rule, reader))


def sentence(rule: Mapping[str, Any], reader: Reader) -> str:
    """Say all that a rule wants."""
    told: Mapping[str, Any] = rule["rules"]
    found = nodes(told)
    try:
        tree = logic.parse(told[LOGIC])
        text = _tree(tree, found, reader, is_inner=False)
    except (KeyError, ValueError):  # of a later version
        parts = [condition(each, reader) for each in found.values()]
        text = say("rules.of_logic", logic=str(told.get(LOGIC)), parts="; ".join(parts))
    return text[:1].upper() + text[1:]


def nodes(told: Mapping[str, Any]) -> Mapping[str, Node]:
    """Return the conditions of a rule by their keys."""
    return {key: each for key, each in told.items() if key != LOGIC}


def condition(node: Node, reader: Reader) -> str:
    """Write one condition of a rule."""
    attribute = named(OF_RULES, node["name"])
    if attribute is None:
        return f"{node['name']} {conditions.predicate('any', node['conditions'], reader)}"
    if attribute.kind == ITEMS:
        key = attribute.words.replace("attributes.", "attributes.of.", 1)
        return f"{say(key)} {_items(node, reader)}"
    return conditions.sentence(attribute, node.get("property"), node["conditions"], reader)


def products(told: Node, reader: Reader) -> tuple[Sequence[str], bool]:
    """Return which products a condition of items names, and whether to leave them out."""
    for operator, values in told["conditions"].items():
        return [_product(each, reader) for each in values], operator in LEFT_OUT
    return (), False


def _product(told: Any, reader: Reader) -> str:
    if not isinstance(told, Mapping):
        return str(told)
    named = str(told["id"])
    if told.get("object") != COLLECTION:
        return named
    return say("rules.of_collection", name=reader.collections.get(named, named))


def _items(node: Node, reader: Reader) -> str:
    """Write which items: of these products, and what is asked of them."""
    ids, is_left_out = products(node, reader)
    word = say("conditions.or")
    parts = []
    if ids:
        key = "conditions.say_is_not" if is_left_out else "conditions.say_is"
        parts.append(say(key, value=conditions.some(ids, word)))
    for each in nodes(node.get("rules") or {}).values():
        attribute = named(OF_ITEMS, each["name"])
        parts.append(
            f"{each['name']} {conditions.predicate('any', each['conditions'], reader)}"
            if attribute is None
            else conditions.sentence(attribute, each.get("property"), each["conditions"], reader)
        )
    text = say("conditions.and").join(parts)
    return text if ids else say("rules.such", of=text)


def _tree(tree: Tree, found: Mapping[str, Node], reader: Reader, *, is_inner: bool) -> str:
    match tree:
        case Leaf(key):
            text = condition(found[key], reader)
            return f"({text})" if is_inner and say("conditions.and") in text else text
        case Not(Group(is_all, parts)):
            inner = _joined(parts, found, reader, is_all=is_all)
            return say("rules.not_all" if is_all else "rules.none", of=inner)
        case Not(of):
            return say("rules.not", of=_tree(of, found, reader, is_inner=True))
        case Group(is_all, parts):
            text = _joined(parts, found, reader, is_all=is_all)
            return f"({text})" if is_inner else text


def _joined(
    parts: Sequence[Tree], found: Mapping[str, Node], reader: Reader, *, is_all: bool
) -> str:
    word = say("conditions.and" if is_all else "conditions.or")
    return word.join(_tree(each, found, reader, is_inner=True) for each in parts)
