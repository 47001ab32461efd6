"""What a campaign would be, while it is being written."""

from typing import Any

import asyncpg
import pytest
from kit.campaigns_samples import Shop, a_campaign_body

from campaigns.previews.estimates import in_words

PATH = "/v1/campaigns/preview"


async def preview(shop: Shop, body: dict[str, Any]) -> dict[str, Any]:
    answer = await shop.call("POST", PATH, body)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def fields(shown: dict[str, Any]) -> list[str]:
    return [each["field"] for each in shown["problems"]]


async def test_a_whole_campaign_is_shown_as_it_would_be(shop: Shop) -> None:
    body = a_campaign_body(
        voucher={
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "PERCENT", "percent_off": 10},
            "code_config": {"prefix": "AUTUMN-", "length": 4},
        },
        expiration_date="2026-12-01T00:00:00+01:00",
        total_limit=500,
        commission_plan={"share_basis_points": 500, "new_customer_bonus_minor": 300},
        sample_order_minor=4995,
    )

    shown = await preview(shop, body)

    codes = shown.pop("sample_codes")
    assert len(codes) == 5
    assert all(code.startswith("AUTUMN-") and len(code) == 11 for code in codes)
    assert shown == {
        "object": "campaign_preview",
        "problems": [],
        "code_space": {"size": "14776336", "words": "14.8 million", "bits": 23.8},
        "sample": {
            "order_minor": 4995,
            "discount_minor": 500,
            "to_pay_minor": 4495,
            "offer_text": "10 % off",
        },
        "commission": {
            "known_customer_minor": 225,
            "new_customer_minor": 525,
            "text": "5 % of the net + 3.00 EUR per new customer",
        },
        "last_accepted": {
            "at": "2026-11-30T22:59:59.999Z",
            "local": "2026-11-30T23:59:59.999+01:00",
            "time_zone": "Europe/Berlin",
        },
        "if_all_used": {
            "uses": 500,
            "discount_minor": 250_000,
            "commission_minor": 262_500,
            "cost_minor": 512_500,
        },
        "currency": "EUR",
        "minor_units": 2,
    }


async def test_nothing_at_all_is_no_problem(shop: Shop) -> None:
    shown = await preview(shop, {})

    assert shown["problems"] == []
    assert len(shown["sample_codes"]) == 5
    assert shown["code_space"]["bits"] > 60
    for absent in ("sample", "commission", "last_accepted", "if_all_used"):
        assert shown[absent] is None


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"name": " "}, "name", "nothing but blanks"),
        ({"name": "camp_" + "x" * 24}, "name", "may not look like the id"),
        ({"name": "Taken"}, "name", "is the name of a campaign already"),
        ({"total_limit": -1}, "total_limit", "greater than or equal to 0"),
        ({"total_limit": "5"}, "total_limit", "valid integer"),
        ({"color": "red"}, "color", "is unknown, known are"),
        ({"start_date": "tomorrow"}, "start_date", "ISO 8601"),
        (
            {"start_date": "2026-12-01", "expiration_date": "2026-11-01"},
            "expiration_date",
            "should be after",
        ),
        (
            {"validity_timeframe": {"interval": "P7D", "duration": "P1D"}},
            "validity_timeframe",
            "needs a .start_date",
        ),
        (
            {
                "start_date": "2026-12-04",
                "expiration_date": "2026-12-04",
                "validity_day_of_week": [1],
            },
            "expiration_date",
            "between .start_date and it: move one of the dates",
        ),
        ({"limits": [{"of": "code", "per": "day"}]}, "limits.0", "should have one of"),
        ({"landing_url": "javascript:alert(1)"}, "landing_url", "http or https"),
        ({"partner_id": "part_none"}, "partner_id", "is no partner's"),
        ({"category": "None"}, "category", "Cannot find category"),
        ({"validation_rules": ["x"]}, "validation_rules", "Cannot find validation_rules"),
        (
            {"voucher": {"discount": {"type": "PERCENT", "percent_off": 101}}},
            "voucher.discount.percent_off",
            "less than or equal to 100",
        ),
        (
            {"voucher": {"discount": {"type": "GIFT", "amount": 1}}},
            "voucher.discount",
            "GIFT",
        ),
        ({"voucher": {"code_config": {"charset": "A"}}}, "voucher.code_config", "two characters"),
        (
            {"voucher": {"code_config": {"length": 2}}, "vouchers_count": 1000},
            "voucher.code_config",
            "make them longer",
        ),
        ({"voucher": "BLOG"}, "voucher", "valid dictionary"),
        ({"type": "STANDALONE", "vouchers_count": 2}, "vouchers_count", "has one code"),
        (
            {"commission_plan": {"share_basis_points": 10_001}},
            "commission_plan.share_basis",
            "10000",
        ),
        ({"sample_order_minor": -5}, "sample_order_minor", "0 or more"),
        ({"sample_order_minor": True}, "sample_order_minor", "0 or more"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_and_the_rest_is_shown(
    shop: Shop, body: dict[str, Any], field: str, message: str
) -> None:
    await shop.campaign(name="Taken")

    shown = await preview(shop, {"per_customer_limit": 1} | body)

    [problem] = shown["problems"]
    assert problem["field"].startswith(field)
    assert message in problem["message"]
    assert shown["currency"] == "EUR"


async def test_one_fault_hides_no_other_and_no_sound_part(shop: Shop) -> None:
    body = {
        "name": "",
        "voucher": {
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "AMOUNT", "amount_off": 500},
            "code_config": {"prefix": " A", "length": 0},
        },
        "expiration_date": "never",
        "total_limit": 10,
        "sample_order_minor": 400,
    }

    shown = await preview(shop, body)

    assert sorted(fields(shown)) == [
        "expiration_date",
        "name",
        "voucher.code_config.length",
        "voucher.code_config.prefix",
    ]
    assert shown["sample"]["discount_minor"] == 400  # never more than the order
    assert shown["if_all_used"]["cost_minor"] == 4000


@pytest.mark.parametrize(
    ("limits", "uses"),
    [
        ([{"of": "campaign", "discount_amount": 2999}], 5),  # of 5.00 each
        ([{"of": "campaign", "discount_amount": 9999}], 10),  # the other limit is lower
        ([{"of": "campaign", "per": "day", "discount_amount": 2999}], 10),
        ([{"of": "customer", "discount_amount": 2999}], 10),
    ],
)
async def test_a_budget_bounds_what_a_campaign_costs(
    shop: Shop, limits: list[dict[str, Any]], uses: int
) -> None:
    discount = {"type": "AMOUNT", "amount_off": 500}
    body = {"total_limit": 10, "limits": limits, "sample_order_minor": 4000}
    body["voucher"] = {"type": "DISCOUNT_VOUCHER", "discount": discount}

    shown = await preview(shop, body)

    assert shown["problems"] == []
    assert shown["if_all_used"]["uses"] == uses


@pytest.mark.parametrize(
    "discount", [{}, {"type": "AMOUNT"}, {"type": "PERCENT"}, {"amount_off": 5}, None]
)
async def test_a_discount_that_is_half_written_is_no_problem_and_shows_none(
    shop: Shop, discount: dict[str, Any] | None
) -> None:
    body = {"voucher": {"discount": discount}, "sample_order_minor": 1000}

    shown = await preview(shop, body)

    assert (shown["problems"], shown["sample"]) == ([], None)


async def test_a_limit_of_each_code_limits_all_where_their_number_is_said(shop: Shop) -> None:
    voucher = {
        "type": "DISCOUNT_VOUCHER",
        "discount": {"type": "AMOUNT", "amount_off": 100},
    }
    body = {"voucher": voucher, "sample_order_minor": 1000, "vouchers_count": 50}

    drawn = await preview(shop, body)
    thrice = await preview(shop, body | {"voucher": voucher | {"redemption": {"quantity": 3}}})
    endless = await preview(shop, body | {"voucher": voucher | {"redemption": {"quantity": None}}})

    assert drawn["if_all_used"]["uses"] == 50
    assert thrice["if_all_used"]["uses"] == 150
    assert endless["if_all_used"] is None


async def test_a_preview_changes_nothing(shop: Shop, pool: asyncpg.Pool) -> None:
    before = await pool.fetchval("SELECT count(*) FROM campaigns")

    await preview(shop, a_campaign_body(partner_id=None, vouchers_count=5, category=None))

    assert await pool.fetchval("SELECT count(*) FROM campaigns") == before
    assert (await shop.call("GET", "/v1/partners")).json()["total"] == 0  # not even "Direct"


async def test_another_projects_things_are_not_known(shop: Shop, rival: Shop) -> None:
    partner = (await shop.made("/v1/partners", {"name": "Blog"}))["id"]
    await shop.campaign(name="Mine", partner_id=partner)

    shown = await preview(rival, {"name": "Mine", "partner_id": partner})

    assert fields(shown) == ["partner_id"]


async def test_what_is_no_object_is_refused(shop: Shop) -> None:
    bodies: list[Any] = [[], "x", 5]
    for body in bodies:
        assert (await shop.call("POST", PATH, body)).status_code == 400


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1"),
        (999, "999"),
        (1000, "1 thousand"),
        (1234, "1.23 thousand"),
        (14_776_336, "14.8 million"),
        (999_600, "1 million"),
        (62**11, "52 quintillion"),
        (10**35, "100 decillion"),
        (62**100, "about 10^179"),
    ],
)
def test_large_numbers_are_said_in_words(number: int, words: str) -> None:
    assert in_words(number) == words
