"""What the official clients read: their Python client checks every type that it knows.

Whole bodies stand in golden files; `GOLDEN=write` writes them anew.
"""

from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from kit.golden import assert_golden
from kit.redemption_samples import CODE, a_request, an_offer, facts_of
from kit.rules import a_rule

from contracts.discounts import AmountOff, AmountTier, FreeUnits, PercentOff, Unit
from contracts.redemptions import Reason
from contracts.targets import ApplicableTo, Targets
from redemption.decide import decide
from redemption.decide.facts import Facts
from redemption.decide.judging import UNKNOWN_CODE
from redemption.model import Offer, Refusal, Request
from redemption.outcomes import Applied, Decision, Inapplicable
from redemption.render.messages import MESSAGES
from redemption.render.redemption import key_reused, response
from redemption.render.validation import validation

GOLDEN = Path(__file__).parents[1] / "golden"
TENTH = an_offer("TENTH", campaign="camp_2", name="Ten", discount=PercentOff(basis_points=1000))

ITEMS = an_offer(
    "ITEMS",
    discount=AmountOff(
        amount_off_minor=300,
        effect="APPLY_TO_ITEMS",
        tiers=(AmountTier(from_minor=4000, amount_off_minor=400),),
        most_together_minor=1000,
    ),
    applicable_to=ApplicableTo(included=Targets(products=("p1",))),
)
GIFT = an_offer(
    "GIFT",
    discount=FreeUnits(
        units=(
            Unit(item="p0", quantity=1, effect="ADD_MISSING_ITEMS"),
            Unit(item="sku_1", quantity=2, effect="ADD_NEW_ITEMS"),
        )
    ),
)


def decided(request: Request, facts: Facts) -> Decision:
    """Decide, with ids that are the same on every run."""
    decision = decide(request, facts)
    outcomes = tuple(
        outcome._replace(id=UUID(int=number))
        for number, outcome in enumerate(decision.outcomes, start=1)
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Inapplicable)]
    return Decision(request, outcomes, refused[0] if refused else None)


def redeemed(*codes: str, **asked: Any) -> dict[str, Any]:
    request = a_request(*codes, request_id="1", **asked)
    given = response(decided(request, facts_of(an_offer(), TENTH)))
    assert given.status == 200
    body: dict[str, Any] = orjson.loads(given.body)
    return body


FULL: dict[str, Any] = {
    "customer": "anna",
    "amount": 4999,
    "order_id": "order-99",
    "metadata": {"till": 7, "clerk": None},
}


@pytest.mark.parametrize(
    ("name", "codes", "asked"),
    [
        ("redeemed", [CODE], FULL),
        ("redeemed_bare", [CODE], {"amount": None}),
        ("redeemed_stack", [CODE, "TENTH"], FULL),
        ("redeemed_stack_bare", [CODE, "TENTH"], {"amount": 0}),
        ("redeemed_lines", [CODE, "TENTH"], FULL | {"lines": [2000, 2999]}),
    ],
)
def test_a_redemption_is_what_the_clients_know_as_one(
    name: str, codes: list[str], asked: dict[str, Any]
) -> None:
    assert_golden(GOLDEN / f"{name}.json", redeemed(*codes, **asked))


def test_an_order_says_what_is_left_to_pay() -> None:
    order = redeemed(amount=4999)["order"]

    assert order["total_amount"] == 4499
    discounts = {name: value for name, value in order.items() if "discount" in name}
    assert set(discounts.values()) == {500}
    assert len(discounts) == 4


def test_each_code_of_a_stack_says_what_it_took_and_what_all_took_by_then() -> None:
    body = redeemed("TENTH", CODE, amount=4999)
    orders = [each["order"] for each in body["redemptions"]]

    assert [order["applied_discount_amount"] for order in orders] == [500, 500]
    assert [order["total_discount_amount"] for order in orders] == [500, 1000]
    assert body["order"]["total_amount"] == orders[-1]["total_amount"] == 3999
    assert body["parent_redemption"]["order"] == body["order"]


def test_what_codes_have_in_common_is_named_by_each_of_them() -> None:
    request = a_request(CODE, "TENTH")
    body = orjson.loads(response(decided(request, facts_of(an_offer(), TENTH))).body)

    assert body["parent_redemption"]["id"] == f"r_{request.key.hex()}"
    parents = {each["redemption"] for each in body["redemptions"]}
    assert parents == {body["parent_redemption"]["id"]}


def test_a_code_alone_has_no_parent() -> None:
    body = redeemed()

    assert "parent_redemption" not in body
    assert "redemption" not in body["redemptions"][0]


def refused(reason: Reason, offer: Offer | None = None) -> tuple[int, dict[str, Any]]:
    request = a_request(amount=4999)
    why = Inapplicable(UUID(int=1), CODE, offer, Refusal(reason))
    given = response(Decision(request, (why,), why))
    return given.status, orjson.loads(given.body)


def test_a_rules_own_message_is_the_errors_message_and_others_have_none() -> None:
    rule = a_rule(
        a={"name": "order.amount", "$more_than_equal": [6000], "message": "Buy for 60.00"}
    )
    request = a_request(amount=4999)
    given = response(decided(request, facts_of(an_offer(rules=(rule,)))))
    body = orjson.loads(given.body)

    assert (given.status, body["key"]) == (400, "order_rules_violated")
    assert body["message"] == "order does not match validation rules"
    assert body["error"] == {"message": "Buy for 60.00"}
    assert body["would_pass"]["amount_short"] == 1001
    assert body["details"].endswith("violated validation rules: val_1")
    assert "error" not in refused(Reason.INVALID_ORDER)[1]


@pytest.mark.parametrize("reason", sorted(set(Reason) - {Reason.STACK_REFUSED}), ids=str)
def test_every_reason_has_an_error_object(reason: Reason) -> None:
    status, body = refused(reason, an_offer())

    assert status == (404 if reason is Reason.NOT_FOUND else 400)
    assert (body["code"], body["key"], body["message"]) == (status, reason, MESSAGES[reason])
    assert body["details"] == CODE
    assert body["resource_id"] == f"rf_{UUID(int=1).hex}"


@pytest.mark.parametrize(
    ("name", "codes", "asked"),
    [
        ("refused", ["OFF"], FULL),
        ("refused_bare", ["OFF"], {"amount": None}),
        ("refused_stack", [CODE, "OFF", "TENTH"], FULL),
        ("refused_unknown", ["NOBODY"], FULL),
    ],
)
def test_a_refusal_is_what_the_clients_know_as_an_error(
    name: str, codes: list[str], asked: dict[str, Any]
) -> None:
    off = an_offer("OFF", quantity=0)
    request = a_request(*codes, request_id="1", **asked)

    given = response(decided(request, facts_of(an_offer(), TENTH, off)))

    assert given.status == orjson.loads(given.body)["code"]
    assert_golden(GOLDEN / f"{name}.json", orjson.loads(given.body))


def test_an_unknown_code_and_another_projects_are_refused_in_the_same_words() -> None:
    here, there = a_request("A-1", project="proj_a"), a_request("A-1", project="proj_b")
    theirs = facts_of(an_offer("A-1", project="proj_a"))
    nobody = facts_of()

    bodies = [
        response(decided(request, facts)).body
        for request, facts in ((here, nobody), (there, nobody), (there, theirs))
    ]

    assert len(set(bodies)) == 1
    assert orjson.loads(bodies[0])["key"] == UNKNOWN_CODE.reason


def test_a_reused_key_is_told_what_to_do() -> None:
    given = key_reused(a_request())
    body = orjson.loads(given.body)

    assert given.status == body["code"] == 422
    assert body["key"] == "idempotency_key_reused"
    assert "new key" in body["details"]


@pytest.mark.parametrize(
    ("name", "codes", "asked"),
    [
        ("valid", [CODE], FULL),
        ("valid_stack", [CODE, "TENTH"], FULL),
        ("valid_lines", [CODE], FULL | {"lines": [2000, 2999]}),
        ("valid_items", ["ITEMS", "GIFT"], FULL | {"lines": [2000, 2999]}),
        ("invalid_stack", [CODE, "OFF", "TENTH", "NOBODY"], FULL),
    ],
)
def test_a_validation_is_what_the_clients_know_as_one(
    name: str, codes: list[str], asked: dict[str, Any]
) -> None:
    facts = facts_of(an_offer(), TENTH, an_offer("OFF", quantity=0), ITEMS, GIFT)

    said = orjson.loads(validation(decided(a_request(*codes, **asked), facts)))

    assert said["id"].startswith("valid_")
    assert_golden(GOLDEN / f"{name}.json", said | {"id": "valid_"})


def test_a_forecast_says_of_each_code_what_a_redemption_would_take() -> None:
    decision = decided(a_request(CODE, "TENTH", amount=4999), facts_of(an_offer(), TENTH))

    said = orjson.loads(validation(decision))

    taken = [each["order"]["applied_discount_amount"] for each in said["redeemables"]]
    assert taken == [o.discount_minor for o in decision.outcomes if isinstance(o, Applied)]
