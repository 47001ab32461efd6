"""Codes that no campaign was made for: each has a campaign of its own, which nobody sees."""

from typing import Any

import asyncpg
import pytest
from kit.campaigns_samples import Shop, a_campaign_body, outbox_of

from contracts.campaigns import CampaignChanged
from contracts.discounts import PercentOff
from contracts.vouchers import VoucherChanged

TEN: dict[str, Any] = {"type": "PERCENT", "percent_off": 10}
BODY: dict[str, Any] = {"type": "DISCOUNT_VOUCHER", "discount": TEN}


async def test_a_code_with_terms_of_its_own_is_made_at_either_path(shop: Shop) -> None:
    by_path = await shop.made("/v1/vouchers/SPRING", BODY | {"code": "SPRING"})
    in_body = await shop.made("/v1/vouchers", BODY | {"code": "SUMMER"})
    drawn = await shop.made("/v1/vouchers/", BODY)
    looking = await shop.made("/v1/vouchers", BODY | {"code_config": {"pattern": "X-########"}})

    assert (by_path["code"], in_body["code"]) == ("SPRING", "SUMMER")
    assert (by_path["campaign"], by_path["standalone"]) == (None, True)
    assert by_path["discount"] == TEN | {
        "amount_limit": None,
        "aggregated_amount_limit": None,
        "effect": "APPLY_TO_ORDER",
    }
    assert by_path["redemption"]["quantity"] is None
    assert (len(drawn["code"]), drawn["redemption"]["quantity"]) == (11, 1)
    assert looking["code"].startswith("X-")
    assert (await shop.call("GET", "/v1/vouchers/SPRING")).json() == by_path


async def test_all_that_was_asked_of_it_is_kept_and_told(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    partner = await deaf_shop.made("/v1/partners", {"name": "Blog"})
    await deaf_shop.made("/v1/categories", {"name": "Winter", "hierarchy": 1})

    made = await deaf_shop.made(
        "/v1/vouchers/WINTER",
        BODY
        | {
            "start_date": "2026-11-01",
            "expiration_date": "2026-12-01",
            "per_customer_limit": 1,
            "redemption": {"quantity": 5},
            "active": False,
            "category": "Winter",
            "metadata": {"a": 1},
            "partner_id": partner["id"],
            "channel": "newsletter",
            "commission_plan": {"flat_minor": 30},
            "margin_basis_points": 2000,
        },
    )

    assert (made["active"], made["category"], made["metadata"]) == (False, "Winter", {"a": 1})
    assert made["expiration_date"] == "2026-12-01T23:00:00.000Z"
    told = {row["topic"]: row["value"] for row in await outbox_of(campaigns_db)}
    campaign = CampaignChanged.model_validate_json(told["coupons.campaigns.v1"]).data
    voucher = VoucherChanged.model_validate_json(told["coupons.vouchers.v1"]).data
    assert (campaign.id, campaign.name) == (made["campaign_id"], "WINTER")
    assert (campaign.partner.name, campaign.channel) == ("Blog", "newsletter")
    assert (campaign.commission_plan.flat_minor, campaign.margin_basis_points) == (30, 2000)
    assert (campaign.active, campaign.terms.limits.per_customer) == (True, 1)
    assert (voucher.active, voucher.quantity, voucher.campaign_id) == (False, 5, campaign.id)


async def test_its_own_terms_are_changed_where_it_is(deaf_shop: Shop, campaigns_db: str) -> None:
    await deaf_shop.made("/v1/categories", {"name": "Winter", "hierarchy": 1})
    made = await deaf_shop.made("/v1/vouchers/SPRING", BODY)

    answer = await deaf_shop.call(
        "PUT",
        "/v1/vouchers/SPRING",
        {
            "discount": {"type": "PERCENT", "percent_off": 20},
            "expiration_date": "2026-12-01",
            "category": "Winter",
            "redemption": {"quantity": 3},
        },
    )

    changed = answer.json()
    assert answer.status_code == 200, answer.text
    assert changed["discount"]["percent_off"] == 20
    assert (changed["category"], changed["redemption"]["quantity"]) == ("Winter", 3)
    assert (made["version"], changed["version"]) == (1, 2)
    told = [
        row for row in await outbox_of(campaigns_db) if row["key"] == made["campaign_id"].encode()
    ]
    terms = CampaignChanged.model_validate_json(told[-1]["value"]).data.terms
    assert terms.discount == PercentOff(basis_points=2000)
    [entry, _] = (await deaf_shop.call("GET", "/v1/vouchers/SPRING/history")).json()["data"]
    assert {change["field"] for change in entry["changes"]} == {
        "discount.percent_off",
        "expiration_date",
        "category",
        "category_id",
        "redemption.quantity",
    }
    again = await deaf_shop.call("PUT", "/v1/vouchers/SPRING", changed)
    assert again.json() == changed


async def test_its_campaign_is_in_no_list_and_has_no_name(shop: Shop) -> None:
    made = await shop.made("/v1/vouchers/SPRING", BODY)
    seen = await shop.campaign(name="SPRING")  # its name is not taken

    found = (await shop.call("GET", "/v1/campaigns/SPRING")).json()
    listed = (await shop.call("GET", "/v1/campaigns")).json()

    assert found["id"] == seen["id"] != made["campaign_id"]
    assert [each["id"] for each in listed["campaigns"]] == [seen["id"]]
    hidden = (await shop.call("GET", f"/v1/campaigns/{made['campaign_id']}")).json()
    assert (hidden["standalone"], hidden["type"]) == (True, "STANDALONE")
    more = await shop.call("POST", f"/v1/campaigns/{made['campaign_id']}/vouchers")
    assert (more.status_code, more.json()["key"]) == (400, "invalid_campaign")


async def test_a_code_may_join_a_campaign_by_this_path_too(shop: Shop) -> None:
    campaign = await shop.campaign()

    joined = await shop.made("/v1/vouchers/SPRING", {"campaign": "Winter deal", "active": False})
    own = await shop.call("POST", "/v1/vouchers/OTHER", BODY | {"campaign_id": campaign["id"]})

    assert (joined["campaign"], joined["standalone"], joined["active"]) == (
        "Winter deal",
        False,
        False,
    )
    assert own.status_code == 400
    assert ".discount: belongs to the campaign" in own.json()["message"]


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"discount": None}, "discount"),
        ({"type": "GIFT_VOUCHER", "gift": {"amount": 5}}, "type"),
        ({"gift": {"amount": 5}}, "gift"),
        ({"validity_hours": {"daily": []}}, "validity_hours"),
        (
            {
                "validity_day_of_week": [1],
                "validity_hours": {
                    "daily": [
                        {"start_time": "09:00", "expiration_time": "12:00", "days_of_week": [2]}
                    ]
                },
            },
            "validity_hours",
        ),
        ({"code": "ANOTHER"}, "code"),
        ({"code_config": {"length": 9}}, "code_config"),
        ({"colour": "red"}, "colour"),
        ({"start_date": "2026-02-01", "expiration_date": "2026-01-01"}, "expiration_date"),
    ],
)
async def test_what_cannot_be_asked_of_a_code_is_refused_by_name(
    shop: Shop, sent: dict[str, Any], named: str
) -> None:
    answer = await shop.call("POST", "/v1/vouchers/SPRING", BODY | sent)

    assert answer.status_code == 400, answer.text
    assert f".{named}" in answer.json()["message"]
    assert (await shop.call("GET", "/v1/vouchers/SPRING")).status_code == 404


async def test_a_code_that_there_is_already_is_refused_and_leaves_no_campaign(shop: Shop) -> None:
    first = await shop.made("/v1/vouchers/SPRING", BODY)

    again = await shop.call("POST", "/v1/vouchers/SPRING", BODY)

    assert (again.status_code, again.json()["key"]) == (409, "duplicate_found")
    entries = (await shop.call("GET", "/v1/audit?action=voucher.created")).json()["data"]
    assert [each["target"]["id"] for each in entries] == [first["id"]]


async def test_what_is_made_says_since_when_it_redeems_or_nothing_where_that_is_not_known(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    made = await shop.campaign()
    codes = f"/v1/campaigns/{made['id']}/vouchers"
    asked: list[tuple[str, str, Any]] = [
        ("POST", "/v1/campaigns", a_campaign_body(name="B")),
        ("POST", codes, None),
        ("POST", f"{codes}/FIXED", None),
        ("POST", "/v1/vouchers", BODY),
        ("POST", "/v1/vouchers/ALONE", BODY),
        ("PUT", "/v1/vouchers/ALONE", {"metadata": {"a": 1}, "total_limit": 5}),
        ("PUT", f"/v1/campaigns/{made['id']}", {"total_limit": 5}),
        ("POST", f"/v1/campaigns/{made['id']}/restore", None),
        ("POST", "/v1/vouchers/ALONE/restore", None),
    ]

    known = [(await shop.call(*each)).headers.get("X-Enforced-At", "") for each in asked]

    latest = await pool.fetchval("SELECT max(applied_at) FROM applied_versions")
    assert all(each.endswith("Z") for each in known), known
    assert max(known)[:23] == latest.isoformat()[:23]


async def test_what_is_not_known_to_redeem_yet_says_no_such_moment(deaf_shop: Shop) -> None:
    answers = [
        await deaf_shop.call("POST", "/v1/campaigns", a_campaign_body()),
        await deaf_shop.call("POST", "/v1/vouchers/ALONE", BODY),
        await deaf_shop.call("PUT", "/v1/vouchers/ALONE", {"metadata": {"a": 1}}),
        await deaf_shop.call("POST", "/v1/segments", {"name": "S", "type": "static"}),
    ]

    assert [each.status_code for each in answers] == [200, 200, 200, 200]
    assert [each.headers.get("X-Enforced-At") for each in answers] == [None, None, None, None]


async def test_a_changed_rule_or_segment_says_since_when_it_is_judged_by(
    shop: Shop,
) -> None:
    node = {"name": "order.amount", "conditions": {"$more_than": [1]}}
    body = {"name": "R", "rules": {"1": node, "logic": "1"}}
    rules, segment = "/v1/validation-rules", {"name": "S", "type": "static", "customers": ["ann"]}
    kept, alone = [await shop.made(rules, body) for _ in range(2)]
    await shop.campaign(name="Kept", validation_rules=[kept["id"]])
    made = await shop.call("POST", "/v1/segments", segment)
    change = {"error": {"message": "More"}}

    answers = [
        made,
        await shop.call("PUT", f"/v1/segments/{made.json()['id']}", {"customers": ["bob"]}),
        await shop.call("PUT", f"{rules}/{kept['id']}", change),
    ]
    of_nobody = await shop.call("PUT", f"{rules}/{alone['id']}", change)

    assert [each.status_code for each in [*answers, of_nobody]] == [200] * 4
    assert all(each.headers.get("X-Enforced-At", "").endswith("Z") for each in answers)
    assert "X-Enforced-At" not in of_nobody.headers
