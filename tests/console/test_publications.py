"""Codes that customers were given: given on a code's page, listed, and told of."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from kit.people import Shop, Somebody

from console.design.words import say
from console.pages.publications.view import NAMES, asked, view
from console.query import read
from console.web import publishing
from console.web.forms import Form, sent
from console.web.terms import Typed

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("lasts", "number", "unit"),
    [
        ("P30D", "30", "days"),
        ("P14D", "2", "weeks"),
        ("PT36H", "36", "hours"),
        ("P1DT1H", "25", "hours"),
        ("PT90S", "90", "seconds"),
        (None, "", "days"),
    ],
)
@pytest.mark.parametrize("once", [True, False])
def test_an_edit_sends_back_what_was_there(
    lasts: str | None, number: str, unit: str, *, once: bool
) -> None:
    filled = publishing.filled({publishing.LASTS: lasts, publishing.ONCE: once})
    typed = Typed(Form().starting(filled), "EUR", BERLIN)

    found = publishing.read(typed)

    assert (filled[publishing.LASTS], filled[f"{publishing.LASTS}_unit"]) == (number, unit)
    assert found[publishing.ONCE] is once
    again = publishing.filled(found)
    assert again == filled
    assert not typed.faults


def test_what_is_no_number_of_days_is_told_at_its_field() -> None:
    typed = Typed(sent([(publishing.LASTS, "soon")], ""), "EUR", BERLIN)

    assert publishing.read(typed)[publishing.LASTS] is None
    assert publishing.LASTS in typed.faults


def test_a_list_says_of_several_codes_how_many_more_there_are() -> None:
    told: dict[str, Any] = {
        "id": "pub_1",
        "created_at": "2026-11-26T10:00:00.000Z",
        "customer_id": "cust_1",
        "channel": "API",
        "source_id": None,
        "campaign": "Autumn",
        "campaign_id": "camp_1",
        "voucher": None,
        "vouchers": ["A", "B", "C"],
    }
    asks = read(NAMES, [("campaign", "camp_1")])

    shown = view(asks, {"publications": [told], "total": 1}, BERLIN)

    [row] = shown.rows
    assert (row.code, row.more, row.until) == ("A", 2, "")
    assert [chip.label for chip in shown.chips] == ["Campaign: Autumn"]
    assert asked(asks) == {
        "voucher": None,
        "campaign": "camp_1",
        "customer": None,
        "order": "-created_at",
        "limit": asks.one("limit"),
        "page": "1",
    }


def test_a_code_is_given_to_a_customer_and_found_by_him(owner: Somebody, shop: Shop) -> None:
    campaign = shop.made(
        "/v1/campaigns",
        {
            "name": "Autumn",
            "voucher": {
                "type": "DISCOUNT_VOUCHER",
                "discount": {"type": "PERCENT", "percent_off": 10},
            },
            "activity_duration_after_publishing": "P30D",
            "join_once": True,
        },
    )
    code = shop.made(f"/v1/campaigns/{campaign['id']}/vouchers", {})["code"]
    place = f"{owner.home}/codes/{code}"
    about = owner.browser.open(f"{owner.home}/campaigns/{campaign['id']}")
    assert say("publications.once") in about.text
    assert "30 days" in about.text

    page = owner.browser.open(place)
    nobody = owner.browser.follow(owner.browser.send(page, f"{place}/give", customer=" "))
    assert say("publications.no_customer") in nobody.text
    given = owner.browser.follow(owner.browser.send(nobody, f"{place}/give", customer="shopper-7"))

    assert say("publications.given_now", code=code, customer="shopper-7") in given.text
    assert say("publications.give_title", code=code) not in given.text
    [told] = shop.listed("/v1/publications", owner)
    assert (told["channel"], told["vouchers"]) == ("console", [code])
    assert told["customer_id"] in given.text
    assert told["source_id"]  # the form's own: sent twice it gives once
    for query in ("", "?customer=shopper-7", f"?campaign={campaign['id']}", f"?voucher={code}"):
        listed = owner.browser.open(f"{owner.home}/publications{query}")
        assert code in listed.text, query
    assert code not in owner.browser.open(f"{owner.home}/publications?customer=nobody").text


def test_who_was_given_a_code_and_never_seen_is_forgotten(owner: Somebody, shop: Shop) -> None:
    shop.made("/v1/vouchers", {"code": "UNSEEN", "discount": {"type": "PERCENT", "percent_off": 5}})
    wish = {"voucher": "UNSEEN", "customer": {"source_id": "bob"}, "source_id": "for-bob"}
    customer = shop.made("/v1/publications", wish)["customer_id"]
    place = f"{owner.home}/publications"
    assert say("publications.forget") not in owner.browser.open(place).text

    page = owner.browser.open(f"{place}?customer=bob")
    assert "for-bob" in page.text
    wrong = owner.browser.send(page, f"{place}/forget", customer=customer, typed="bob")
    shown = owner.browser.follow(wrong)
    assert "for-bob" in shown.text
    right = owner.browser.send(shown, f"{place}/forget", customer=customer, typed=customer)
    gone = owner.browser.follow(right)

    assert say("publications.forgotten") in gone.text
    assert "UNSEEN" in gone.text
    assert "for-bob" not in gone.text


def test_who_only_looks_gives_nothing(sign_in: Any, shop: Shop) -> None:
    shop.made("/v1/vouchers", {"code": "ALONE", "discount": {"type": "PERCENT", "percent_off": 5}})
    viewer: Somebody = sign_in("viewer")

    page = viewer.browser.open(f"{viewer.home}/codes/ALONE")

    assert say("publications.give_title", code="ALONE") not in page.text
    assert viewer.browser.open(f"{viewer.home}/publications").status == 200
