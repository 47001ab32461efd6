"""The page that tries codes: what it asks, what it makes of the answer, and where it leads."""

import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from kit.visits import arranged

from console import query
from console.design.words import say
from console.pages.try_code import basket, routes, typed
from console.pages.try_code.view import answer, refused
from console.session.people import Project
from console.web import forms, frame
from console.web.conditions import Reader
from console.web.passing import FIELDS, passing

BERLIN = ZoneInfo("Europe/Berlin")
READER = Reader("EUR", BERLIN)
ORDER = {"amount": 5000, "total_discount_amount": 500, "total_applied_discount_amount": 500}
TAKEN = {"status": "APPLICABLE", "order": ORDER | {"total_amount": 4500}}
OFF = {"discount": {"type": "PERCENT", "percent_off": 10, "effect": "APPLY_TO_ORDER"}}
CAMPAIGN = {"campaign_id": "camp_1", "campaign_name": "Autumn"}
NOBODYS = {"campaign_id": None, "campaign_name": None}
ENDED: dict[str, Any] = {
    "key": "voucher_expired",
    "details": "was valid until 2026-10-31T23:00:00.000Z",
    "would_pass": {"ends_at": "2026-10-31T23:00:00.000Z"},
}


def passes(code: str = "AUTUMN10") -> dict[str, Any]:
    return {"id": code, "result": OFF} | TAKEN | CAMPAIGN


def fails(code: str, key: str, **more: Any) -> dict[str, Any]:
    error = {"key": key, "details": code} | more
    whose = NOBODYS if key == "not_found" else CAMPAIGN
    return {"id": code, "status": "INAPPLICABLE", "result": {"error": error}} | whose


def forecast(*codes: Mapping[str, Any]) -> dict[str, Any]:
    is_valid = all(each["status"] == "APPLICABLE" for each in codes)
    return {
        "valid": is_valid,
        "redeemables": codes,
        "inapplicable_redeemables": [],
        "skipped_redeemables": [],
        "order": TAKEN["order"] if is_valid else None,
    }


def asked(**values: str) -> tuple[Any, Mapping[str, str]]:
    asks = query.read(typed.NAMES, list(values.items()))
    return typed.body(typed.form(asks, forms.Form()), "EUR", BERLIN)


def test_what_is_typed_is_asked_in_minor_units_and_by_the_projects_clock() -> None:
    body, faults = asked(code="A\r\n\r\n B ", amount="49.90", customer="7", at="2026-12-24T18:00")

    assert not faults
    assert body == {
        "redeemables": [{"object": "voucher", "id": "A"}, {"object": "voucher", "id": "B"}],
        "order": {"amount": 4990, "currency": "EUR"},
        "customer": {"source_id": "7"},
        "at": "2026-12-24T17:00:00Z",
    }


def test_lines_of_the_basket_and_what_rules_ask_for_are_asked_as_a_checkout_does() -> None:
    body, faults = asked(
        code="A",
        customer="7",
        email="ann@shop.example",
        customer_metadata="tier=gold\nage=42",
        order_metadata='since="2026"',
        metadata="app=true",
        **{"items.3.product_id": "shoe", "items.3.quantity": "2", "items.3.price": "24.95"},
        **{"items.7.sku_id": "shoe-42", "items.7.price": "10"},
    )

    assert not faults
    assert body is not None
    assert body["order"] == {
        "currency": "EUR",
        "items": [
            {"product_id": "shoe", "quantity": 2, "price": 2495},
            {"sku_id": "shoe-42", "price": 1000},
        ],
        "metadata": {"since": "2026"},
    }
    assert body["customer"] == {
        "source_id": "7",
        "email": "ann@shop.example",
        "metadata": {"tier": "gold", "age": 42},
    }
    assert body["metadata"] == {"app": True}


def test_rows_that_are_left_empty_are_left_out_and_there_is_room_for_more() -> None:
    asks = query.read(typed.NAMES, [("code", "A"), ("items.4.product_id", "shoe")])
    form = typed.form(asks, forms.Form())

    rows = basket.shown(form)
    assert [row.values["product_id"] for row in rows] == ["shoe", "", ""]
    assert typed.has_more(form)
    assert not typed.has_more(typed.form(query.read(typed.NAMES, [("code", "A")]), forms.Form()))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"items.0.product_id": "shoe"}, "items.0.price"),
        ({"items.0.price": "10"}, "items.0.product_id"),
        ({"items.0.sku_id": "s", "items.0.price": "ten"}, "items.0.price"),
        ({"items.0.sku_id": "s", "items.0.price": "-1"}, "items.0.price"),
        (
            {"items.0.sku_id": "s", "items.0.price": "1", "items.0.quantity": "½"},
            "items.0.quantity",
        ),
        ({"items.0.sku_id": "s", "items.0.price": "1", "amount": "2"}, "amount"),
        ({"order_metadata": "a=1"}, "amount"),
        ({"customer_metadata": "a=1"}, "customer"),
        ({"customer": "7", "customer_metadata": "gold"}, "customer_metadata"),
    ],
)
def test_what_is_wrong_with_basket_or_customer_is_told_at_its_field(
    values: dict[str, str], field: str
) -> None:
    assert list(asked(code="A", **values)[1]) == [field]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "A\nA"}, "code"),
        ({"code": "\n".join(f"C{n}" for n in range(31))}, "code"),
        ({"code": "A" * 201}, "code"),
        ({"code": "A", "amount": "much"}, "amount"),
        ({"code": "A", "amount": "-0.01"}, "amount"),
        ({"code": "A", "customer": "cust_" + "0a" * 12}, "customer"),
        ({"code": "A", "at": "soon"}, "at"),
        ({"code": "A", "at": "9999-12-31T23:59"}, "at"),
        ({"code": "A", "at": "2026-03-29T02:30"}, "at"),  # clocks jump over it
    ],
)
def test_what_cannot_be_meant_is_told_at_its_field(values: dict[str, str], field: str) -> None:
    assert list(asked(**values)[1]) == [field]


def test_an_answer_says_what_is_taken_off_and_what_is_left_to_pay() -> None:
    shown = answer(forecast(passes("A"), passes("B")), None, READER, ())

    assert (shown.tone, shown.verdict) == ("ok", say("try_code.valid", n=2))
    assert shown.judged == say("try_code.judged_now")
    assert [text for _, text in shown.facts] == ["50.00 EUR", "5.00 EUR", "45.00 EUR"]
    first = shown.tried[0]
    assert (first.look, first.code) == ("accepted", "A")
    figures = ["50.00 EUR", "5.00 EUR", "45.00 EUR"]
    assert [text for _, text in first.facts] == [*figures, "10 % off", "Autumn"]


def test_an_answer_says_what_comes_off_each_line() -> None:
    items = [
        {"product_id": "shoe", "sku_id": "shoe-42", "quantity": 3, "amount": 6000}
        | {"discount_quantity": 1, "discount_amount": 2000, "total_discount_amount": 2100},
        {"product_id": "bag", "quantity": 1, "amount": 1000, "discount_amount": 0},
    ]
    items.append({"product_id": "prod_5h1pp1ng", "quantity": 1, "amount": 0, "discount_amount": 0})
    order = ORDER | {"total_amount": 4900, "items": items}

    [tried] = answer(forecast(passes() | {"order": order}), None, READER, ()).tried

    assert list(map(tuple, tried.lines.rows)) == [
        ("shoe · shoe-42", "3, of which 1 free", "60.00", "21.00", "39.00"),
        ("bag", "1", "10.00", "0.00", "10.00"),
        ("Free shipping", "1", "0.00", "0.00", "0.00"),
    ]


def test_what_comes_off_lines_is_taken_off_the_order_too() -> None:
    """The API tells both apart, and what each code takes off in all."""
    order = {"amount": 6500, "discount_amount": 1000, "items_discount_amount": 846}
    order |= {"total_discount_amount": 1846, "total_amount": 4654}
    order |= {"applied_discount_amount": 0, "items_applied_discount_amount": 846}
    order |= {"total_applied_discount_amount": 846}

    [tried] = answer(forecast(passes() | {"order": order}), None, READER, ()).tried

    assert [text for _, text in tried.facts[:3]] == ["55.00 EUR", "8.46 EUR", "46.54 EUR"]


def test_a_refusal_says_why_and_what_would_make_it_pass_by_the_projects_clock() -> None:
    skipped = {"id": "B", "status": "SKIPPED", "result": {"details": {}}} | NOBODYS
    told = forecast(fails("A", **ENDED), skipped)

    shown = answer(told, "2026-12-24T17:00:00Z", READER, ())

    assert (shown.tone, shown.facts) == ("warn", ())
    assert "24 Dec 2026, 18:00" in shown.judged
    refused, other = shown.tried
    assert (refused.note, refused.hint) == ("Expired", "was valid until 31 Oct 2026, 23:59:59")
    assert [each.text for each in refused.passing] == ["A moment up to 31 Oct 2026, 23:59:59"]
    assert (other.look, other.note, other.passing) == ("stopped", "", [])


AGAIN = "All of the limit is there again at 1 Dec 2026, 00:00"


@pytest.mark.parametrize(
    ("would_pass", "said"),
    [
        ({"starts_at": "2026-11-30T23:00:00.000Z"}, "A moment from 1 Dec 2026, 00:00 on"),
        ({"opens_at": "2026-12-07T08:00:00.000Z"}, "It opens next at 7 Dec 2026, 09:00"),
        ({"resets_at": "2026-11-30T23:00:00.000Z"}, AGAIN),
        ({"limit": 1500, "uses_left": 0}, "One more use: 0 of 1,500 are left"),
        (
            {"budget_minor": 100_000, "left_minor": 200, "amount_short": 300},
            "A budget with 3.00 EUR more: 2.00 of 1,000.00 EUR are left",
        ),
        ({"missing": "customer"}, "A customer, by your own id of them"),
        ({"missing": "order"}, "A basket, since the discount depends on it"),
        ({"currency": "CHF"}, "A basket in CHF"),
        ({"of_a_later_version": 1, "missing": "patience"}, None),
    ],
)
def test_what_would_pass_is_said_in_words(would_pass: dict[str, Any], said: str | None) -> None:
    found = [each.text for each in passing(would_pass, READER)]

    assert found == ([] if said is None else [said])


@pytest.mark.parametrize(
    ("condition", "is_said"),
    [("redemption.channel", True), ("redemption.api_key", True), ("order.amount", False)],
)
def test_what_a_rule_asks_of_the_caller_is_said_to_be_judged_elsewhere(
    condition: str, is_said: bool
) -> None:
    wanted = {"rule_id": "val_1", "rule": "App", "condition": condition, "wanted": '$in: ["API"]'}
    code = fails("A", "redemption_rules_violated", would_pass=wanted)

    [tried] = answer(forecast(code), None, READER, []).tried

    assert (tried.hint == say("try_code.of_callers")) is is_said


def test_codes_that_are_left_out_are_told_beside_those_that_pass() -> None:
    details = {"key": "exclusion_rules_not_met", "message": "not beside an exclusive one"}
    left_out = {"id": "B", "status": "SKIPPED", "result": {"details": details}} | NOBODYS
    refused_too = fails("C", "voucher_expired")
    refused_too["result"]["details"] = {"key": "voucher_expired"}
    told = forecast(passes("A")) | {
        "inapplicable_redeemables": [refused_too],
        "skipped_redeemables": [left_out],
    }

    found = answer(told, None, READER, [])

    assert [(each.code, each.look) for each in found.tried] == [
        ("A", "accepted"),
        ("C", "refused"),
        ("B", "stopped"),
    ]
    assert found.verdict == "One of the 3 codes would be redeemed."
    assert [each.word for each in found.tried[1:]] == ["Would be refused", "Would be left out"]
    assert found.tried[2].note == "Not beside an exclusive code"
    assert refused(told) == refused_too


def test_what_is_missing_leads_to_the_field_that_asks_for_it() -> None:
    names = {name.name for name in typed.NAMES}

    assert set(FIELDS.values()) < names
    [way] = passing({"missing": "order"}, READER)
    assert way.field == "amount"


@pytest.mark.parametrize(
    ("scope", "is_there"), [("redemptions", 1), ("redemptions_read", 1), ("reports", 0)]
)
def test_it_is_for_who_may_read_redemptions(scope: str, is_there: int) -> None:
    project = Project("p", "Shop", "viewer", frozenset({scope}), "EUR", 2, "UTC", None)

    assert [each.key for each in frame.nav(project)].count("try_code") == is_there
    assert [page.scope for page in routes.PAGES] == ["redemptions_read"]


async def shown(
    asks: Mapping[str, str], *answers: httpx.Response, scopes: str = "campaigns"
) -> Any:
    """Ask the page, before an API that gives these answers; return what it says and was asked."""
    allowed = frozenset({"redemptions", scopes})
    visit, sent = arranged("try", asks, *answers, scopes=allowed)
    response = await routes.show(visit)
    asked = [(each.method, each.url.path, each.content) for each in sent]
    return response.status_code, bytes(response.body).decode(), asked


def given(body: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


async def test_without_a_code_nothing_is_asked() -> None:
    status, page, sent = await shown({})

    assert (status, sent) == (200, [])
    assert 'name="code"' in page
    assert 'id="answer"' not in page


async def test_what_is_wrong_with_the_form_is_shown_in_it_and_nothing_is_asked() -> None:
    status, page, sent = await shown({"code": "AUTUMN10", "amount": "much"})

    assert (status, sent) == (422, [])
    assert say("terms.no_amount", currency="EUR", example="12.50") in page
    assert "AUTUMN10</textarea>" in page


async def test_lines_are_shown_again_with_what_comes_off_them() -> None:
    item = {"product_id": "shoe<1>", "quantity": 1, "amount": 5000, "total_discount_amount": 500}
    order = ORDER | {"total_amount": 4500, "items": [item]}
    told = forecast(passes() | {"order": order})

    status, page, sent = await shown(
        {"code": "AUTUMN10", "items.0.product_id": "shoe<1>", "items.0.price": "50"}, given(told)
    )

    assert status == 200
    sent_items = [{"product_id": "shoe<1>", "price": 5000}]
    assert json.loads(sent[0][2])["order"] == {"currency": "EUR", "items": sent_items}
    assert '<details class="more-fields" open>' in page
    assert 'value="shoe&lt;1&gt;"' in page
    assert "<code>shoe&lt;1&gt;</code>" in page


async def test_a_refused_code_leads_to_what_cures_it() -> None:
    told = forecast(fails("SUMMER<1>", **ENDED))
    campaign = {"id": "camp_1", "name": "Autumn", "partner_id": "part_1", "deal_url": None}
    partner = {"id": "part_1", "name": "Dealhunt", "deal_url": None}

    status, page, sent = await shown(
        {"code": "SUMMER<1>", "amount": "50"}, given(told), given(campaign), given(partner)
    )

    assert status == 200
    asks = [(method, path) for method, path, _ in sent]
    ways = [("GET", "/v1/campaigns/camp_1"), ("GET", "/v1/partners/part_1")]
    assert asks == [("POST", "/v1/validations"), *ways]
    assert json.loads(sent[0][2])["order"] == {"amount": 5000, "currency": "EUR"}
    assert "/p/proj_1/campaigns/camp_1/edit" in page
    assert "/p/proj_1/codes/SUMMER%3C1%3E" in page


async def test_a_code_that_is_used_up_leads_to_its_own_limit() -> None:
    used = {"would_pass": {"limit": 1, "uses_left": 0}}
    told = forecast(fails("A B", "quantity_exceeded", **used))
    campaign = {"id": "camp_1", "name": "Autumn", "partner_id": "part_1", "deal_url": None}

    _, page, _ = await shown({"code": "A B"}, given(told), given(campaign), given({}, 404))

    assert "/p/proj_1/codes/A%20B/edit" in page


async def test_who_may_read_no_campaigns_is_told_the_reason_alone() -> None:
    told = forecast(fails("SUMMER", **ENDED))

    _, page, sent = await shown({"code": "SUMMER"}, given(told), scopes="reports")

    assert len(sent) == 1
    assert "Expired" in page
    assert "/campaigns/" not in page
    assert "/codes/" not in page


async def test_an_unknown_code_leads_to_the_search() -> None:
    _, page, sent = await shown({"code": "A&B"}, given(forecast(fails("A&B", "not_found"))))

    assert len(sent) == 1
    assert "/p/proj_1/search?q=A%26B" in page


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (429, {"code": 429, "key": "too_many_requests", "message": "M"}, say("try_code.too_many")),
        (400, {"code": 400, "key": "invalid_payload", "message": "M", "details": "D"}, "M: D"),
    ],
)
async def test_what_the_api_refuses_is_said_above_the_form(
    status: int, body: dict[str, Any], said: str
) -> None:
    shown_status, page, _ = await shown({"code": "AUTUMN10"}, given(body, status))

    assert shown_status == 422
    assert said in page
    assert "AUTUMN10</textarea>" in page
