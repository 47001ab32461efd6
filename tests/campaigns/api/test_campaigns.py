from typing import Any
from urllib.parse import quote

import asyncpg
from kit.campaigns_samples import FIVE_OFF, Shop, a_campaign_body, outbox_of

from contracts.campaigns import CampaignChanged


async def test_the_least_that_a_client_sends_makes_a_campaign(shop: Shop) -> None:
    made = await shop.campaign()

    assert made["object"] == "campaign"
    assert (made["type"], made["campaign_type"]) == ("AUTO_UPDATE", "DISCOUNT_COUPONS")
    assert made["voucher"]["discount"] == FIVE_OFF
    assert made["voucher"]["redemption"] == {"quantity": None, "quantity_given": False}
    assert isinstance(made["voucher"]["code_config"], dict)
    assert (made["partner"], made["channel"]) == ("Direct", "direct")
    assert made["active"] is True
    assert made["category"] is None


async def test_null_is_no_partner_and_no_channel_as_the_page_says(shop: Shop) -> None:
    absent = await shop.campaign(name="A")
    null = await shop.campaign(name="B", partner_id=None, channel=None)
    page = (await shop.http.get("/openapi/campaigns.json")).json()
    fields = page["components"]["schemas"]["NewCampaign"]["properties"]

    assert (null["partner"], null["channel"]) == ("Direct", "direct")
    assert null["partner_id"] == absent["partner_id"]
    assert '"Direct"' in fields["partner_id"]["description"]
    assert '"direct"' in fields["channel"]["description"]


async def test_campaigns_without_a_partner_share_one(shop: Shop) -> None:
    first, second = await shop.campaign(name="A"), await shop.campaign(name="B")

    assert first["partner_id"] == second["partner_id"]


async def test_everything_that_was_agreed_is_kept_and_told(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    shop = deaf_shop
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    category = await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 1})
    agreed: dict[str, Any] = {
        "description": "for readers",
        "contract_notes": "see contract 7",
        "deal_url": "https://blog.example/deal",
        "landing_url": "https://shop.example/winter",
        "partner_id": partner["id"],
        "channel": "newsletter",
        "total_limit": 1000,
        "per_customer_limit": 1,
        "commission_plan": {
            "share_basis_points": 500,
            "flat_minor": 100,
            "new_customer_bonus_minor": 300,
        },
        "margin_basis_points": 3000,
        "metadata": {"season": "winter"},
    }

    made = await shop.campaign(
        start_date="2026-11-01",
        expiration_date="2026-12-01T12:00:00.123456+00:00",
        category_id=category["id"],
        **agreed,
    )

    assert made.items() >= agreed.items()
    assert made["start_date"] == "2026-10-31T23:00:00.000Z"
    assert made["expiration_date"] == "2026-12-01T12:00:00.123Z"
    assert made["category"] == "Winter"
    [row] = [r for r in await outbox_of(campaigns_db) if r["topic"] == "coupons.campaigns.v1"]
    told = CampaignChanged.model_validate_json(row["value"])
    assert row["key"].decode() == told.data.id == made["id"]
    assert told.projectid == shop.project_id
    assert told.data.partner.name == "Blog"
    assert told.data.category is not None
    assert told.data.commission_plan.model_dump() == agreed["commission_plan"]
    assert (told.data.terms.limits.total, told.data.terms.limits.per_customer) == (1000, 1)
    assert (told.data.currency, told.data.version, told.data.active) == ("EUR", 1, True)


async def test_a_campaign_is_found_by_id_and_by_any_name(shop: Shop) -> None:
    made = await shop.campaign(name="Winter / 10 % off?")

    by_name = await shop.call("GET", f"/v1/campaigns/{quote(made['name'], safe='')}")

    assert by_name.json() == made
    assert (await shop.call("GET", f"/v1/campaigns/{made['id']}")).json() == made


async def test_put_changes_what_is_named_and_nothing_else(shop: Shop) -> None:
    category = await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 1})
    made = await shop.campaign(
        description="old",
        total_limit=5,
        start_date="2026-01-01",
        category_id=category["id"],
        metadata={"a": 1},
        commission_plan={"flat_minor": 7},
    )

    answer = await shop.call(
        "PUT",
        f"/v1/campaigns/{made['id']}",
        {
            "total_limit": None,
            "expiration_date": "2027-01-01",
            "metadata": {"b": 2},
            "discount": {"type": "PERCENT", "percent_off": 15.5},
        },
    )

    changed = answer.json()
    expected = made | {
        "total_limit": None,
        "expiration_date": "2027-01-01T23:00:00.000Z",
        "metadata": {"a": 1, "b": 2},
        "version": 2,
        "updated_at": changed["updated_at"],
        "voucher": made["voucher"]
        | {
            "discount": {
                "type": "PERCENT",
                "percent_off": 15.5,
                "amount_limit": None,
                "aggregated_amount_limit": None,
                "effect": "APPLY_TO_ORDER",
            }
        },
    }
    assert changed == expected


async def test_what_a_put_does_not_know_or_never_changes_is_refused_and_changes_nothing(
    shop: Shop,
) -> None:
    made = await shop.campaign()
    path = f"/v1/campaigns/{made['id']}"

    for name in ("channel", "total_limitt"):
        answer = await shop.call("PUT", path, {"description": "changed", name: "Another"})

        assert answer.status_code == 400, answer.text
        assert f".{name}:" in answer.json()["message"]
        assert (await shop.call("GET", path)).json() == made

    answer = await shop.call("PUT", path, made | {"description": "read, changed, sent back"})
    assert answer.json()["description"] == "read, changed, sent back"


async def test_a_campaign_goes_live_inactive_and_is_switched_by_put(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    made = await shop.campaign(active=False)
    path = f"/v1/campaigns/{made['id']}"
    assert made["active"] is False

    on = await shop.call("PUT", path, {"active": True})
    kept = await shop.call("PUT", path, {"description": "only this", "active": None})
    off = await shop.call("PUT", path, {"active": False, "total_limit": 5})

    assert [answer.json()["active"] for answer in (on, kept, off)] == [True, True, False]
    assert off.json()["total_limit"] == 5
    applied = await pool.fetchval(
        "SELECT version FROM applied_versions WHERE kind = 'campaign' AND id = $1", made["id"]
    )
    assert applied == off.json()["version"]


async def test_a_put_that_switches_off_is_no_success_before_it_is_enforced(deaf_shop: Shop) -> None:
    made = await deaf_shop.campaign()

    answer = await deaf_shop.call("PUT", f"/v1/campaigns/{made['id']}", {"active": False})

    assert (answer.status_code, answer.json()["key"]) == (503, "not_enforced_yet")


async def test_a_switch_takes_no_wishes(shop: Shop) -> None:
    campaign = await shop.campaign()
    voucher = await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/WINTER")
    no_wishes: list[Any] = [{}, None]

    for path in (f"/v1/campaigns/{campaign['id']}", f"/v1/vouchers/{voucher['id']}"):
        for switch in ("disable", "enable"):
            refused = await shop.call("POST", f"{path}/{switch}", {"at": "2099-01-01"})
            assert (refused.status_code, refused.json()["key"]) == (400, "invalid_payload")
            assert ".at: is unknown" in refused.json()["message"]
            for body in no_wishes:
                assert (await shop.call("POST", f"{path}/{switch}", body)).status_code == 200


async def test_a_category_named_twice_has_to_be_one(shop: Shop) -> None:
    winter = await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 1})
    await shop.made("/v1/categories", {"name": "Summer", "hierarchy": 2})
    made = await shop.campaign(category="Winter", category_id=winter["id"])

    answer = await shop.call("PUT", f"/v1/campaigns/{made['id']}", made | {"category": "Summer"})

    assert (answer.status_code, made["category"]) == (400, "Winter")
    assert ".category" in answer.json()["message"]


async def test_a_category_can_be_taken_off(shop: Shop) -> None:
    await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 1})
    made = await shop.campaign(category="Winter")

    answer = await shop.call("PUT", f"/v1/campaigns/{made['id']}", {"category_id": None})

    assert answer.json()["category"] is None


async def test_lists_come_in_pages_newest_first(shop: Shop) -> None:
    for name in "ABC":
        await shop.campaign(name=name)

    first = (await shop.call("GET", "/v1/campaigns?limit=2")).json()
    second = (await shop.call("GET", "/v1/campaigns?limit=2&page=2")).json()
    beyond = (await shop.call("GET", "/v1/campaigns?page=3")).json()
    oldest = (await shop.call("GET", "/v1/campaigns?order=created_at")).json()

    assert first["object"] == "list"
    assert first["data_ref"] == "campaigns"
    assert [each["name"] for each in first["campaigns"]] == ["C", "B"]
    assert [each["name"] for each in second["campaigns"]] == ["A"]
    assert (beyond["campaigns"], beyond["total"]) == ([], 3)
    assert [each["name"] for each in oldest["campaigns"]] == ["A", "B", "C"]


async def test_a_page_that_cannot_be_is_refused(shop: Shop) -> None:
    for query in ("limit=101", "limit=0", "page=0", "limit=x", "order=colour"):
        answer = await shop.call("GET", f"/v1/campaigns?{query}")

        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params"), query


DISCOUNT = {"type": "AMOUNT", "amount_off": 1}


def worth(**discount: object) -> dict[str, Any]:
    return {"voucher": {"type": "DISCOUNT_VOUCHER", "discount": discount}}


def recurring(interval: object, duration: object) -> dict[str, Any]:
    timeframe = {"interval": interval, "duration": duration}
    return {"start_date": "2026-01-01", "validity_timeframe": timeframe}


def daily(begin: str, end: str, on: list[int] | None = None) -> dict[str, Any]:
    hours = {"start_time": begin, "expiration_time": end, "days_of_week": on}
    return {"validity_hours": {"daily": [hours]}}


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"name": None}, "name"),
    ({"name": "a\0b"}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "camp_" + "x" * 24}, "name"),
    ({"total_limitt": 5}, "total_limitt"),
    ({"commission_plan": {"percent": 5}}, "commission_plan.percent"),
    ({"voucher": None}, "voucher"),
    ({"voucher": {"type": "GIFT_VOUCHER", "gift": {"amount": 1}}}, "voucher.type"),
    ({"voucher": {"type": "DISCOUNT_VOUCHER"}}, "voucher.discount"),
    (worth(type="AMOUNT", amount_off=-1), "voucher.discount.amount_off"),
    (worth(type="AMOUNT", amount_off=1.5), "voucher.discount.amount_off"),
    (worth(type="AMOUNT", amount_off="1"), "voucher.discount.amount_off"),
    (worth(type="AMOUNT", amount_off=10**30), "voucher.discount.amount_off"),
    (worth(type="AMOUNT"), "voucher.discount.amount_off"),
    (worth(type="PERCENT", percent_off=101), "voucher.discount.percent_off"),
    (worth(type="PERCENT", percent_off=10, amount_limit=-5), "amount_limit"),
    (worth(type="AMOUNT", amount_off=10, amount_limit=5), "amount_limit"),
    (worth(type="FIXED"), "voucher.discount.fixed_amount"),
    (worth(type="FIXED", fixed_amount=1.5), "voucher.discount.fixed_amount"),
    (worth(type="UNIT", unit_off=1), "voucher.discount"),
    (worth(**DISCOUNT, effect="ADD_NEW_ITEMS"), "voucher.discount.effect"),
    ({"applicable_to": {"included_all": False}}, "applicable_to"),
    ({"applicable_to": {"included": [{"object": "sku"}]}}, "applicable_to.included.0.id"),
    ({"start_date": "soon"}, "start_date"),
    ({"start_date": "2026-02-02", "expiration_date": "2026-02-01"}, "expiration_date"),
    ({"total_limit": -1}, "total_limit"),
    ({"total_limit": 2**60}, "total_limit"),
    ({"per_customer_limit": True}, "per_customer_limit"),
    ({"limits": [{"of": "shop", "per": "day", "redemptions": 1}]}, "limits.0.of"),
    ({"limits": [{"of": "code", "per": "year", "redemptions": 1}]}, "limits.0.per"),
    (
        {"limits": [{"of": "code", "per": "day"}]},
        "one of redemptions, discount_amount, orders_amount",
    ),
    ({"limits": [{"of": "code", "redemptions": 1, "discount_amount": 1}]}, "limits.0"),
    ({"limits": [{"of": "campaign", "redemptions": 1}]}, "total_limit"),
    ({"limits": [{"of": "customer", "redemptions": 1}]}, "per_customer_limit"),
    ({"limits": [{"of": "code", "redemptions": 1}]}, "voucher.redemption.quantity"),
    ({"limits": [{"of": "code", "per": "day", "redemptions": n} for n in (1, 2)]}, "limits"),
    ({"limits": [{"of": "code", "per": "day", "orders": 1}]}, "limits.0.orders"),
    ({"commission_plan": {"share_basis_points": 10_001}}, "share_basis_points"),
    ({"margin_basis_points": -1}, "margin_basis_points"),
    ({"landing_url": "javascript:alert(1)"}, "landing_url"),
    ({"metadata": {"a": "\0"}}, "metadata"),
    ({"metadata": []}, "metadata"),
    ({"vouchers_count": -1}, "vouchers_count"),
    ({"type": "WEEKLY"}, "type"),
    ({"validity_day_of_week": [7]}, "validity_day_of_week"),
    ({"validity_day_of_week": [1, 1]}, "validity_day_of_week"),
    ({"validity_hours": {"daily": []}}, "validity_hours.daily"),
    (
        {"validity_hours": {"daily": [{"start_time": "9", "expiration_time": "10:00"}]}},
        "start_time",
    ),
    (
        {"validity_hours": {"daily": [{"start_time": "09:00", "expiration_time": "09:00"}]}},
        "daily.0",
    ),
    ({"validity_timeframe": {"interval": "P1D", "duration": "PT1H"}}, "start_date"),
    (recurring("P1M", "PT1H"), "validity_timeframe.interval"),
    (recurring("PT1H", "PT2H"), "validity_timeframe"),
    (recurring("P1D", "PT0S"), "validity_timeframe.duration"),
    (recurring(86400, "PT1H"), "validity_timeframe.interval"),
    ({"validity_day_of_week": [1]} | daily("09:00", "12:00", on=[2]), "validity_hours"),
    ({"start_date": "2026-12-04", "expiration_date": "2026-12-03T23:00:00Z"}, "expiration_date"),
    (
        {"start_date": "2026-12-04", "expiration_date": "2026-12-05", "validity_day_of_week": [1]},
        "expiration_date",
    ),
    ({"validation_rules": "val_1"}, "validation_rules"),
    ({"validation_rules": ["val_1"] * 11}, "validation_rules"),
]


async def test_a_malformed_campaign_is_refused_by_its_fields_name(shop: Shop) -> None:
    for overrides, field in MALFORMED:
        answer = await shop.call("POST", "/v1/campaigns", a_campaign_body(**overrides))

        error = answer.json()
        assert (answer.status_code, error["key"]) == (400, "invalid_payload"), overrides
        assert error["code"] == 400
        assert field in error["message"] + error.get("details", ""), overrides


UNKNOWN: list[tuple[dict[str, Any], str]] = [
    ({"partner_id": "part_unknown"}, "partner"),
    ({"category_id": "cat_unknown"}, "category"),
    ({"category": "unknown"}, "category"),
]


async def test_what_a_campaign_refers_to_must_exist(shop: Shop) -> None:
    for overrides, resource in UNKNOWN:
        answer = await shop.call("POST", "/v1/campaigns", a_campaign_body(**overrides))

        assert (answer.status_code, answer.json()["key"]) == (404, "not_found"), overrides
        assert answer.json()["resource_type"] == resource


async def test_names_of_campaigns_are_unique_in_a_project(shop: Shop, rival: Shop) -> None:
    await shop.campaign()
    await rival.campaign()

    answer = await shop.call("POST", "/v1/campaigns", a_campaign_body())

    assert (answer.status_code, answer.json()["key"]) == (409, "duplicate_found")


async def test_a_change_may_not_leave_a_campaign_that_is_never_open(shop: Shop) -> None:
    on_tuesdays = daily("09:00", "12:00", on=[2])
    made = await shop.campaign(**on_tuesdays)
    campaign = f"/v1/campaigns/{made['id']}"

    answer = await shop.call("PUT", campaign, {"validity_day_of_week": [1]})

    error = answer.json()
    assert (answer.status_code, error["key"]) == (400, "invalid_payload")
    assert "Property .validity_hours: none" in error["message"]
    assert ".validity_day_of_week" in error["message"]
    assert "Mon; Tue 09:00 to 12:00 (Europe/Berlin)" in error["details"]
    shown = await shop.call("GET", campaign)
    assert shown.json()["validity_day_of_week"] is None


async def test_a_campaign_that_a_new_zone_closed_for_ever_can_still_be_switched_off(
    shop: Shop,
) -> None:
    friday = {"start_date": "2026-12-04", "expiration_date": "2026-12-04T01:00:00Z"}
    made = await shop.campaign(**friday, validity_day_of_week=[5])
    await shop.call("PUT", "/v1/project", {"time_zone": "America/New_York"})  # Thursday there
    campaign = f"/v1/campaigns/{made['id']}"

    renamed = await shop.call("PUT", campaign, {"description": "over", "active": False})
    moved = await shop.call("PUT", campaign, {"expiration_date": "2026-12-04T02:00:00Z"})

    assert (renamed.status_code, renamed.json()["active"]) == (200, False)
    assert moved.status_code == 400
    assert "Property .expiration_date" in moved.json()["message"]


async def test_a_change_may_not_turn_the_campaigns_time_round(shop: Shop) -> None:
    made = await shop.campaign(start_date="2026-06-01")

    answer = await shop.call(
        "PUT", f"/v1/campaigns/{made['id']}", {"expiration_date": "2026-05-01"}
    )

    assert answer.status_code == 400
    assert "expiration_date" in answer.json()["message"]
