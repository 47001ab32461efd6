"""A rule as clients spell it: it comes back as it was sent, and what is wrong is named."""

from typing import Any

import pytest

from campaigns.rules import spelling
from contracts.rule_names import LINE_NAMES, LINES, NAMES, WITH_PROPERTY


def a_node(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "property": "p" if name in WITH_PROPERTY else None,
        "conditions": {},
        "rules": {},
        "error": None,
    } | more


def shown(sent: dict[str, Any]) -> dict[str, Any]:
    return spelling.spelled(spelling.read(sent))


def fault(sent: object) -> str:
    with pytest.raises(ValueError, match=r".") as error:
        spelling.read(sent)
    return str(error.value)


ONE = {"number": {"$more_than": [1]}, "flag": {"$is": [True]}}
SHOES = {"$is": [{"id": "shoes", "object": "product"}, {"id": "s-42", "object": "sku"}]}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_condition_comes_back_as_it_was_sent(name: str) -> None:
    wanted = {"redemption.channel": {"$in": ["API"]}}.get(
        name, SHOES if name in LINES else ONE.get(NAMES[name], {"$is": ["x"]})
    )
    sent = {"1": a_node(name, conditions=wanted, error={"message": "No"}), "logic": "1"}

    assert shown(sent) == sent


@pytest.mark.parametrize("name", sorted(LINE_NAMES))
def test_what_lines_are_like_comes_back_too(name: str) -> None:
    like = {"1": a_node(name, conditions={"$more_than": [3]}), "logic": "1"}
    sent = {"a": a_node("order.items.any", rules=like), "logic": "not a"}

    assert shown(sent) == sent


def test_products_may_be_named_in_every_way_that_clients_do() -> None:
    in_full = {"id": "prod_1", "source_id": "p", "object": "product", "type": "product_or_sku"}

    def of(conditions: object) -> dict[str, Any]:
        node = shown({"1": {"name": "order.items.none", "conditions": conditions}, "logic": "1"})
        named: dict[str, Any] = node["1"]["conditions"]
        return named

    def product(*ids: str) -> list[dict[str, str]]:
        return [{"id": id_, "object": "product"} for id_ in ids]

    assert of({"$in": [in_full]}) == {"$is": product("prod_1", "p")}
    assert of({"$not_in": [{"id": "prod_1", "source_id": None, "object": "product"}]}) == {
        "$is_not": product("prod_1")
    }
    assert of({"$is": "x"}) == {"$is": [*product("x"), {"id": "x", "object": "sku"}]}
    collection = {"id": "pc_1", "object": "products_collection"}
    assert of({"$is": [collection]}) == {"$is": [collection]}


def test_ids_of_products_are_trimmed_as_those_of_lines_are() -> None:
    named = [
        {"id": "\u200b shoes ", "object": "product"},
        {"source_id": "u\u0308", "object": "sku"},
    ]

    node = shown({"1": a_node("order.items.any", conditions={"$is": named}), "logic": "1"})

    assert node["1"]["conditions"]["$is"] == [
        {"id": "shoes", "object": "product"},
        {"id": "\u00fc", "object": "sku"},
    ]


def of_product(**named: object) -> dict[str, Any]:
    return {"1": {"name": "order.items.any", "conditions": {"$is": [named]}}, "logic": "1"}


@pytest.mark.parametrize("none", [[], {}, 7, False])
def test_what_is_no_text_is_no_name(none: object) -> None:
    assert fault({"1": {"name": none}, "logic": "1"}).startswith(f"1: name {none} is unknown")
    like = {"1": {"name": "order.items.any", "rules": {"1": {"name": none}, "logic": "1"}}}
    assert "rules.1: name" in fault(like | {"logic": "1"})
    said = fault(of_product(id="shoes", object=none))
    assert said.startswith(f"1: object {none} is unknown")


@pytest.mark.parametrize("id_", [["shoes"], {"a": 1}, 7])
def test_what_is_no_text_is_no_id(id_: object) -> None:
    assert fault(of_product(id=id_, object="sku")).startswith("1: a product should have")


def test_a_type_that_would_have_no_effect_is_refused() -> None:
    for said in (
        {"object": "product", "type": "sku"},
        {"object": "products_collection", "type": "product_or_sku"},
        {"type": "product"},
        {"object": "product", "type": []},
    ):
        assert "has no effect: say by `object`" in fault(of_product(id="shoes", **said))
    assert shown(of_product(id="shoes", object="sku", type="sku"))


def test_one_operator_in_two_spellings_is_refused() -> None:
    twice = {"$more_than_or_equal": 5, "$more_than_equal": 9}
    sent = {"1": {"name": "order.amount", "conditions": twice}, "logic": "1"}

    assert "$more_than_or_equal is $more_than_equal" in fault(sent)


def test_operators_may_be_spelt_as_in_voucherifys_rules() -> None:
    sent = {
        "1": {"name": "order.amount", "conditions": {"$more_than_or_equal": 5}, "rules": {}},
        "logic": "1",
    }

    assert shown(sent)["1"]["conditions"] == {"$more_than_equal": [5]}


AMOUNT = {"name": "order.amount", "conditions": {"$more_than": [5]}}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ([], "should be an object of conditions and their logic"),
        ({}, "should have one condition at least"),
        ({"logic": "1"}, "should have one condition at least"),
        ({"1": AMOUNT}, "logic should say how the conditions hang together"),
        ({"1": AMOUNT, "logic": "1 xor 2"}, "logic: nothing was expected at 'xor'"),
        ({"1": AMOUNT, "logic": "2"}, "logic names 2"),
        ({"1": AMOUNT, "2": AMOUNT, "logic": "1"}, "logic leaves out 2"),
        ({"1": "order.amount", "logic": "1"}, "1 should be an object with a `name`"),
        ({"1": {"name": "order.colour"}, "logic": "1"}, "1: name order.colour is unknown, known"),
        ({"1": {}, "logic": "1"}, "1: name None is unknown"),
        ({"1": AMOUNT | {"colour": 1}, "logic": "1"}, "1: colour is unknown, known are cond"),
        ({"1": {"name": "order.amount"}, "logic": "1"}, "1: conditions should be an object"),
        (
            {"1": {"name": "order.amount", "conditions": {"$near": [5]}}, "logic": "1"},
            "1: operator $near is unknown",
        ),
        (
            {"1": {"name": "order.amount", "conditions": {"$more_than": ["5"]}}, "logic": "1"},
            "1: $more_than: $more_than takes a number",
        ),
        (
            {"1": {"name": "order.amount", "conditions": {"$is": [1.5]}}, "logic": "1"},
            "1: order.amount: $is takes whole numbers here, and 1.5 is none",
        ),
        (
            {"1": {"name": "order.items.count", "conditions": {"$not_in": [2, 2.5]}}, "logic": "1"},
            "1: order.items.count: $not_in takes whole numbers here, and 2.5 is none",
        ),
        (
            {
                "1": {
                    "name": "order.items.any",
                    "rules": {
                        "1": {"name": "order.items.quantity", "conditions": {"$in": [1, 1.5]}},
                        "logic": "1",
                    },
                },
                "logic": "1",
            },
            "1: rules.1: order.items.quantity: $in takes whole numbers here, and 1.5 is none",
        ),
        (
            {
                "1": {"name": "order.items.any", "conditions": SHOES},
                "2": {"name": "order.items.none", "conditions": SHOES},
                "3": {"name": "redemption.count.daily", "conditions": {"$less_than_or_equal": [5]}},
                "logic": "1 and 2 and 3",
            },
            "order.items.any, 1 and 2: nothing can meet both",
        ),
        ({"1": AMOUNT | {"rules": {"1": AMOUNT}}, "logic": "1"}, "1: has no rules within"),
        ({"1": AMOUNT | {"error": "No"}, "logic": "1"}, "1: error should have a `message`"),
        ({"1": AMOUNT | {"error": {"message": ""}}, "logic": "1"}, "1: error.message should be"),
        (
            {"1": AMOUNT | {"error": {"message": "x" * 501}}, "logic": "1"},
            "1: message: String should have at most 500",
        ),
        ({"1": {"name": "order.items.any"}, "logic": "1"}, "1: order.items.any has no conditions"),
        (
            {"1": {"name": "order.items.any", "conditions": {"$more_than": [1]}}, "logic": "1"},
            "1: conditions should have one of $in, $is, $is_not, $not_in",
        ),
        (
            {"1": {"name": "order.items.any", "conditions": {"$is": [7]}}, "logic": "1"},
            "1: a product should have `object` and `id`",
        ),
        (
            {
                "1": {"name": "order.items.any", "conditions": {"$is": [{"object": "product"}]}},
                "logic": "1",
            },
            "1: a product should have `object` and `id`",
        ),
        (
            {
                "1": {
                    "name": "order.items.any",
                    "conditions": {"$is": [{"object": "bundle", "id": "b"}]},
                },
                "logic": "1",
            },
            "1: object bundle is unknown, known are product, sku, products_collection",
        ),
        (
            {
                "1": {
                    "name": "order.items.any",
                    "rules": {
                        "1": {"name": "order.items.price", "conditions": {"$more_than": [1]}},
                        "2": {"name": "order.items.price", "conditions": {"$more_than": [2]}},
                        "logic": "1 or 2",
                    },
                },
                "logic": "1",
            },
            "1: rules: all of them have to be met: 1 and 2",
        ),
        (
            {
                "1": {
                    "name": "order.items.any",
                    "rules": {"1": {"name": "order.amount"}, "logic": "1"},
                },
                "logic": "1",
            },
            "1: rules.1: name order.amount is unknown, known are order.items.price",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(sent: object, said: str) -> None:
    assert fault(sent).startswith(said)


def test_a_fraction_is_refused_only_where_nothing_could_be_one() -> None:
    bounds = a_node("order.amount", conditions={"$more_than": [9.5], "$is_not": [12.0]})
    each = a_node("order.items.price_any", conditions={"$is": [33.5]})  # two pieces for 67
    like = {"1": a_node("order.items.price", conditions={"$is": [33.5]}), "logic": "1"}
    any_ = a_node("order.items.any", rules=like)
    sent = {"1": bounds, "2": each, "3": any_, "logic": "1 and 2 and 3"}

    assert shown(sent) == sent


def test_a_rule_nested_a_hundred_deep_is_refused() -> None:
    assert "nested more than 20" in fault({"1": AMOUNT, "logic": "(" * 100 + "1" + ")" * 100})
