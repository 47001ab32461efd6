import pytest
from kit.campaigns_samples import Shop

from campaigns.categories import verbs


async def test_a_category_comes_and_goes(shop: Shop) -> None:
    made = await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 2})
    path = f"/v1/categories/{made['id']}"

    changed = await shop.call("PUT", path, {"name": "Cold", "hierarchy": 1})
    listed = (await shop.call("GET", "/v1/categories")).json()

    assert changed.json()["name"] == "Cold"
    assert (listed["data_ref"], listed["total"], listed["data"]) == ("data", 1, [changed.json()])
    assert (await shop.call("DELETE", path)).status_code == 204
    assert (await shop.call("GET", path)).status_code == 404


async def test_a_category_that_a_campaign_is_in_stays(shop: Shop) -> None:
    made = await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 2})
    await shop.campaign(category="Winter")

    answer = await shop.call("DELETE", f"/v1/categories/{made['id']}")

    assert (answer.status_code, answer.json()["key"]) == (400, "resource_in_use")


async def test_a_change_needs_both_fields(shop: Shop) -> None:
    made = await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 2})

    answer = await shop.call("PUT", f"/v1/categories/{made['id']}", {"name": "Cold"})

    assert answer.status_code == 400
    assert "hierarchy" in answer.json()["message"]


async def test_a_project_has_no_more_categories_than_a_list_shows(
    shop: Shop, rival: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "MOST_CATEGORIES", 2)
    await rival.made("/v1/categories", {"name": "Winter", "hierarchy": 1})
    made = [
        await shop.made("/v1/categories", {"name": name, "hierarchy": 1}) for name in ("A", "B")
    ]

    answer = await shop.call("POST", "/v1/categories", {"name": "C", "hierarchy": 1})
    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")

    await shop.call("DELETE", f"/v1/categories/{made[0]['id']}")
    await shop.made("/v1/categories", {"name": "C", "hierarchy": 1})
