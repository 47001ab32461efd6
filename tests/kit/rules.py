"""Validation rules for tests: each states only what matters to it."""

from typing import Any

from contracts.rules import Rule


def a_rule(logic: str | None = None, rule_id: str = "val_1", **nodes: dict[str, Any]) -> Rule:
    """Ask for these conditions, all of them unless the logic says otherwise.

    Each is a name and its operators, as `a=("order.amount", {"$more_than": [5000]})` would be
    `{"name": "order.amount", "$more_than": [5000]}`; other words are the contract's.
    """
    made = [_node(key, **words) for key, words in nodes.items()]
    return Rule.model_validate(
        {
            "id": rule_id,
            "name": "A rule",
            "nodes": made,
            "logic": logic or " and ".join(nodes),
        }
    )


def _node(key: str, **words: Any) -> dict[str, Any]:
    return {"key": key, **with_conditions(words)}


def with_conditions(words: dict[str, Any]) -> dict[str, Any]:
    """Gather operators and their values, as the contract has them."""
    conditions = [
        {"operator": name, "values": values}
        for name, values in words.items()
        if name.startswith("$")
    ]
    rest = {name: value for name, value in words.items() if not name.startswith("$")}
    return rest | ({"conditions": conditions} if conditions else {})
