"""A deal in words."""

from typing import Any

import pytest

from console.web import deals

PAGE = "https://shop.example/"


@pytest.mark.parametrize(
    ("own", "of_partner", "deal_page", "link"),
    [
        (PAGE, None, None, "https://c.example/go/camp_1"),
        (None, PAGE, None, "https://c.example/go/camp_1"),
        (None, None, PAGE, "https://c.example/go/camp_1"),
        (None, None, None, ""),
    ],
)
def test_a_link_is_shown_where_it_leads_somewhere(
    own: str | None, of_partner: str | None, deal_page: str | None, link: str
) -> None:
    campaign = {"id": "camp_1", "landing_url": own, "deal_url": deal_page}

    assert deals.shop_link(campaign, {"landing_url": of_partner}, "https://c.example") == link


@pytest.mark.parametrize(
    ("discount", "said"),
    [
        ({"type": "PERCENT", "percent_off": 15.5, "amount_limit": None}, "15.5 % off"),
        (
            {"type": "PERCENT", "percent_off": 20, "amount_limit": 1_050},
            "20 % off, 10.50 EUR at most",
        ),
        ({"type": "AMOUNT", "amount_off": 500}, "5.00 EUR off"),
        ({"type": "FIXED", "fixed_amount": 999}, "all for 9.99 EUR"),
    ],
)
def test_an_offer_is_said(discount: dict[str, Any], said: str) -> None:
    assert deals.offer(discount, "EUR") == said
