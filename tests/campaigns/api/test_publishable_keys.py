"""Publishable keys: for pages of some origins, with scopes of their own."""

from typing import Any

import pytest
from kit.campaigns_samples import Shop, outbox_of

from contracts.projects import ProjectChanged

SHOP = "https://shop.example"


async def test_a_publishable_key_is_for_some_origins_and_told_to_redemption(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    body = {"name": "Web", "scopes": ["client_validations"], "origins": [SHOP, "http://a:8080"]}

    made = await deaf_shop.made("/v1/keys", body)
    listed = (await deaf_shop.call("GET", "/v1/keys")).json()["keys"]

    assert made["origins"] == body["origins"]
    assert [each["origins"] for each in listed] == [[], body["origins"]]
    told = [m["value"] for m in await outbox_of(campaigns_db) if m["topic"].endswith("projects.v1")]
    keys = {key.id: key for key in ProjectChanged.model_validate_json(told[-1]).data.keys}
    assert keys[made["app_id"]].origins == tuple(body["origins"])
    assert keys[deaf_shop.key_id].origins == ()


async def test_it_opens_nothing_here(deaf_shop: Shop) -> None:
    body = {"name": "Web", "scopes": ["client_redemptions"], "origins": [SHOP]}
    made = await deaf_shop.made("/v1/keys", body)
    headers = {"X-App-Id": made["app_id"], "X-App-Token": made["app_token"]}

    for path in ("/v1/campaigns", "/v1/vouchers", "/v1/project", "/v1/keys", "/v1/portal"):
        assert (await deaf_shop.http.get(path, headers=headers)).status_code == 403, path


@pytest.mark.parametrize(
    "wrong",
    [
        {"origins": None},
        {"origins": []},
        {"origins": ["shop.example"]},
        {"origins": [f"{SHOP}/"]},
        {"origins": [f"{SHOP}/cart"]},
        {"origins": ["*"]},
        {"origins": ["https://*.shop.example"]},
        {"origins": ["null"]},
        {"origins": [f"https://{n}.example" for n in range(21)]},
        {"scopes": ["client_validations", "redemptions"]},
        {"scopes": ["redemptions"]},
    ],
)
async def test_what_is_neither_publishable_nor_secret_is_refused(
    deaf_shop: Shop, wrong: dict[str, Any]
) -> None:
    body = {"name": "Web", "scopes": ["client_validations"], "origins": [SHOP]} | wrong

    answer = await deaf_shop.call("POST", "/v1/keys", body)

    assert answer.status_code == 400, answer.text
    assert "origins" in answer.text or "publishable" in answer.text
