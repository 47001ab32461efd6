"""Customers and orders: lists, one of each, what is handed out, and who is forgotten."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from kit.people import Shop, Somebody
from kit.visits import arranged

from console.design.words import say
from console.pages.customer import routes as customer
from console.pages.customers import routes as customers
from console.pages.order import routes as order
from console.pages.orders import routes as orders
from console.web import forms
from console.web import orders as in_words

AT = "2026-11-26T16:06:00.000Z"
CUST = "cust_0a0a0a0a0a0a0a0a0a0a0a0a"
NOT_FOUND = httpx.Response(404, json={"code": 404, "key": "not_found", "message": "M"})
ANN: dict[str, Any] = {
    "id": CUST,
    "source_id": "7",
    "name": "Ann <b>",
    "email": "ann@shop.example",
    "phone": None,
    "metadata": {"tier": "gold"},
    "address": {"city": "Graz", "country": None},
    "created_at": AT,
    "last_seen_at": AT,
    "summary": {
        "redemptions": {"total_succeeded": 2, "total_failed": 1, "total_rolled_back": 1},
        "orders": {"total_count": 2, "total_amount": 12000, "average_amount": 6000}
        | {"last_order_amount": 5000, "last_order_date": AT},
    },
}
NOBODY: dict[str, Any] = ANN | {"name": None, "email": None, "source_id": None, "metadata": {}}
ORDER: dict[str, Any] = {
    "id": "order/1",
    "source_id": "order/1",
    "status": "PAID",
    "created_at": AT,
    "updated_at": AT,
    "paid_at": AT,
    "amount": 5000,
    "total_discount_amount": 500,
    "total_amount": 4500,
    "refunded_amount": 0,
    "currency": "EUR",
    "items": [{"product_id": "shoe", "quantity": 2, "amount": 5000}],
    "metadata": {"till": 3},
    "customer_id": CUST,
    "customer": {"id": CUST, "source_id": "7", "name": "Ann <b>"},
}
ATTEMPT: dict[str, Any] = {
    "id": "r_1",
    "object": "redemption",
    "result": "SUCCESS",
    "status": "SUCCEEDED",
    "reason": None,
    "date": AT,
    "customer_id": CUST,
    "voucher": {"code": "AUTUMN10", "campaign_id": "camp_1", "campaign": "Autumn"},
    "order": {"amount": 5000, "total_discount_amount": 500, "currency": "EUR"}
    | {"source_id": "order/1"},
}


def listed(kind: str, *found: Any, total: int | None = None) -> httpx.Response:
    amount = len(found) if total is None else total
    return httpx.Response(200, json={"data_ref": kind, kind: found, "total": amount})


async def page(
    handler: Any, named: Mapping[str, str], asks: Mapping[str, str], *answers: httpx.Response
) -> tuple[httpx.Response, list[httpx.Request]]:
    scopes = frozenset({"redemptions", "campaigns_read"})
    visit, sent = arranged("here", asks, *answers, scopes=scopes)
    visit.request.scope["path_params"] = dict(named)
    response = await handler(visit)
    told = httpx.Response(response.status_code, content=response.body, headers=response.headers)
    return told, sent


async def test_customers_are_listed_by_the_best_that_is_known_of_them() -> None:
    told, sent = await page(customers.show, {}, {}, listed("customers", ANN, NOBODY, total=51))

    assert dict(sent[0].url.params) == {"order": "-created_at", "limit": "50", "page": "1"}
    assert "Ann &lt;b&gt;" in told.text
    assert f">{CUST}</a>" in told.text
    assert "?page=2" in told.text
    assert 'type="search" name="q"' in told.text
    assert say("common.apply") not in told.text  # there is nothing but the search


async def test_who_is_named_by_an_id_is_shown_and_else_looked_for_by_name() -> None:
    found = httpx.Response(200, json=ANN)
    told, sent = await page(customers.show, {}, {"q": "ann@shop.example"}, found)
    assert (told.status_code, told.headers["location"]) == (303, f"/p/proj_1/customers/{CUST}")
    assert sent[0].url.path == "/v1/customers/ann@shop.example"

    told, sent = await page(customers.show, {}, {"q": "Ann"}, NOT_FOUND, listed("customers"))
    assert sent[1].url.params["name"] == "Ann"
    assert say("customers.no_match_title") in told.text
    _, sent = await page(customers.show, {}, {"q": "a@b.c"}, NOT_FOUND, listed("customers", ANN))
    assert sent[1].url.params["email"] == "a@b.c"


async def test_orders_are_listed_and_found_by_their_id() -> None:
    told, sent = await page(orders.show, {}, {"customer": CUST}, listed("orders", ORDER))
    assert dict(sent[0].url.params) == {
        "customer": CUST,
        "order": "-created_at",
        "limit": "50",
        "page": "1",
    }
    assert "/p/proj_1/orders/order%2F1" in told.text
    assert f"/p/proj_1/customers/{CUST}" in told.text

    found = httpx.Response(200, json=ORDER)
    told, sent = await page(orders.show, {}, {"q": "order/1"}, found)
    assert told.headers["location"] == "/p/proj_1/orders/order%2F1"
    told, sent = await page(orders.show, {}, {"q": "order/2"}, NOT_FOUND)
    assert len(sent) == 1
    assert say("orders.no_match_title") in told.text


async def test_an_order_is_shown_with_its_lines_and_what_was_redeemed_on_it() -> None:
    answers = httpx.Response(200, json=ORDER), listed("redemptions", ATTEMPT)
    told, sent = await page(order.show, {"order": "order%2F1"}, {}, *answers)

    assert sent[0].url.raw_path == b"/v1/orders/order%2F1"
    assert sent[1].url.params["order_id"] == "order/1"
    for text in ("Paid", "45.00 EUR", "shoe", "till", "AUTUMN10", "Ann &lt;b&gt;"):
        assert text in told.text
    assert say("order_lines.to_pay", currency="EUR") not in told.text  # a shop sends no discount
    assert say("order.divided") not in told.text


async def test_an_order_with_several_codes_says_that_its_basket_is_divided() -> None:
    other = ATTEMPT | {"id": "r_2", "voucher": {"code": "FIVE"}}
    answers = httpx.Response(200, json=ORDER), listed("redemptions", ATTEMPT, other)
    told, _ = await page(order.show, {"order": "order%2F1"}, {}, *answers)

    assert say("order.divided") in told.text


async def test_a_customer_is_shown_with_orders_redemptions_and_segments() -> None:
    seg = listed("data", {"id": "seg_1", "name": "Asleep", "object": "segment"})
    answers = listed("orders", ORDER, total=11), listed("redemptions", ATTEMPT), seg
    told, sent = await page(
        customer.show, {"customer": CUST}, {}, httpx.Response(200, json=ANN), *answers
    )

    assert [each.url.path for each in sent] == [
        f"/v1/customers/{CUST}",
        "/v1/orders",
        "/v1/redemptions",
        f"/v1/customers/{CUST}/segments",
    ]
    for text in ("120.00 EUR", "gold", "Graz", "Asleep", "order/1", "AUTUMN10"):
        assert text in told.text
    assert f"/p/proj_1/orders?customer={CUST}" in told.text  # there are more
    assert "redemptions?period=all" not in told.text  # there are no more
    assert f"/p/proj_1/customers/{CUST}/erase" in told.text


@pytest.mark.parametrize("known", [ANN, None])
async def test_all_that_is_kept_of_a_person_is_handed_out(known: dict[str, Any] | None) -> None:
    attempt = ATTEMPT | {"customer_id": CUST}
    kept = {"customer": known, "orders": [ORDER], "redemptions": [attempt]}
    given = [{"id": f"pub_{n}"} for n in range(101)]
    answers = [listed("publications", *given[:100]), listed("publications", *given[100:])]
    told, sent = await page(
        customer.export, {"customer": CUST}, {}, httpx.Response(200, json=kept), *answers
    )

    assert sent[0].url.path == f"/v1/customers/{CUST}/export"
    assert [dict(each.url.params)["page"] for each in sent[1:]] == ["1", "2"]
    assert {dict(each.url.params)["customer"] for each in sent[1:]} == {CUST}
    start = f'attachment; filename="counterfoil-customer-{CUST}-'
    assert told.headers["content-disposition"].startswith(start)
    assert json.loads(told.text) == kept | {"publications": given}


@pytest.mark.parametrize(("typed", "paths"), [("Ann <b>", 3), ("Ann", 1), ("", 1)])
async def test_a_person_is_forgotten_who_is_named_again(typed: str, paths: int) -> None:
    done = [httpx.Response(200, json={})] * 2
    scopes = frozenset({"redemptions", "campaigns"})
    visit, sent = arranged("here", {}, httpx.Response(200, json=ANN), *done, scopes=scopes)
    visit.request.scope["path_params"] = {"customer": CUST}
    visit.deps.seals.seal = lambda *_: "sealed"  # type: ignore[method-assign]  # a namespace

    response = await customer.erase(visit.with_form(forms.sent([("typed", typed)], "")))

    assert response.status_code == 303
    asked = [(each.method, each.url.path) for each in sent]
    erased = ("POST", f"/v1/customers/{CUST}/permanent-deletion")
    forgotten = ("POST", "/v1/publications/forget-customer")
    assert asked == [("GET", f"/v1/customers/{CUST}"), forgotten, erased][:paths]
    assert response.headers["location"] == (
        "/p/proj_1/customers" if paths == 3 else f"/p/proj_1/customers/{CUST}"
    )


@pytest.mark.parametrize(
    ("known", "called"),
    [
        (ANN, "Ann <b>"),
        (ANN | {"name": None}, "ann@shop.example"),
        (NOBODY | {"source_id": "7"}, "7"),
        (NOBODY, CUST),
        ({}, ""),
    ],
)
def test_a_customer_is_called_by_the_best_that_is_known(known: dict[str, Any], called: str) -> None:
    assert in_words.called(known) == called


def test_who_bought_is_found_handed_out_and_forgotten(owner: Somebody, shop: Shop) -> None:
    buyer = {"source_id": "shopper-7", "name": "Ann Alm", "email": "ann@shop.example"}
    items = [{"product_id": "shoe", "quantity": 2, "amount": 4000}]
    sent = {"source_id": "order 1/2", "status": "PAID", "items": items, "customer": buyer}
    shop.made("/v1/orders", sent)
    shop.made("/v1/vouchers", {"code": "ANNS", "discount": {"type": "PERCENT", "percent_off": 5}})
    wish = {"voucher": "ANNS", "customer": {"source_id": "shopper-7"}, "source_id": "mailing-7"}
    shop.made("/v1/publications", wish)

    page = owner.browser.open(f"{owner.home}/orders")
    assert "order 1/2" in page.text
    assert "Ann Alm" in page.text
    bought = owner.browser.open(f"{owner.home}/orders?q=order+1%2F2")
    assert bought.title.startswith("Order order 1/2")
    assert "shoe" in bought.text
    shown = owner.browser.open(f"{owner.home}/customers?q=ann%40shop.example")
    assert "Ann Alm" in shown.text
    found = owner.browser.open(f"{owner.home}/customers?q=shopper-7")
    assert found.title.startswith("Ann Alm")
    place = str(found.answer.url.path)
    kept = owner.browser.open(f"{place}/export").answer.json()
    assert kept["customer"]["email"] == "ann@shop.example"
    assert [each["id"] for each in kept["orders"]] == ["order 1/2"]
    assert [each["source_id"] for each in kept["publications"]] == ["mailing-7"]

    wrong = owner.browser.follow(owner.browser.send(found, f"{place}/erase", typed="Ann"))
    assert say("customer.not_typed", name="Ann Alm") in wrong.text
    gone = owner.browser.follow(owner.browser.send(wrong, f"{place}/erase", typed="Ann Alm"))
    assert say("customer.erased") in gone.text
    assert "Ann Alm" not in gone.text
    assert "Ann Alm" not in owner.browser.open(place).text
    assert "Ann Alm" not in owner.browser.open(f"{owner.home}/orders").text
    assert "mailing-7" not in owner.browser.open(f"{owner.home}/publications").text
