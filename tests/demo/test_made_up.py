from collections import Counter

import pytest
from pydantic import ValidationError

from contracts.redemptions import RedemptionRequested
from counterfoil.demo.assumptions import PARTNERS
from counterfoil.demo.made_up import PARTNER, SENT_TWICE, code_of, made_up
from counterfoil.demo.scenario import Scenario


@pytest.fixture
def scenario() -> Scenario:
    return made_up("run-1")


def test_it_is_the_same_every_time(scenario: Scenario) -> None:
    assert made_up("run-1") == scenario


def test_it_has_a_partner_and_customers_of_its_own(scenario: Scenario) -> None:
    customers = [plan.request.customer for plan in scenario.requests]

    assert scenario.partners == (PARTNER,)
    assert PARTNER not in PARTNERS.values()
    assert all(who and (who.source_id or "").startswith("made-up-") for who in customers)
    assert "invented" in PARTNER.name


def test_accepted_and_refused_add_up_to_what_is_asked(scenario: Scenario) -> None:
    distinct = {plan.request.request_id for plan in scenario.requests}
    accepted = sum(plan.expected for plan in scenario.campaigns)
    refused = sum(refusal.times for refusal in scenario.refusals)

    assert len(distinct) == accepted + refused


def test_a_request_sent_twice_is_the_same_to_the_byte(scenario: Scenario) -> None:
    twice = [plan for plan in scenario.requests if plan.request.code == code_of(SENT_TWICE)]

    assert set(Counter(plan.request.model_dump_json() for plan in twice).values()) == {2}


def test_what_comes_after_the_switch_is_later_than_all_else(scenario: Scenario) -> None:
    opening = [plan.at for plan in scenario.requests if plan.phase == "opening"]
    later = [plan.at for plan in scenario.requests if plan.phase == "after the switch"]

    assert len(later) == 6
    assert max(opening) < min(later)


def test_neither_unreadable_record_is_a_request(scenario: Scenario) -> None:
    not_json, newer = scenario.unreadable

    for plan in (not_json, newer):
        with pytest.raises(ValidationError):
            RedemptionRequested.model_validate_json(plan.value)
    assert b"coupons.redemption.requested.v9" in newer.value
