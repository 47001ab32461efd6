"""A date alone at the doors of campaigns and codes: the whole day, by the project's clock."""

from typing import Any

import pytest
from kit.campaigns_samples import Shop, a_campaign_body

BODY: dict[str, Any] = {
    "type": "DISCOUNT_VOUCHER",
    "discount": {"type": "PERCENT", "percent_off": 10},
}
DAY = {"start_date": "2026-03-29", "expiration_date": "2026-03-29"}  # of 23 hours in Berlin
AS_INSTANTS = {
    "start_date": "2026-03-28T23:00:00.000Z",
    "expiration_date": "2026-03-29T22:00:00.000Z",
}


async def changed(shop: Shop, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await shop.call("PUT", path, body)
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


async def test_a_campaign_and_a_code_of_one_day_have_all_of_it(shop: Shop) -> None:
    campaign = await shop.campaign(**DAY)
    code = await shop.made("/v1/vouchers/EASTER", BODY | DAY)

    assert campaign.items() >= AS_INSTANTS.items()
    assert code.items() >= AS_INSTANTS.items()


async def test_a_change_to_a_day_is_one_by_the_same_clock(shop: Shop) -> None:
    campaign = await shop.campaign()
    await shop.made("/v1/vouchers/EASTER", BODY)

    of_campaign = await changed(shop, f"/v1/campaigns/{campaign['id']}", DAY)
    of_code = await changed(shop, "/v1/vouchers/EASTER", DAY)

    assert of_campaign.items() >= AS_INSTANTS.items()
    assert of_code.items() >= AS_INSTANTS.items()
    again = await changed(shop, f"/v1/campaigns/{campaign['id']}", AS_INSTANTS | {"version": 2})
    assert (again["version"], again["start_date"]) == (2, AS_INSTANTS["start_date"])
    open_end = await changed(shop, f"/v1/campaigns/{campaign['id']}", {"expiration_date": None})
    assert (open_end["start_date"], open_end["expiration_date"]) == (
        AS_INSTANTS["start_date"],
        None,
    )


async def test_a_code_may_repeat_its_campaigns_days(shop: Shop) -> None:
    campaign = await shop.campaign(**DAY)
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/EASTER")

    same = await shop.call("PUT", "/v1/vouchers/EASTER", DAY)
    other = await shop.call("PUT", "/v1/vouchers/EASTER", {"start_date": "2026-03-28"})

    assert (same.status_code, other.status_code) == (200, 400)
    assert ".start_date:" in other.json()["message"]


async def test_days_are_those_of_the_zone_that_the_project_has_then(shop: Shop) -> None:
    before = await shop.campaign(name="Before", **DAY)
    await changed(shop, "/v1/project", {"time_zone": "America/New_York"})
    after = await shop.campaign(name="After", **DAY)
    stays = (await shop.call("GET", f"/v1/campaigns/{before['id']}")).json()

    assert after["start_date"] == "2026-03-29T04:00:00.000Z"
    assert stays.items() >= AS_INSTANTS.items()


async def test_a_preview_speaks_of_the_same_day(shop: Shop) -> None:
    answer = await shop.call("POST", "/v1/campaigns/preview", a_campaign_body(**DAY))

    assert answer.json()["problems"] == []
    assert answer.json()["last_accepted"]["local"] == "2026-03-29T23:59:59.999+02:00"


@pytest.mark.parametrize("path", ["/v1/campaigns", "/v1/vouchers"])
async def test_an_end_before_its_beginning_is_refused(shop: Shop, path: str) -> None:
    dates = {"start_date": "2026-03-29", "expiration_date": "2026-03-28"}
    body = (a_campaign_body() if "campaigns" in path else BODY) | dates

    answer = await shop.call("POST", path, body)

    assert answer.status_code == 400
    assert "expiration_date" in answer.json()["message"]
