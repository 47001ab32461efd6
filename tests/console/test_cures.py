"""What a refusal's page leads to."""

import pytest

from console.web.cures import cures

CAMPAIGN = {"id": "camp_1", "name": "Autumn", "deal_url": None}
PARTNER = {"id": "part_1", "name": "Dealhunt", "deal_url": "https://dealhunt.example/"}


@pytest.mark.parametrize(
    ("reason", "edit"),
    [
        ("voucher_expired", ["Change its dates"]),
        ("campaign_limit_exceeded", ["Raise its limits"]),
        ("quantity_exceeded", []),
        ("campaign_inactive", []),
        ("of_a_later_version", []),
    ],
)
def test_a_reason_leads_to_the_change_that_cures_it_and_to_who_shows_the_deal(
    reason: str, edit: list[str]
) -> None:
    found = cures("/p/1", (reason,), CAMPAIGN, PARTNER, may_change=True)

    ways = ["To the campaign Autumn", "To the partner Dealhunt", "To the deal's page"]
    assert [each.label for each in found] == [*edit, *ways]
    assert found[-1].href == PARTNER["deal_url"]
    assert [each.is_away for each in found][-2:] == [False, True]


def test_a_code_that_is_used_up_leads_to_its_own_limit() -> None:
    [first, *_] = cures("/p/1", ("quantity_exceeded",), CAMPAIGN, None, may_change=True, code="A/B")

    assert (first.label, first.href) == ("Raise the code's limit", "/p/1/codes/A%2FB/edit")


def test_who_only_reads_is_not_led_to_a_form() -> None:
    found = cures("/p/1", ("voucher_expired",), CAMPAIGN, None, may_change=False)

    assert [each.href for each in found] == ["/p/1/campaigns/camp_1"]
