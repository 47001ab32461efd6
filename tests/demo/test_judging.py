from typing import Any

import pytest

from counterfoil.demo.judging import judged_campaigns, unlike_the_data
from counterfoil.demo.made_up import ENDED, LIMITED, PARTNER, made_up
from counterfoil.demo.scenario import Scenario

Row = dict[str, Any]


@pytest.fixture
def scenario() -> Scenario:
    return made_up("run-1")


@pytest.fixture
def campaigns(scenario: Scenario) -> list[Row]:
    reported = [
        {
            "campaign_id": f"camp_{number}",
            "name": plan.name,
            "redemptions": plan.expected,
            "profit_minor": number,
            "visits": 20,
        }
        for number, plan in enumerate(scenario.campaigns)
    ]
    return judged_campaigns(scenario, reported)


@pytest.fixture
def failures(scenario: Scenario) -> list[Row]:
    return [
        {
            "reason": str(refusals.reason),
            "partner_name": None if refusals.campaign is None else PARTNER.name,
            "attempts": refusals.times,
        }
        for refusals in scenario.refusals
    ]


@pytest.fixture
def dead_letters(scenario: Scenario) -> list[Row]:
    return [{"value": plan.value} for plan in scenario.unreadable]


def test_what_came_out_as_put_in_has_no_difference(
    scenario: Scenario, campaigns: list[Row], failures: list[Row], dead_letters: list[Row]
) -> None:
    assert list(unlike_the_data(scenario, campaigns, failures, dead_letters)) == []


def test_campaigns_are_ranked_by_profit(campaigns: list[Row]) -> None:
    assert [row["profit_minor"] for row in campaigns] == [4, 3, 2, 1, 0]


def test_a_campaign_that_accepted_another_number_is_named(
    scenario: Scenario, campaigns: list[Row], failures: list[Row], dead_letters: list[Row]
) -> None:
    [limited] = [row for row in campaigns if row["name"] == LIMITED]
    limited["accepted"] = 11

    assert list(unlike_the_data(scenario, campaigns, failures, dead_letters)) == [
        {"kind": "accepted", "name": LIMITED, "found": 11, "expected": 10}
    ]


def test_a_campaign_that_is_not_reported_at_all_is_named(
    scenario: Scenario, failures: list[Row], dead_letters: list[Row]
) -> None:
    judged = judged_campaigns(scenario, [])
    differences = list(unlike_the_data(scenario, judged, failures, dead_letters))

    assert {"kind": "accepted", "name": ENDED, "found": 0, "expected": 3} in differences


def test_a_campaign_that_nobody_planned_is_expected_to_accept_nothing(scenario: Scenario) -> None:
    row = {"campaign_id": "camp_x", "name": "stray", "redemptions": 1, "profit_minor": 0}

    judged = judged_campaigns(scenario, [row])

    assert [r["expected"] for r in judged if r["name"] == "stray"] == [0]


def test_a_lost_visit_is_named(
    scenario: Scenario, campaigns: list[Row], failures: list[Row], dead_letters: list[Row]
) -> None:
    campaigns[0]["visits"] = 19

    [difference] = unlike_the_data(scenario, campaigns, failures, dead_letters)

    assert difference["kind"] == "visits"
    assert (difference["found"], difference["expected"]) == (19, 20)


def test_a_refusal_that_nobody_provoked_is_named(
    scenario: Scenario, campaigns: list[Row], failures: list[Row], dead_letters: list[Row]
) -> None:
    stray = {"reason": "voucher_disabled", "partner_name": PARTNER.name, "attempts": 1}

    [difference] = unlike_the_data(scenario, campaigns, [*failures, stray], dead_letters)

    assert (difference["kind"], difference["found"], difference["expected"]) == ("refused", 1, 0)


def test_a_dead_letter_whose_bytes_were_touched_is_named(
    scenario: Scenario, campaigns: list[Row], failures: list[Row], dead_letters: list[Row]
) -> None:
    dead_letters[0]["value"] += b"\n"

    [difference] = unlike_the_data(scenario, campaigns, failures, dead_letters)

    assert (difference["kind"], difference["name"]) == ("dead letter", "not JSON")
