"""Random rules on random baskets, beside a second judge that shares no code with the first.

It walks the tree as it was drawn and not the text that says it, in three values: yes, no, unknown.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from kit.redemption_samples import a_customer, a_request, an_offer
from kit.rules import a_rule, with_conditions

from redemption.checks import rules_violated
from redemption.model import Case, CustomerFacts
from redemption.reading import parsing

PRODUCTS = ["a", "b", "c"]
SKUS = ["a-1", "b-1"]
SEGMENTS = ["seg_a", "seg_b"]
TEXTS = ["red", "Red wine", "blue", ""]
NUMBERS = st.integers(0, 12)

amounts = st.one_of(
    st.builds(lambda low: {"$more_than": [low]}, NUMBERS),
    st.builds(lambda low: {"$more_than_equal": [low]}, NUMBERS),
    st.builds(lambda high: {"$less_than": [high]}, st.integers(1, 12)),
    st.builds(lambda high: {"$less_than_equal": [high]}, NUMBERS),
    st.builds(lambda values: {"$in": values}, st.lists(NUMBERS, min_size=1, max_size=3)),
    st.builds(lambda values: {"$not_in": values}, st.lists(NUMBERS, min_size=1, max_size=3)),
)
values = st.one_of(
    st.builds(lambda v: {"$is": [v]}, st.sampled_from(["red", 7, True])),
    st.builds(lambda v: {"$is_not": [v]}, st.sampled_from(["red", 7, True])),
    st.builds(lambda v: {"$contains": [v]}, st.sampled_from(["re", "wine"])),
    st.builds(lambda v: {"$not_contain": [v]}, st.sampled_from(["re", "wine"])),
    st.builds(lambda v: {"$starts_with": [v]}, st.sampled_from(["R", "b"])),
    st.builds(lambda v: {"$more_than": [v]}, NUMBERS),
    st.just({"$has_value": []}),
    st.just({"$is_unknown": []}),
)
of_lines = st.fixed_dictionaries(
    {
        "products": st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=2, unique=True),
        "skus": st.lists(st.sampled_from(SKUS), max_size=1),
        "excluded": st.booleans(),
        "like": st.lists(
            st.one_of(
                st.builds(
                    lambda name, of: with_conditions({"name": name, **of}),
                    st.sampled_from(["order.items.price", "order.items.quantity"]),
                    amounts,
                ),
                st.builds(
                    lambda of: with_conditions(
                        {"name": "order.items.metadata", "property": "p", **of}
                    ),
                    values,
                ),
            ),
            max_size=2,
        ),
    }
)
sums = st.builds(
    lambda name, of: with_conditions({"name": name, **of}),
    st.sampled_from(["order.items.aggregated_quantity", "order.items.aggregated_amount"]),
    amounts,
)
nodes = st.one_of(
    st.builds(
        lambda name, of: {"name": name, **of},
        st.sampled_from(
            [
                "order.amount",
                "order.initial_amount",
                "order.total_amount",
                "order.items.count",
                "order.items.price_any",
                "order.items.price_each",
            ]
        ),
        amounts,
    ),
    st.builds(
        lambda name, of: {"name": name, "property": "p", **of},
        st.sampled_from(
            [
                "order.metadata",
                "order.items.metadata_any",
                "order.items.metadata_each",
                "customer.metadata",
                "redemption.metadata",
            ]
        ),
        values,
    ),
    st.builds(
        lambda name, lines: {"name": name, "lines": lines},
        st.sampled_from(
            [
                "order.items.any",
                "order.items.every",
                "order.items.none",
                "order.items.cheapest",
                "order.items.most_expensive",
            ]
        ),
        of_lines,
    ),
    st.builds(
        lambda lines, of: {
            "name": "order.items.any",
            "lines": {**lines, "like": [*lines["like"], of]},
        },
        of_lines,
        sums,
    ),
    st.builds(
        lambda operator, ids: {"name": "customer.segment", operator: ids},
        st.sampled_from(["$is", "$not_in"]),
        st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=2),
    ),
    st.builds(lambda new: {"name": "customer.is_new", "$is": [new]}, st.booleans()),
)


@st.composite
def trees(draw: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    """Draw what is asked, and how it hangs together: keys within lists of words and parts."""
    asked = {f"n{i}": node for i, node in enumerate(draw(st.lists(nodes, min_size=1, max_size=4)))}
    parts: list[Any] = list(asked)
    while len(parts) > 1:
        word = draw(st.sampled_from(["and", "or"]))
        one, other = parts.pop(0), parts.pop(0)
        parts.append([word, _maybe_not(draw, one), _maybe_not(draw, other)])
    return _maybe_not(draw, parts[0]), asked


def _maybe_not(draw: st.DrawFn, part: Any) -> Any:
    return ["not", part] if draw(st.integers(0, 3)) == 0 else part


metadata = st.fixed_dictionaries(
    {}, optional={"p": st.sampled_from([*TEXTS, 7, True, 3.5, None, ["red", 7]])}
)
items = st.fixed_dictionaries(
    {
        "product_id": st.sampled_from([*PRODUCTS, "z"]),
        "sku_id": st.sampled_from([*SKUS, None]),
        "quantity": st.integers(0, 3),
        "amount_minor": st.integers(0, 12),
        "metadata": metadata,
    }
)
cases = st.fixed_dictionaries(
    {
        "items": st.none() | st.lists(items, max_size=4),  # None: there is no order
        "order": metadata,
        "own": metadata,
        "who": st.none() | metadata,
        "known": metadata,
        "new": st.booleans(),
        "segments": st.sets(st.sampled_from(SEGMENTS)),
        "discount": st.integers(0, 4),
    }
)


def written(tree: Any) -> str:
    match tree:
        case str():
            return tree
        case ["not", part]:
            return f"not ({written(part)})"
        case _:
            word, one, other = tree
            return f"({written(one)}) {word} ({written(other)})"


def by_hand(tree: Any, asked: Mapping[str, Any], case: Mapping[str, Any]) -> bool | None:
    match tree:
        case str():
            return of_node(asked[tree], case)
        case ["not", part]:
            value = by_hand(part, asked, case)
            return None if value is None else not value
        case _:
            word, *parts = tree
            found = [by_hand(part, asked, case) for part in parts]
            decides: bool = word == "or"
            if decides in found:
                return decides
            return None if None in found else not decides


def of_node(node: Mapping[str, Any], case: Mapping[str, Any]) -> bool | None:
    name = node["name"]
    if name.startswith("customer.") and case["who"] is None:
        return None
    if name.startswith("order.") and case["items"] is None:
        return None
    if name.startswith("order.items.") and not case["items"]:
        return None
    if "lines" in node:
        return of_basket(name, node["lines"], case["items"])
    operators = {key: of for key, of in node.items() if key.startswith("$")}
    if name == "customer.segment":
        [(operator, ids)] = operators.items()
        return bool(set(ids) & case["segments"]) == (operator == "$is")
    found = value_of(name, case)
    if name.endswith("_any"):
        return any(meets(one, operators) for one in found)
    if name.endswith("_each"):
        return all(meets(one, operators) for one in found)
    return meets(found, operators)


def price(item: Mapping[str, Any]) -> Fraction:
    return Fraction(item["amount_minor"], item["quantity"] or 1)


def value_of(name: str, case: Mapping[str, Any]) -> Any:
    basket = case["items"]
    match name:
        case "order.amount" | "order.initial_amount":
            return amount_of(case)
        case "order.total_amount":
            return amount_of(case) - min(case["discount"], amount_of(case))
        case "order.items.count":
            return sum(item["quantity"] for item in basket)
        case "order.items.price_any" | "order.items.price_each":
            return [price(item) for item in basket]
        case "order.items.metadata_any" | "order.items.metadata_each":
            return [item["metadata"].get("p") for item in basket]
        case "order.metadata":
            return case["order"].get("p")
        case "redemption.metadata":
            return case["own"].get("p")
        case "customer.metadata":
            return {**case["known"], **case["who"]}.get("p")
        case _:
            return case["new"]


def amount_of(case: Mapping[str, Any]) -> int:
    return sum(item["amount_minor"] for item in case["items"]) if case["items"] else 10


def of_basket(name: str, lines: Mapping[str, Any], basket: list[Any]) -> bool:
    meant = [is_meant(lines, item) for item in basket]
    match name:
        case "order.items.any":
            chosen = [item for item, is_one in zip(basket, meant, strict=True) if is_one]
            return bool(chosen) and all(
                meets(
                    sum(
                        item[
                            "quantity"
                            if like["name"].endswith("aggregated_quantity")
                            else "amount_minor"
                        ]
                        for item in chosen
                    ),
                    operators_of(like),
                )
                for like in lines["like"]
                if "aggregated" in like["name"]
            )
        case "order.items.every":
            return all(meant)
        case "order.items.none":
            return not any(meant)
        case _:
            best = (min if name == "order.items.cheapest" else max)(price(i) for i in basket)
            return any(m for i, m in zip(basket, meant, strict=True) if price(i) == best)


def is_meant(lines: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    named = item["product_id"] in lines["products"] or item["sku_id"] in lines["skus"]
    if named == lines["excluded"]:
        return False
    for like in lines["like"]:
        match like["name"]:
            case "order.items.price":
                found: Any = price(item)
            case "order.items.quantity":
                found = item["quantity"]
            case "order.items.metadata":
                found = item["metadata"].get("p")
            case _:
                continue
        if not meets(found, operators_of(like)):
            return False
    return True


def operators_of(like: Mapping[str, Any]) -> dict[str, Any]:
    return {each["operator"]: each["values"] for each in like["conditions"]}


def meets(found: Any, operators: Mapping[str, Any]) -> bool:
    return all(meets_one(found, operator, wanted) for operator, wanted in operators.items())


def meets_one(found: Any, operator: str, wanted: list[Any]) -> bool:
    ones = found if isinstance(found, list) else [found]
    match operator:
        case "$has_value":
            return found is not None and found != []
        case "$is_unknown":
            return found is None or found == []
        case "$is" | "$in":
            return any(same(one, each) for one in ones for each in wanted)
        case "$is_not" | "$not_in":
            return not any(same(one, each) for one in ones for each in wanted)
        case "$contains":
            return any(isinstance(o, str) and w.lower() in o.lower() for o in ones for w in wanted)
        case "$not_contain":
            return not meets_one(found, "$contains", wanted)
        case "$starts_with":
            return any(
                isinstance(o, str) and o.lower().startswith(w.lower()) for o in ones for w in wanted
            )
        case _:
            return any(compares(one, operator, wanted[0]) for one in ones)


def compares(one: Any, operator: str, bound: int) -> bool:
    if isinstance(one, bool) or not isinstance(one, int | float | Fraction):
        return False
    if one == bound:
        return operator.endswith("_equal")
    return (one > bound) == operator.startswith("$more_than")


def same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def as_case(rule: Any, case: Mapping[str, Any]) -> Case:
    who = None if case["who"] is None else a_customer("anna", metadata=case["who"])
    request = a_request(customer=who, metadata=case["own"])
    order = None
    if case["items"] is not None:
        lines = tuple(parsing.to_item(**item) for item in case["items"])
        order = parsing.to_order(amount_minor=amount_of(case), items=lines, metadata=case["order"])
    known = CustomerFacts(metadata=case["known"], is_new=case["new"])
    return Case(
        request._replace(order=order),
        an_offer(rules=(rule,)),
        None if order is None else order.amount_minor,
        customer=known,
        segments=frozenset(case["segments"]),
    )


@settings(max_examples=3 * settings().max_examples)
@given(trees(), cases)
def test_both_judges_agree(drawn: tuple[Any, dict[str, Any]], case: dict[str, Any]) -> None:
    tree, asked = drawn
    rule, fault = None, ""
    try:
        rule = a_rule(written(tree), **asked)
    except ValueError as error:
        fault = str(error)
    expected = by_hand(tree, asked, case)
    if rule is None:
        assert "nothing can meet" in fault or "met and not met" in fault
        assert expected is not True
        return
    off = min(case["discount"], amount_of(case)) if case["items"] is not None else 0

    refusal = rules_violated(as_case(rule, case), off)

    assert (refusal is None) == (expected is True)
    if refusal is not None:
        assert refusal.reason.value.startswith("missing_") == (expected is None)
