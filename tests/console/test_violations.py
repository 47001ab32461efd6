"""What redemption says of a rule is a sentence here: its own words are read, no samples."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from kit.redemption_samples import a_customer, a_request, an_offer
from kit.rules import a_rule, with_conditions

from console.web import attempts, violations
from console.web.conditions import Reader
from console.web.passing import passing
from redemption.checks import rules_violated
from redemption.model import Case, CustomerFacts, Refusal
from redemption.reading import parsing

READER = Reader("EUR", ZoneInfo("Europe/Berlin"), {"seg_1": "VIPs", "seg_2": "Press"})


def refused(node: Mapping[str, Any], logic: str = "a", *, ordered: bool = True) -> Refusal:
    """Redeem a basket of 42.00: two pairs of shoes, by somebody of no segment."""
    request = a_request(customer=a_customer("ann"), metadata={"till": "a b"})
    line = parsing.to_item(
        product_id="shoes", sku_id=None, quantity=2, amount_minor=4200, metadata={"size": 42}
    )
    order = parsing.to_order(id=None, items=(line,), amount_minor=4200) if ordered else None
    rule = a_rule(logic, a=dict(node))
    case = Case(
        request._replace(order=order),
        an_offer(rules=(rule,)),
        4200 if ordered else None,
        customer=CustomerFacts(metadata={}, is_new=False),
        segments=frozenset(),
    )
    found = rules_violated(case, 0)
    assert found is not None
    return found


def node(name: str, **words: Any) -> dict[str, Any]:
    return {"name": name, **words}


@pytest.mark.parametrize(
    ("asked", "logic", "said"),
    [
        (
            node("order.amount", **{"$more_than_equal": [5000]}),
            "a",
            "the order is at least 50.00 EUR",
        ),
        (
            node("order.amount", **{"$more_than_equal": [5000], "$less_than_equal": [9000]}),
            "a",
            "the order is from 50.00 EUR to 90.00 EUR",
        ),
        (
            node("order.amount", **{"$more_than_equal": [100]}),
            "not a",
            "not (the order is at least 1.00 EUR)",
        ),
        (
            node("order.items.count", **{"$is_not": [2, 4]}),
            "a",
            "the number of items is not 2 or 4",
        ),
        (
            node("customer.segment", **{"$in": ["seg_1", "seg_2"]}),
            "a",
            "the customer is in VIPs or Press",
        ),
        (node("customer.is_new", **{"$is": [True]}), "a", "the customer is new"),
        (
            node("customer.metadata", property="the tier", **{"$in": ["gold", "silver"]}),
            "a",
            "the customer's “the tier” is gold or silver",
        ),
        (
            node("redemption.metadata", property="till", **{"$is_unknown": []}),
            "a",
            "the redemption's “till” is not known",
        ),
        (node("redemption.channel", **{"$in": ["KAFKA"]}), "a", "the redemption comes by Kafka"),
        (
            node("order.items.any", lines={"products": ["hat", "bag"], "skus": ["sock-1"]}),
            "a",
            "at least one item is hat, bag or sock-1",
        ),
        (
            node("order.items.every", lines={"products": ["shoes"], "excluded": True}),
            "a",
            "every item is not shoes",
        ),
        (
            node(
                "order.items.any",
                lines={
                    "products": ["shoes"],
                    "like": [
                        with_conditions(node("order.items.price", **{"$more_than": [5000]})),
                        with_conditions(
                            node("order.items.metadata", property="size", **{"$is": [43]})
                        ),
                    ],
                },
            ),
            "a",
            "at least one item is shoes and its price is more than 50.00 EUR and its “size” is 43",
        ),
        (
            node(
                "order.items.any",
                lines={"like": [with_conditions(node("order.items.quantity", **{"$is": [7]}))]},
            ),
            "a",
            "at least one item is such that its quantity is 7",
        ),
    ],
)
def test_what_a_rule_wanted_is_a_sentence(asked: Mapping[str, Any], logic: str, said: str) -> None:
    refusal = refused(asked, logic)

    assert violations.explained(refusal.hint or "", READER) == f"A rule wants this: {said}"
    violation = violations.of_passing(refusal.would_pass or {})
    assert violation is not None
    assert violations.sentence(violation, READER) == said


def test_what_was_not_sent_is_named_and_who_asks_for_it() -> None:
    refusal = refused(node("order.amount", **{"$more_than_equal": [5000]}), ordered=False)

    said = violations.explained(refusal.hint or "", READER)
    [way] = passing(refusal.would_pass or {}, READER)

    assert said == "A rule asks about something that was not sent: Order: amount"
    assert way.field == "amount"
    assert "asks about it" in way.text


def test_what_would_pass_says_what_was_found_and_how_much_is_short() -> None:
    refusal = refused(node("order.amount", **{"$more_than_equal": [5000]}))
    assert refusal.would_pass is not None
    name = refusal.would_pass["rule"]

    assert [tuple(each) for each in passing(refusal.would_pass, READER)] == [
        (f"Rule “{name}”: the order is at least 50.00 EUR. It was 42.00 EUR", "amount"),
        ("A basket with 8.00 EUR more", "amount"),
    ]


def test_a_yes_or_no_that_was_found_is_said_as_one() -> None:
    refusal = refused(node("customer.is_new", **{"$is": [True]}))
    assert refusal.would_pass is not None
    name = refusal.would_pass["rule"]

    [way] = passing(refusal.would_pass, READER)

    assert way.text == f"Rule “{name}”: the customer is new. It was no"


@pytest.mark.parametrize(
    "hint",
    [
        "",
        "was valid until 2026-10-31T23:00:00.000Z",
        "order.weight has to be heavy",
        "is asked for by the validation rule",
    ],
)
def test_any_other_hint_stands_as_it_is(hint: str) -> None:
    assert violations.explained(hint, READER) == hint


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        (
            "order.weight has to be $more_than 3; violated validation rules: val_1",
            "A rule wants this: order.weight $more_than 3",
        ),
        (
            "order.amount has to be heavy; violated validation rules: val_1",
            "A rule wants this: order.amount heavy",
        ),
        (
            "order.items.any has to be product a with what is new; violated validation rules: v",
            "A rule wants this: at least one item is a and what is new",
        ),
    ],
)
def test_what_a_later_version_says_stands_as_it_tells_it(hint: str, said: str) -> None:
    assert attempts.hint(hint, READER).strip() == said
