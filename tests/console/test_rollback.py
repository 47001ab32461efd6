"""The page that rolls a redemption back: what it says beforehand, asks once, and says after."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from kit.people import Shop, Somebody
from kit.visits import arranged

from console.design.words import say
from console.pages.redemption import routes as redemption
from console.pages.redemption.view import view as of_redemption
from console.pages.redemptions.view import NAMES, asked
from console.pages.rollback import routes, typed
from console.pages.rollback.view import View, done, view
from console.query import read
from console.web import attempts, forms
from console.web.period import picked

BERLIN = ZoneInfo("Europe/Berlin")
AT = "2026-11-26T16:06:00.000Z"


def entry(code: str = "A", amount: int = 5000, discount: int = 500, **more: Any) -> dict[str, Any]:
    """A code's redemption as lists have it."""
    order = {"amount": amount, "total_discount_amount": discount, "currency": "EUR"}
    voucher = {"code": code, "campaign_id": "camp_1", "campaign": "Autumn"}
    return {
        "id": f"r_{code}",
        "object": "redemption",
        "result": "SUCCESS",
        "status": "SUCCEEDED",
        "reason": None,
        "date": AT,
        "customer_id": None,
        "voucher": voucher,
        "order": order if amount else None,
        "request_key": "0a",
        **more,
    }


def given(amount: int, discount: int) -> dict[str, Any]:
    rollback = {"id": "rr_1", "date": AT, "amount": amount, "discount_amount": discount}
    return {"related_redemptions": {"rollbacks": [rollback], "redemptions": []}}


def sentences(shown: View) -> dict[str, list[str]]:
    return {choice.value: list(choice.gives) for choice in shown.choices}


def test_it_says_what_is_given_back_before_anything_is() -> None:
    told = entry()

    said = sentences(view(told, [told], None, "EUR"))

    assert list(said) == ["whole", "part"]
    assert said["whole"][:2] == [
        "A may be redeemed once more.",
        "5.00 EUR of discount is given back to budgets.",
    ]
    assert say("rollback.part_use") in said["part"]


def test_it_says_what_the_campaign_keeps() -> None:
    told = entry()
    campaign = {"rollback": {"use": False, "budget": False, "on_cancelled_order": True}}

    said = sentences(view(told, [told], campaign, "EUR"))

    assert said["whole"][0].startswith("The use of A stays taken")
    assert said["whole"][1].startswith("5.00 EUR of discount stays counted")
    assert said["part"][0] == say("rollback.part_no_budget")


def test_of_what_was_rolled_back_in_part_the_rest_is_offered() -> None:
    told = entry(**given(2000, 200))

    shown = view(told, [told], None, "EUR")

    assert shown.left.order_minor == 3000
    assert "3.00 EUR of discount" in sentences(shown)["whole"][1]


@pytest.mark.parametrize(
    "told",
    [entry(status="ROLLED_BACK"), entry(status="FAILED"), entry(object="redemption_rollback")],
)
def test_of_what_nothing_is_left_nothing_is_offered(told: dict[str, Any]) -> None:
    assert not view(told, [told], None, "EUR").choices


def test_without_an_order_there_is_no_part() -> None:
    told = entry(amount=0)

    assert list(sentences(view(told, [told], None, "EUR"))) == ["whole"]


def test_codes_that_were_redeemed_together_go_alone_or_together() -> None:
    one, other = entry("A"), entry("B", status="ROLLED_BACK")

    shown = view(one, [one, other], None, "EUR")

    assert list(sentences(shown)) == ["whole", "part", "together"]
    assert shown.left.order_minor == 5000
    assert "A, B" in shown.choices[-1].label
    assert list(sentences(view(other, [one, other], None, "EUR"))) == ["together"]


@pytest.mark.parametrize(
    ("pairs", "body", "faulty"),
    [
        ({"what": "whole", "amount": "much"}, {}, []),
        ({"what": "together", "reason": " came back "}, {"reason": "came back"}, []),
        ({"what": "part", "amount": "12.50"}, {"amount": 1250}, []),
        ({"what": "part"}, {"amount": None}, ["amount"]),
        ({"what": "part", "amount": "0"}, {"amount": 0}, ["amount"]),
        ({"what": "part", "amount": "-5"}, {"amount": -500}, ["amount"]),
        ({"what": "whole", "reason": "x" * 1001}, {"reason": "x" * 1001}, ["reason"]),
        ({}, {}, ["what"]),
        ({"what": "all"}, {}, ["what"]),  # what is not known is never the whole
    ],
)
def test_what_was_typed_is_asked(
    pairs: dict[str, str], body: dict[str, Any], faulty: list[str]
) -> None:
    found, faults = typed.body(forms.sent(list(pairs.items()), ""), "EUR", BERLIN)

    assert found == body
    assert list(faults) == faulty


@pytest.mark.parametrize(("what", "of"), [("whole", "r_A"), ("together", "r_0a")])
async def test_it_is_asked_under_the_key_of_the_form_and_says_what_came_of_it(
    what: str, of: str
) -> None:
    rollback = {"voucher": {"code": "A"}, "amount": 5000, "discount_amount": 500, "whole": True}
    answers = [httpx.Response(200, json=each) for each in (entry(), {"rollbacks": [rollback]})]
    scopes = frozenset({"redemptions"})
    visit, sent = arranged("redemptions/r_A/rollback", {}, *answers, scopes=scopes)
    visit.request.scope["path_params"] = {"redemption": "r_A"}
    form = forms.sent([("what", what), ("_key", "once")], "")
    seals = visit.deps.seals
    seals.seal = lambda *_: "sealed"  # type: ignore[method-assign]  # a namespace

    response = await routes.save(visit.with_form(form))

    assert (response.status_code, response.headers["location"]) == (
        303,
        "/p/proj_1/redemptions/r_A",
    )
    asked = sent[-1]
    assert (asked.method, asked.url.path) == ("POST", f"/v1/redemptions/{of}/rollbacks")
    assert asked.headers["idempotency-key"] == "once"
    assert json.loads(asked.content) == {}


async def test_more_of_the_order_than_is_left_is_said_in_its_currency_and_not_asked() -> None:
    told = entry(**given(2000, 200))
    listed = {"redemptions": [told]}
    answers = [httpx.Response(200, json=each) for each in (told, listed, told, listed)]
    scopes = frozenset({"redemptions"})
    visit, sent = arranged("redemptions/r_A/rollback", {}, *answers, scopes=scopes)
    visit.request.scope["path_params"] = {"redemption": "r_A"}
    form = forms.sent([("what", "part"), ("amount", "30.01")], "")

    response = await routes.save(visit.with_form(form))

    page = bytes(response.body).decode()
    assert response.status_code == 422
    assert say("rollback.too_much", left="30.00 EUR") in page
    assert 'value="30.01"' in page
    assert {each.method for each in sent} == {"GET"}


ITEMS = [
    {"product_id": "shoe", "sku_id": "shoe-42", "quantity": 2, "amount": 4000},
    {"product_id": "bag", "quantity": 1, "discount_quantity": 1, "amount": 1000},
    {"product_id": "sock", "quantity": 1, "amount": 0, "initial_quantity": 0},
]


def test_units_of_the_lines_that_were_sent_may_come_back() -> None:
    told = entry()
    told["order"]["items"] = ITEMS

    shown = view(told, [told], None, "EUR")

    assert list(sentences(shown)) == ["whole", "lines", "part"]
    assert [(line.name, line.thing, line.quantity) for line in shown.lines] == [
        ("lines.0", "shoe · shoe-42", "2"),
        ("lines.1", "bag", "1"),
    ]


@pytest.mark.parametrize(
    ("pairs", "items", "faulty"),
    [
        (
            {"lines.0": "2", "lines.1": ""},
            [{"product_id": "shoe", "sku_id": "shoe-42", "quantity": 2}],
            [],
        ),
        ({"lines.0": "0", "lines.1": "1"}, [{"product_id": "bag", "quantity": 1}], []),
        ({"lines.0": ""}, [], ["lines.0"]),
        ({"lines.1": "one"}, [], ["lines.1"]),
    ],
)
def test_how_many_come_back_is_asked(
    pairs: dict[str, str], items: list[Any], faulty: list[str]
) -> None:
    form = forms.sent([("what", "lines"), *pairs.items()], "")

    found, faults = typed.body(form, "EUR", BERLIN, typed.sent({"items": ITEMS}))

    assert found == {"order": {"items": items}}
    assert list(faults) == faulty


def test_what_was_given_back_is_said() -> None:
    part = {"voucher": {"code": "A"}, "discount_amount": 125, "whole": False}

    assert done([part], "EUR") == say("rollback.done_part", code="A", amount="1.25 EUR")
    whole = [part | {"whole": True}, part | {"whole": True, "voucher": {"code": "B"}}]
    assert done(whole, "EUR") == say("rollback.done_whole", code="A, B", amount="2.50 EUR")


@pytest.mark.parametrize(
    ("told", "status", "basket"),
    [
        (entry(), "accepted", "50.00"),
        (entry(**given(2000, 200)), "partly_rolled_back", "50.00"),
        (entry(status="ROLLED_BACK", **given(5000, 500)), "rolled_back", "50.00"),
        (
            entry(object="redemption_rollback", reason="came back", redemption="r_A"),
            "rollback",
            "\N{MINUS SIGN}50.00",
        ),
    ],
)
def test_lists_tell_what_was_rolled_back(told: dict[str, Any], status: str, basket: str) -> None:
    shown = attempts.of_ledger(told, BERLIN, "EUR")

    assert (shown.status, shown.basket, shown.is_known) == (status, basket, True)
    assert shown.note == ("came back" if shown.is_rollback else "")


def test_a_rollback_is_no_redemption_of_a_customer() -> None:
    told = [entry(customer_id="cust_1"), entry("B", customer_id="cust_1")]
    rollback = entry(object="redemption_rollback", customer_id="cust_1")
    shown = [attempts.of_ledger(each, BERLIN, "EUR") for each in (*told, rollback)]

    assert attempts.by_customers(shown) == attempts.by_customers(shown[:2]) != ""


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("SUCCESS", {"result": "SUCCESS", "filters[object][conditions][$is][0]": "redemption"}),
        ("FAILURE", {"result": "FAILURE"}),
        ("ROLLBACK", {"filters[object][conditions][$is][0]": "redemption_rollback"}),
    ],
)
def test_the_list_tells_redemptions_refusals_and_rollbacks_apart(
    result: str, expected: dict[str, str]
) -> None:
    asks = read(NAMES, [("result", result), ("period", "all")])
    found = asked(asks, picked(asks, datetime.now(UTC), BERLIN))

    assert found == expected | {"order": "-created_at"}


def looked_up(**more: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("explanation", "hint", "campaign_version", "tracking_id", "claims"))
    caller = {"kind": "key", "id": "key_1"}
    moments = dict.fromkeys(("judged_at", "decided_at"), AT)
    return nothing | moments | {"caller": caller} | entry() | more


def test_the_page_of_a_redemption_has_its_rollbacks() -> None:
    shown = of_redemption(looked_up(**given(2000, 200)), BERLIN, "EUR", ())

    assert shown.may_be_rolled_back
    [rollback] = shown.rollbacks
    assert rollback == ("rr_1", "26 Nov 2026, 17:06", "20.00 EUR", "2.00 EUR")


def test_the_page_of_a_rollback_says_what_was_given_back_and_of_what() -> None:
    parts = {"amount": 2000, "discount_amount": 200, "whole": False, "redemption": "r_A"}
    told = looked_up(object="redemption_rollback", id="rr_1", reason="came back", **parts)

    shown = of_redemption(told, BERLIN, "EUR", ())

    assert not shown.may_be_rolled_back
    assert (shown.rollback_of, shown.basket) == ("r_A", ())
    assert [text for _, text in shown.given_back] == [
        "20.00 EUR",
        "2.00 EUR",
        "no, a part",
        "came back",
    ]


async def page_of(told: dict[str, Any], *more: httpx.Response) -> str:
    scopes = frozenset({"redemptions"})
    visit, _ = arranged(
        f"redemptions/{told['id']}", {}, httpx.Response(200, json=told), *more, scopes=scopes
    )
    visit.request.scope["path_params"] = {"redemption": told["id"]}
    response = await redemption.show(visit)
    return bytes(response.body).decode()


async def test_a_redemption_leads_to_its_rollback_and_that_to_it() -> None:
    done = await page_of(looked_up(**given(2000, 200)))
    parts = {"amount": 2000, "discount_amount": 200, "whole": False, "redemption": "r_A"}
    somebody = {"caller": {"kind": "user", "id": "user_1"}}
    rollback = looked_up(object="redemption_rollback", id="rr_1", **parts, **somebody)
    undone = await page_of(rollback)

    assert "/p/proj_1/redemptions/r_A/rollback" in done
    assert "/p/proj_1/redemptions/rr_1" in done
    assert "/p/proj_1/redemptions/r_A" in undone
    assert "/rollback" not in undone
    assert say("redemption.door_user", id="user_1") in undone


def test_units_of_a_line_come_back_as_the_campaign_says(owner: Somebody, shop: Shop) -> None:
    form = owner.browser.open(f"{owner.home}/campaigns/new")
    percent = {"voucher.discount.percent_off": "10", "public_code": "SHOES"}
    unticked: dict[str, Any] = {"rollback.budget": []}
    made = owner.browser.send(form, name="Shoes", codes="public", **percent, **unticked)
    campaign = owner.browser.follow(made)
    assert say("rollback_fields.gives_use") in campaign.text
    items = [{"product_id": "shoe", "quantity": 2, "amount": 4000}]
    body = {
        "redeemables": [{"object": "voucher", "id": "SHOES"}],
        "customer": {"source_id": "7"},
        "order": {"items": items},
    }
    answer = shop.http.post("/v1/redemptions", json=body, headers=shop.keys)
    assert answer.is_success, answer.text
    place = f"{owner.home}/redemptions/{answer.json()['redemptions'][0]['id']}"

    page = owner.browser.open(f"{place}/rollback")
    assert say("rollback.lines_no_budget") in page.text
    wrong = owner.browser.send(page, what="lines", lines__0="3")
    assert wrong.status == 422
    done = owner.browser.follow(owner.browser.send(wrong, what="lines", lines__0="1"))

    assert say("rollback.done_part", code="SHOES", amount="2.00 EUR") in done.text
    assert done.title.startswith("SHOES was redeemed, and rolled back in part")
