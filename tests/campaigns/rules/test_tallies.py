"""Conditions of rules that are limits: read, written, and published as limits of the campaign."""

from datetime import UTC, datetime
from typing import Any

import pytest
from kit.campaigns_samples import a_campaign

from campaigns.catalogue import AssignedRule, Assignment
from campaigns.limiting import COUNTED, WrittenRule, limited
from campaigns.rules import spelling
from contracts.terms import Limit, Limits

AMOUNT = {"name": "order.amount", "conditions": {"$more_than": [5000]}}
OTHER = {"name": "order.items.count", "conditions": {"$more_than": [2]}}


def count(name: str = "redemption.count.per_customer", **more: Any) -> dict[str, Any]:
    return {"name": name, "conditions": {"$less_than_or_equal": [3]}} | more


def rule(logic: str, **asked: dict[str, Any]) -> WrittenRule:
    expression = spelling.read({**asked, "logic": logic})
    return WrittenRule(id="val_1", name="A rule", **expression.model_dump())


@pytest.mark.parametrize("name", COUNTED)
def test_every_limit_is_read_as_it_is_written(name: str) -> None:
    written = spelling.spelled(spelling.read({"1": count(name), "logic": "1"}))

    assert written["1"]["conditions"] == {"$less_than_equal": [3]}
    assert spelling.spelled(spelling.read(written)) == written


def test_what_is_judged_has_the_logic_without_limits() -> None:
    found = rule("(not b or a) and (c and d)", a=AMOUNT, b=OTHER, c=count(), d=OTHER).judged

    assert found is not None
    assert [node.key for node in found.nodes] == ["a", "b", "d"]
    assert found.logic == "(not b or a) and d"
    assert rule("1", **{"1": count()}).judged is None
    plain = rule("a and not b", a=AMOUNT, b=OTHER)
    assert plain.judged is not None
    assert plain.judged.logic == "a and not b"


def test_a_limit_joins_those_of_the_campaign_and_the_lower_holds() -> None:
    daily = Limit(of="code", per="day", most=2)
    own = Limits(total=10, others=(daily, Limit(of="customer", per="week", most=9)))
    rules = [
        rule("a", a=count("campaign.redemptions.count")),
        rule("a", a=count("campaign.redemptions.count", conditions={"$less_than": [6]})),
        rule("a and b", a=count(), b=count("redemption.count.daily")),
        rule("a", a=count("campaign.orders.amount_discounted", conditions={"$less_than": [900]})),
        rule("a", a=count("redemption.count.per_customer.weekly")),
    ]

    assert limited(own, rules) == Limits(
        total=3,
        per_customer=3,
        others=(
            daily,
            Limit(of="customer", per="week", most=3),
            Limit(of="campaign", what="discount", most=899),
        ),
    )
    assert limited(own, []) == own


def test_redemption_is_told_of_limits_and_of_the_rest_of_the_rule() -> None:
    assigned = AssignedRule(
        Assignment("asgm_1", "val_1", "camp_1", datetime(2026, 11, 23, tzinfo=UTC)),
        rule("a and b", a=AMOUNT, b=count("campaign.redemptions.count")),
    )

    told = a_campaign(rules=(assigned,)).terms_to_publish(())

    assert told.limits.total == 3
    [judged] = told.conditions.rules
    assert [node.name for node in judged.nodes] == ["order.amount"]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        pytest.param({"1": count(), "2": AMOUNT, "logic": "1 or 2"}, "`and` alone", id="or"),
        pytest.param({"1": count(), "2": AMOUNT, "logic": "2 and not 1"}, "`and` alone", id="not"),
        pytest.param({"1": count(), "2": AMOUNT, "logic": "1"}, "leaves out 2", id="unused"),
        pytest.param({"1": count(), "2": AMOUNT, "logic": "2"}, "leaves out 1", id="unused-limit"),
        pytest.param({"1": count(), "logic": "1 and 3"}, "names 3", id="unknown-key"),
        pytest.param({"1": count(), "2": count(), "logic": "1 and 2"}, "twice", id="twice"),
        pytest.param(
            {"1": count(conditions={"$more_than": [3]}), "logic": "1"}, "less_than", id="operator"
        ),
        pytest.param({"1": count(conditions={"$less_than": [1]}), "logic": "1"}, "never", id="0"),
        pytest.param(
            {"1": count(conditions={"$less_than": [1.5]}), "logic": "1"}, "whole", id="half"
        ),
        pytest.param(
            {"1": count(error={"message": "Too often"}), "logic": "1"}, "no error", id="message"
        ),
        pytest.param({"1": count("redemption.count.per_user"), "logic": "1"}, "each", id="user"),
        pytest.param({"1": count("redemption.count"), "logic": "1"}, "daily", id="no-period"),
        pytest.param(
            {"1": count("campaign.redemptions.customers_count.daily"), "logic": "1"},
            "per_customer to 1",
            id="customers",
        ),
        pytest.param(
            {"1": count("campaign.orders.amount.daily"), "logic": "1"}, "once", id="budget-per-day"
        ),
        pytest.param(
            {"1": count("product.metadata"), "logic": "1"}, "order.items.any", id="product"
        ),
        pytest.param(
            {"1": count("publication.redeemable_by_linked_customer"), "logic": "1"},
            "customer.segment",
            id="publication",
        ),
    ],
)
def test_what_is_no_limit_is_refused_with_what_to_do_instead(
    rules: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        spelling.read(rules)
