"""A deal in words."""

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
