"""A rule of the API as its form is filled. Pure: `typed` reads it as it was."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from console.pages.rule_form import grouping, typed
from console.pages.rule_form.grouping import Grouped
from console.pages.rule_form.typed import AND, KINDS, MESSAGE, OR, ROWS, TOGETHER, WRITTEN
from console.web import condition_fields, logic
from console.web.attributes import OF_ITEMS, OF_RULES, Attribute, named
from console.web.forms import Form
from console.web.rules import COLLECTION, ITEMS, LEFT_OUT, LOGIC, Node, nodes
from console.web.terms import Typed

Fields = dict[str, str | Sequence[str]]
Rule = Mapping[str, Any]


def values(rule: Rule, currency: str) -> Fields:
    """Return what stands in each field for this rule."""
    told, message = rule["rules"], (rule["error"] or {}).get("message", "")
    found: Fields = {"name": rule["name"], MESSAGE: message, LOGIC: told[LOGIC]}
    groups, found[TOGETHER] = _groups(told)
    at = 0
    for number, group in enumerate(groups):
        found[f"how.{number}"] = group.how
        for key, is_not in group.parts:
            row = f"{ROWS}.{at}"
            found |= {f"{row}.key": key, f"{row}.group": str(number)}
            found |= {f"{row}.not": "on"} if is_not else {}
            found |= _node(row, told[key], currency) if key in told else {}
            at += 1
    return found


def is_said(rule: Rule, reading: Typed) -> bool:
    """Tell whether the form says a rule as it is: a program may have written what it cannot."""
    form = Form(typed=Form().starting(values(rule, reading.currency)).initial)
    again = Typed(form, reading.currency, reading.zone)
    return _plain(typed.rules(again)) == _plain(rule["rules"]) and not again.faults


def _groups(told: Rule) -> tuple[Sequence[Grouped], str]:
    try:
        found = grouping.groups_of(logic.parse(told[LOGIC]))
    except ValueError:
        found = None
    if found is None:
        return [Grouped("all", tuple((key, False) for key in nodes(told)))], WRITTEN
    groups, is_all = found
    return groups, AND if is_all else OR


def _node(row: str, node: Node, currency: str) -> Fields:
    attribute = named(OF_RULES, node["name"])
    if attribute is None:
        return {}
    found: Fields = {f"{row}.message": (node.get("error") or {}).get("message", "")}
    if attribute.kind != ITEMS:
        return found | _condition(row, attribute, node, currency)
    found |= {f"{row}.name": attribute.name, f"{row}.which": "these"}
    for operator, each in node["conditions"].items():
        found[f"{row}.which"] = "others" if operator in LEFT_OUT else "these"
        for field, kind in KINDS:
            ids = [one["id"] for one in _references(each) if one["object"] == kind]
            found[f"{row}.{field}"] = "\n".join(ids)
        found[f"{row}.collections"] = [
            one["id"] for one in _references(each) if one["object"] == COLLECTION
        ]
    for at, like in enumerate(nodes(node.get("rules") or {}).values()):
        of = named(OF_ITEMS, like["name"])
        if of is not None:
            found |= _condition(f"{row}.like.{at}", of, like, currency)
    return found


def _condition(row: str, attribute: Attribute, node: Node, currency: str) -> Fields:
    return condition_fields.filled(
        row, attribute, node.get("property"), node["conditions"], currency
    )


def _references(told: Sequence[Any]) -> list[Mapping[str, str]]:
    """Return what is named as the form has it: an id alone is a product's."""
    return [
        each if isinstance(each, Mapping) else {"object": "product", "id": each} for each in told
    ]


def _plain(told: Rule) -> str:
    """Write rules so that those are equal that mean the same."""
    try:
        tree = grouping.canonical(logic.parse(told[LOGIC]))
    except (KeyError, ValueError):
        tree = str(told.get(LOGIC))
    found = {key: _plain_node(each) for key, each in nodes(told).items()}
    return json.dumps([found, tree], sort_keys=True)


def _plain_node(node: Node) -> Mapping[str, Any]:
    plain = {name: each for name, each in node.items() if each not in (None, {})}
    attribute = named(OF_RULES, str(node.get("name")))
    if attribute is not None and attribute.kind == ITEMS:
        plain["conditions"] = [
            (
                operator in LEFT_OUT,
                sorted(json.dumps(dict(one), sort_keys=True) for one in _references(each)),
            )
            for operator, each in (node.get("conditions") or {}).items()
        ]
        plain["rules"] = [_plain_node(each) for each in nodes(node.get("rules") or {}).values()]
    return plain
