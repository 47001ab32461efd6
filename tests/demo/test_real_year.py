from collections import Counter
from collections.abc import Sequence

import pytest

from contracts.redemptions import RedemptionRequest
from counterfoil.demo.baskets import Use
from counterfoil.demo.dataset import Dataset
from counterfoil.demo.real_year import real_year
from counterfoil.demo.scenario import Scenario, decisions


@pytest.fixture(scope="module")
def year(dataset: Dataset, uses: Sequence[Use]) -> Scenario:
    return real_year(dataset, uses)


def test_every_request_falls_into_its_campaigns_time(year: Scenario) -> None:
    campaigns = {code: plan for plan in year.campaigns for code in plan.codes}

    outside = [
        plan.request.request_id
        for plan in year.requests
        for code in plan.codes
        if not campaigns[code].starts_at <= plan.at < campaigns[code].ends_at
    ]
    assert outside == []


def test_what_is_asked_per_campaign_is_what_is_expected_of_it(year: Scenario) -> None:
    campaigns = {code: plan.name for plan in year.campaigns for code in plan.codes}
    asked = Counter(campaigns[code] for plan in year.requests for code in plan.codes)

    assert asked == Counter({plan.name: plan.expected for plan in year.campaigns})


def test_the_requests_are_in_the_order_of_time_and_all_distinct(year: Scenario) -> None:
    times = [plan.at for plan in year.requests]

    assert times == sorted(times)
    assert len({plan.request.request_id for plan in year.requests}) == len(times) == 1_112
    assert decisions(year.requests) == 2_102


def test_codes_bear_the_partners_prefix_and_are_unique(year: Scenario) -> None:
    prefixes = {partner.name: partner.prefix for partner in year.partners}
    codes = [code for plan in year.campaigns for code in plan.codes]

    assert len(set(codes)) == len(codes) == 1_197
    assert all(
        code.startswith(prefixes[plan.partner]) for plan in year.campaigns for code in plan.codes
    )


def test_an_orders_items_add_up_and_the_request_survives_the_wire(year: Scenario) -> None:
    for plan in year.requests:
        order = plan.request.order
        assert order is not None
        assert sum(item.amount_minor for item in order.items) == order.amount_minor
        again = RedemptionRequest.model_validate_json(plan.request.model_dump_json())
        assert again == plan.request


def test_a_campaign_that_shows_no_coupon_takes_its_kinds_median(year: Scenario) -> None:
    worth = {plan.name: plan.amount_off_minor for plan in year.campaigns}

    assert worth["Season Book 24"] == 60
    assert worth["Personal Picks 18"] == 100
    assert worth["Season Book 20"] == 55


def test_the_assumptions_say_how_many_redemptions_show_their_worth(year: Scenario) -> None:
    assert any("1,158 show" in line for line in year.assumptions)


def test_campaigns_are_for_what_they_cover_where_every_redemption_bears_it_out(
    year: Scenario,
) -> None:
    bound = {plan.name: set(plan.products) for plan in year.campaigns if plan.products}
    campaigns = {code: plan.name for plan in year.campaigns for code in plan.codes}

    assert len(bound) == 14
    for plan in year.requests:
        assert plan.request.order is not None
        bought = {int(item.product_id) for item in plan.request.order.items}
        for name in {campaigns[code] for code in plan.codes} & bound.keys():
            assert bought & bound[name]
