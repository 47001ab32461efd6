"""What each condition of a validation rule finds, and what is said where it does not hold."""

from collections.abc import Mapping
from typing import Any

import pytest
from kit.redemption_samples import a_customer, a_request, an_offer, facts_of
from kit.rules import a_rule, with_conditions

from contracts.discounts import AmountOff
from contracts.redemptions import Reason
from redemption.checks import rules_violated
from redemption.decide import decide
from redemption.model import Case, CustomerFacts, Refusal
from redemption.reading import parsing

OPEN: Mapping[str, Any] = {}


def line(
    product: str, amount: int, quantity: int = 1, sku: str | None = None, **metadata: Any
) -> Any:
    return parsing.to_item(
        product_id=product, sku_id=sku, quantity=quantity, amount_minor=amount, metadata=metadata
    )


BASKET = (
    line("shoes", 6000, 2, sku="shoes-42", colour="red"),
    line("socks", 500, 5, colour="blue"),
    line("hat", 3500),
)  # 3,000, 100 and 3,500 a piece


def a_case(
    *rules: Any,
    lines: tuple[Any, ...] = BASKET,
    order: Mapping[str, Any] | None = OPEN,
    known: CustomerFacts | None = None,
    segments: frozenset[str] = frozenset(),
    left: int | None = None,
    **asked: Any,
) -> Case:
    """Redeem a basket of 100.00 by a code of a campaign with these rules."""
    request = a_request(**asked)
    if order is None:
        request = request._replace(order=None)
    else:
        amount = sum(item.amount_minor for item in lines) if lines else 10_000
        words: dict[str, Any] = {"id": None, "items": lines, "amount_minor": amount, **order}
        request = request._replace(order=parsing.to_order(**words))
    if left is None and request.order is not None:
        left = request.order.amount_minor
    return Case(request, an_offer(rules=rules), left, customer=known, segments=segments)


def judged(case: Case, discount: int = 500) -> Refusal | None:
    return rules_violated(case, discount)


def node(name: str, **words: Any) -> dict[str, Any]:
    return {"name": name, **words}


def lines_of(**words: Any) -> dict[str, Any]:
    return {"lines": words}


def like(name: str, **words: Any) -> dict[str, Any]:
    return with_conditions({"name": name, **words})


ANNA = a_customer("anna", metadata={"tier": "gold"})
KNOWN = CustomerFacts(metadata={"tier": "silver", "age": 40}, is_new=False)

HOLDS: list[Any] = [
    (node("order.amount", **{"$is": [10_000]}), {}),
    (node("order.initial_amount", **{"$more_than": [9_999]}), {}),
    (node("order.total_amount", **{"$is": [9_500]}), {}),
    (node("order.total_amount", **{"$is": [3_500]}), {"left": 4_000}),
    (
        node("order.metadata", property="gift", **{"$is": [True]}),
        {"order": {"metadata": {"gift": True}}},
    ),
    (node("order.metadata", property="gift", **{"$is_unknown": []}), {}),
    (node("order.items.count", **{"$is": [8]}), {}),
    (node("order.items.price_any", **{"$less_than_equal": [100]}), {}),
    (node("order.items.price_each", **{"$more_than_equal": [100]}), {}),
    (node("order.items.metadata_any", property="colour", **{"$is": ["blue"]}), {}),
    (node("order.items.metadata_each", property="colour", **{"$is_not": ["green"]}), {}),
    (node("order.items.any", **lines_of(products=["shoes"])), {}),
    (node("order.items.any", **lines_of(products=["shoes"], excluded=True)), {}),
    (node("order.items.any", **lines_of(skus=["shoes-42"])), {}),
    (
        node(
            "order.items.any",
            **lines_of(
                products=["shoes", "hat"],
                like=[
                    like("order.items.price", **{"$more_than": [2_999]}),
                    like("order.items.aggregated_quantity", **{"$is": [3]}),
                    like("order.items.aggregated_amount", **{"$is": [9_500]}),
                ],
            ),
        ),
        {},
    ),
    (node("order.items.any", **lines_of(like=[like("order.items.quantity", **{"$is": [5]})])), {}),
    (
        node(
            "order.items.any",
            **lines_of(like=[like("order.items.metadata", property="colour", **{"$is": ["red"]})]),
        ),
        {},
    ),
    (node("order.items.every", **lines_of(products=["shoes", "socks", "hat"])), {}),
    (node("order.items.every", **lines_of(products=["gloves"], excluded=True)), {}),
    (node("order.items.none", **lines_of(products=["gloves"], skus=["shoes"])), {}),
    (node("order.items.cheapest", **lines_of(products=["socks"])), {}),
    (node("order.items.most_expensive", **lines_of(products=["hat"])), {}),
    (
        node("order.items.cheapest", **lines_of(products=["b"])),
        {"lines": (line("a", 200, 2), line("b", 100), line("c", 300))},
    ),
    (node("customer.segment", **{"$is": ["seg_a", "seg_b"]}), {"segments": frozenset({"seg_b"})}),
    (node("customer.segment", **{"$not_in": ["seg_a"]}), {"segments": frozenset({"seg_b"})}),
    (node("customer.is_new", **{"$is": [False]}), {"known": KNOWN}),
    (node("customer.is_new", **{"$is": [True]}), {"known": None}),
    (node("customer.metadata", property="tier", **{"$is": ["gold"]}), {"known": KNOWN}),
    (node("customer.metadata", property="age", **{"$more_than": [39]}), {"known": KNOWN}),
    (node("redemption.metadata", property="till", **{"$in": [6, 7]}), {"metadata": {"till": 7}}),
    (node("redemption.api_key", **{"$is": ["key_a"]}), {}),
    (node("redemption.channel", **{"$is": ["API"]}), {}),
    (node("redemption.channel", **{"$is": ["USER"]}), {"caller": "user_1"}),
    (
        node("redemption.channel", **{"$is": ["KAFKA"]}),
        {"caller": "coupons.redemption-requests.v1"},
    ),
]


@pytest.mark.parametrize(("asked", "case"), HOLDS, ids=lambda value: value.get("name", "case"))
def test_a_condition_that_holds_lets_a_code_pass_and_not_the_other_way_round(
    asked: dict[str, Any], case: dict[str, Any]
) -> None:
    words = {"customer": ANNA, **case}

    assert judged(a_case(a_rule(a=asked), **words)) is None
    refusal = judged(a_case(a_rule("not a", a=asked), **words))
    assert refusal is not None
    assert refusal.would_pass is not None
    assert str(refusal.would_pass["wanted"]).startswith("not: ")


VIOLATED: list[Any] = [
    (
        node("order.amount", **{"$more_than_equal": [12_500]}),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "$more_than_equal 12500", "found": 10_000, "amount_short": 2_500},
    ),
    (
        node("order.amount", **{"$more_than": [10_000]}),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "$more_than 10000", "found": 10_000, "amount_short": 1},
    ),
    (
        node("order.total_amount", **{"$more_than": [9_500.5]}),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "$more_than 9500.5", "found": 9_500, "amount_short": 1},
    ),
    (
        node("order.amount", **{"$less_than": [10_000]}),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "$less_than 10000", "found": 10_000},
    ),
    (
        node("order.items.count", **{"$more_than": [8]}),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "$more_than 8", "found": 8},
    ),
    (
        node("order.metadata", property="gift", **{"$is": [True]}),
        {"order": {"metadata": {"gift": False}}},
        Reason.ORDER_RULES_VIOLATED,
        {"property": "gift", "wanted": "$is true"},
    ),
    (
        node("order.items.price_any", **{"$more_than": [5_000]}),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "$more_than 5000", "found": "[3000,100,3500]"},
    ),
    (
        node("order.items.price_each", **{"$more_than": [100]}),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "$more_than 100", "found": "[3000,100,3500]"},
    ),
    (
        node("order.items.any", **lines_of(products=["gloves"], skus=["g-1"])),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "product gloves or SKU g-1"},
    ),
    (
        node(
            "order.items.any",
            **lines_of(
                products=["socks"],
                like=[like("order.items.aggregated_amount", **{"$more_than": [500]})],
            ),
        ),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {
            "wanted": "product socks with order.items.aggregated_amount $more_than 500",
            "found": "order.items.aggregated_amount 500",
        },
    ),
    (
        node("order.items.every", **lines_of(products=["shoes"])),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "product shoes", "found": "product socks, product hat"},
    ),
    (
        node("order.items.none", **lines_of(products=["shoes"])),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "product shoes", "found": "SKU shoes-42 of shoes"},
    ),
    (
        node("order.items.cheapest", **lines_of(products=["shoes"])),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "product shoes", "found": "product socks"},
    ),
    (
        node("order.items.most_expensive", **lines_of(products=["shoes"])),
        {},
        Reason.ORDER_RULES_VIOLATED,
        {"wanted": "product shoes", "found": "product hat"},
    ),
    (
        node(
            "order.items.none",
            **lines_of(like=[like("order.items.price", **{"$more_than": [10]})]),
        ),
        {"lines": tuple(line(f"{n:0>100}", 11) for n in range(3))},
        Reason.ORDER_RULES_VIOLATED,
        {
            "wanted": "order.items.price $more_than 10",
            "found": f"product {0:0>100}, product {'0' * 81}…",
        },
    ),
    (
        node("customer.segment", **{"$in": ["seg_a"]}),
        {"segments": frozenset({"seg_b"})},
        Reason.CUSTOMER_RULES_VIOLATED,
        {"wanted": "$in seg_a"},
    ),
    (
        node("customer.is_new", **{"$is": [True]}),
        {"known": KNOWN},
        Reason.CUSTOMER_RULES_VIOLATED,
        {"wanted": "$is true", "found": False},
    ),
    (
        node("customer.metadata", property="tier", **{"$is": ["bronze"]}),
        {"known": KNOWN},
        Reason.CUSTOMER_RULES_VIOLATED,
        {"property": "tier", "wanted": "$is bronze"},
    ),
    (
        node("redemption.metadata", property="till", **{"$is": [8]}),
        {"metadata": {"till": "x" * 300}},
        Reason.REDEMPTION_RULES_VIOLATED,
        {"property": "till", "wanted": "$is 8"},
    ),
    (
        node("redemption.api_key", **{"$is_not": ["key_a"]}),
        {},
        Reason.REDEMPTION_RULES_VIOLATED,
        {"wanted": "$is_not key_a", "found": "key_a"},
    ),
]


@pytest.mark.parametrize(("asked", "case", "reason", "told"), VIOLATED)
def test_a_condition_that_does_not_hold_is_told_with_what_was_found(
    asked: dict[str, Any], case: dict[str, Any], reason: Reason, told: dict[str, Any]
) -> None:
    refusal = judged(a_case(a_rule(a=asked), customer=ANNA, **case))

    assert refusal is not None
    assert refusal.reason is reason
    named = {"rule_id": "val_1", "rule": "A rule", "condition": asked["name"]}
    assert refusal.would_pass == named | told
    assert refusal.hint.endswith("violated validation rules: val_1")


@pytest.mark.parametrize(
    ("asked", "case", "reason", "missing"),
    [
        (
            node("order.amount", **{"$more_than": [0]}),
            {"order": None},
            Reason.MISSING_ORDER,
            "order",
        ),
        (
            node("order.items.count", **{"$more_than": [0]}),
            {"order": None},
            Reason.MISSING_ORDER,
            "order",
        ),
        (
            node("order.items.none", **lines_of(products=["a"])),
            {"lines": ()},
            Reason.MISSING_ORDER_ITEMS,
            "order_items",
        ),
        (
            node("order.items.count", **{"$less_than": [9]}),
            {"lines": ()},
            Reason.MISSING_ORDER_ITEMS,
            "order_items",
        ),
        (
            node("customer.segment", **{"$is_not": ["seg_a"]}),
            {"customer": None},
            Reason.MISSING_CUSTOMER,
            "customer",
        ),
        (
            node("customer.is_new", **{"$is": [True]}),
            {"customer": None},
            Reason.MISSING_CUSTOMER,
            "customer",
        ),
    ],
)
def test_what_a_condition_needs_and_was_not_sent_is_named_and_no_way_round_a_not(
    asked: dict[str, Any], case: dict[str, Any], reason: Reason, missing: str
) -> None:
    for logic in ("a", "not a"):
        refusal = judged(a_case(a_rule(logic, a=asked), **case))

        assert refusal is not None
        assert refusal.reason is reason
        assert refusal.would_pass is not None
        assert (refusal.would_pass["missing"], refusal.would_pass["rule_id"]) == (missing, "val_1")


DEAR = node("order.amount", **{"$more_than": [20_000]})
RED = node("order.items.metadata_any", property="colour", **{"$is": ["red"]})
NEW = node("customer.is_new", **{"$is": [True]})


def test_a_branch_that_holds_asks_for_nothing_that_another_one_needs() -> None:
    rule = a_rule("red or new", red=RED, new=NEW)

    assert judged(a_case(rule)) is None
    refusal = judged(a_case(rule, lines=(line("hat", 1),)))
    assert refusal is not None
    assert refusal.reason is Reason.MISSING_CUSTOMER


@pytest.mark.parametrize(
    ("logic", "blamed"),
    [
        ("red and dear", "order.amount"),
        ("dear and red", "order.amount"),
        ("dear or not red", "order.amount"),
        ("not (red or dear)", "order.items.metadata_any"),
        ("not red and dear", "order.items.metadata_any"),
        ("red and (dear or not red)", "order.amount"),
    ],
)
def test_the_first_condition_that_stands_in_the_way_is_named(logic: str, blamed: str) -> None:
    refusal = judged(a_case(a_rule(logic, red=RED, dear=DEAR)))

    assert refusal is not None
    assert refusal.would_pass is not None
    assert refusal.would_pass["condition"] == blamed


def test_all_rules_of_a_campaign_have_to_be_met_and_the_first_one_is_named() -> None:
    met, unmet = a_rule(red=RED), a_rule(dear=DEAR, rule_id="val_2")

    assert judged(a_case(met)) is None
    for rules in ((met, unmet), (unmet, met), (unmet, a_rule(dear=DEAR, rule_id="val_3"))):
        refusal = judged(a_case(*rules))
        assert refusal is not None
        assert refusal.would_pass is not None
        assert refusal.would_pass["rule_id"] == "val_2"


@pytest.mark.parametrize(
    ("holds_for", "named"),
    [
        ([(), ()], "val_0"),
        ([(), ("v_A",)], "val_0"),
        ([("v_A",), ()], "val_1"),  # what holds for all codes comes first
        ([("v_B", "v_A"), ("v_A",)], "val_0"),
        ([("v_B",), ("v_A", "v_C")], "val_1"),
        ([("v_B",), ("v_A2", "a", "A")], None),
    ],
)
def test_rules_of_single_codes_are_met_by_those_alone_and_after_those_of_all(
    holds_for: list[tuple[str, ...]], named: str | None
) -> None:
    rules = [
        a_rule(dear=DEAR, rule_id=f"val_{n}").model_copy(update={"vouchers": vouchers})
        for n, vouchers in enumerate(holds_for)
    ]
    case = a_case()

    refusal = judged(case._replace(offer=an_offer("A", rules=tuple(rules))))

    told = None if refusal is None or refusal.would_pass is None else refusal.would_pass["rule_id"]
    assert told == named


def test_what_a_rules_author_would_have_said_is_told() -> None:
    own = a_rule(dear=DEAR | {"message": "Buy for 200"})
    rules = a_rule(dear=DEAR).model_copy(update={"message": "Not for this basket"})

    for rule, message in ((own, "Buy for 200"), (rules, "Not for this basket")):
        refusal = judged(a_case(rule))
        assert refusal is not None
        assert refusal.would_pass is not None
        assert refusal.would_pass["message"] == message


def test_a_decision_is_refused_by_a_rule_after_the_limits_and_takes_nothing() -> None:
    rule = a_rule(dear=node("order.total_amount", **{"$more_than_equal": [4_600]}))
    offer = an_offer(rules=(rule,), total_limit=1, discount=AmountOff(amount_off_minor=500))

    facts = facts_of(offer)
    refused = decide(a_request(amount=5_000), facts).refused
    assert refused is not None
    assert refused.refusal.reason is Reason.ORDER_RULES_VIOLATED
    assert refused.refusal.would_pass is not None
    assert refused.refusal.would_pass["amount_short"] == 100
    assert decide(a_request(amount=5_100), facts).refused is None
    over = decide(a_request(amount=5_000), facts).refused
    assert over is not None
    assert over.refusal.reason is Reason.CAMPAIGN_LIMIT_EXCEEDED


def test_of_a_stack_each_code_is_judged_by_what_the_ones_before_it_left() -> None:
    rule = a_rule(dear=node("order.total_amount", **{"$more_than_equal": [4_000]}))
    first, second = an_offer("A"), an_offer("B", rules=(rule,))

    facts = facts_of(first, second)
    assert decide(a_request("A", "B", amount=5_000), facts).refused is None
    refused = decide(a_request("A", "B", amount=4_999), facts).refused
    assert refused is not None
    assert refused.code == "B"
