"""Rules in front of the platform: made, given to a campaign, met and not met, changed, deleted."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from kit import deals
from kit.people import Shop, Somebody

from console.web.violations import SEGMENT

SAID = "The order is at least 50.00 EUR and the customer is in Press"


@pytest.fixture
def press(shop: Shop) -> str:
    body = {"name": "Press", "type": "static", "customers": ["ann"]}
    return str(shop.made("/v1/segments", body)["id"])


def big_baskets(shop: Shop, press: str) -> dict[str, object]:
    rules = {
        "1": {
            "name": "order.amount",
            "conditions": {"$more_than_equal": [5000]},
            "error": {"message": "Buy for 50.00"},
        },
        "2": {"name": SEGMENT, "conditions": {"$in": [press]}},
        "logic": "1 and 2",
    }
    return shop.made("/v1/validation-rules", {"name": "Big baskets", "rules": rules})


def test_a_rule_is_made_from_menus_changed_and_deleted(
    owner: Somebody, shop: Shop, press: str
) -> None:
    browser, base = owner.browser, f"{owner.home}/rules"
    new = f"{base}/new"
    form = browser.open(new)

    wrong = browser.send(form, new, name="Big baskets")
    chosen = {"conditions__0__name": "order.amount", "conditions__1__name": SEGMENT}
    drawn = browser.post(f"{base}/draft", wrong.form(new).filled(**chosen))
    typed = {"conditions__0__value": "50", "conditions__1__value": press}
    made = browser.send(drawn, new, **typed)
    page = browser.follow(made)

    assert wrong.status == 422
    assert "one condition at least" in wrong.text
    assert SAID in page.text
    assert SAID in browser.open(base).text
    [stored] = shop.listed("/v1/validation-rules", owner)
    assert stored["rules"]["logic"] == "1 and 2"
    here = f"{base}/{stored['id']}"
    edit = browser.open(f"{here}/edit")
    saved = browser.send(edit, f"{here}/edit", conditions__0__value="60", how__0="any")
    assert "at least 60.00 EUR or the customer is in Press" in browser.follow(saved).text
    gone = browser.send(browser.open(here), f"{here}/delete")
    assert "Big baskets is deleted" in browser.follow(gone).text
    assert shop.listed("/v1/validation-rules", owner) == []


def test_what_the_api_refuses_of_a_condition_stands_at_it(owner: Somebody) -> None:
    browser, base = owner.browser, f"{owner.home}/rules"
    fields = {
        "name": "Never",
        "conditions__0__name": "order.items.count",
        "conditions__0__operator": "between",
        "conditions__0__value": "5",
        "conditions__0__until": "2",
    }

    refused = browser.send(browser.open(f"{base}/new"), f"{base}/new", **fields)

    assert refused.status == 422
    assert 'id="conditions.0-error"' in refused.answer.text
    assert (
        "“Order: number of items”: nothing can meet all of “is at least”, “is at most”"
        in refused.text
    )


def test_a_campaign_keeps_the_rules_that_its_form_names_and_refuses_by_them(
    owner: Somebody, shop: Shop, press: str
) -> None:
    browser, home = owner.browser, owner.home
    campaign = deals.campaign(shop, "AUTUMN10")
    rule = big_baskets(shop, press)
    place = f"{home}/campaigns/{campaign['id']}"

    edit = browser.open(f"{place}/edit")
    saved = browser.send(edit, f"{place}/edit", validation_rules=str(rule["id"]))

    assert f"Big baskets: {SAID}" in browser.follow(saved).text
    assert "AUTUMN10" in browser.open(place).text
    page = browser.open(f"{home}/rules/{rule['id']}")
    assert "Autumn" in page.text
    edit = browser.open(f"{home}/rules/{rule['id']}/edit")
    assert "One campaign or code keeps it, and is judged so once you save." in edit.text
    kept = browser.follow(browser.send(page, f"{home}/rules/{rule['id']}/delete"))
    assert "Big baskets is deleted" not in kept.text
    assert len(shop.listed("/v1/validation-rules", owner)) == 1

    asked = {"code": "AUTUMN10", "amount": "42", "customer": "ann"}
    tried = browser.open(f"{home}/try?{urlencode(asked)}")
    assert "Rule “Big baskets”: the order is at least 50.00 EUR. It was 42.00 EUR" in tried.text
    assert "Shoppers are told: “Buy for 50.00”" in tried.text
    assert f"{home}/rules/{rule['id']}" in tried.links
    stranger = browser.open(f"{home}/try?{urlencode(asked | {'amount': '60', 'customer': 'bob'})}")
    assert "the customer is in Press" in stranger.text
    passed = browser.open(f"{home}/try?{urlencode(asked | {'amount': '60'})}")
    assert "It would be redeemed." in passed.text

    status, refused = deals.redemption(shop, "AUTUMN10", 4200)
    assert status == 400
    shown = browser.open(f"{home}/redemptions/{refused['resource_id']}")
    assert "A rule wants this: the order is at least 50.00 EUR" in shown.text
    assert f"{home}/rules/{rule['id']}" in shown.links


def test_a_code_that_stands_alone_keeps_rules_and_one_of_a_campaign_shows_those_of_it(
    owner: Somebody, shop: Shop, press: str
) -> None:
    browser, home = owner.browser, owner.home
    rule = big_baskets(shop, press)
    made = deals.campaign(shop, "AUTUMN10", validation_rules=[rule["id"]])
    new = f"{home}/codes/new"
    form = browser.open(new)
    terms = {"code": "ALONE", "voucher__discount__percent_off": "10"}
    wanted = terms | {"validation_rules": str(rule["id"])}

    both = browser.send(form, new, **wanted, campaign=made["name"])
    alone = browser.follow(browser.send(both, new, **wanted, campaign=""))

    assert both.status == 422
    assert "leave those below empty" in both.text
    assert f"Big baskets: {SAID}" in alone.text
    tried = browser.open(f"{home}/try?code=ALONE&amount=42")
    assert "Rule “Big baskets”: the order is at least 50.00 EUR" in tried.text
    page = browser.open(f"{home}/rules/{rule['id']}")
    assert f"{home}/codes/ALONE" in page.links
    assert f"{home}/campaigns/{made['id']}" in page.links
    of_campaign = browser.open(f"{home}/codes/AUTUMN10")
    assert "Rules of its campaign" in of_campaign.text
    assert "Rules of this code alone" not in of_campaign.text
    edit = f"{home}/codes/ALONE/edit"
    freed = browser.send(browser.open(edit), edit, validation_rules="")
    assert f"Big baskets: {SAID}" not in browser.follow(freed).text  # its history names it
    joined = browser.send(browser.open(new), new, code="JOINED", campaign=made["name"])
    assert "JOINED" in browser.follow(joined).title


def test_a_code_of_a_campaign_is_given_rules_of_its_own(
    owner: Somebody, shop: Shop, press: str
) -> None:
    browser, home = owner.browser, owner.home
    rule = big_baskets(shop, press)
    campaign = deals.campaign(shop, "AUTUMN10", "AUTUMN20")
    place = f"{home}/codes/AUTUMN10"

    edit = browser.open(f"{place}/edit")
    saved = browser.send(edit, f"{place}/edit", validation_rules=str(rule["id"]))
    page = browser.follow(saved)
    kept = browser.open(f"{place}/edit")
    again = browser.follow(browser.send(kept, f"{place}/edit"))

    for each in (page, again):
        assert "Rules of this code alone" in each.text
        assert f"Big baskets: {SAID}" in each.text
        assert "Rules of its campaign" not in each.text
    assert "Rules of this code alone" not in browser.open(f"{home}/codes/AUTUMN20").text
    of_rule = browser.open(f"{home}/rules/{rule['id']}")
    assert f"{home}/codes/AUTUMN10" in of_rule.links
    assert f"{home}/campaigns/{campaign['id']}" not in of_rule.links
    asked = {"amount": "42", "customer": "ann"}
    tried = browser.open(f"{home}/try?{urlencode(asked | {'code': 'AUTUMN10'})}")
    other = browser.open(f"{home}/try?{urlencode(asked | {'code': 'AUTUMN20'})}")
    assert "Rule “Big baskets”: the order is at least 50.00 EUR. It was 42.00 EUR" in tried.text
    assert "It would be redeemed." in other.text
    browser.send(browser.open(f"{place}/edit"), f"{place}/edit", validation_rules="")
    code = shop.http.get("/v1/vouchers/AUTUMN10", headers=shop.keys).json()
    assert code["validation_rules"] == []


def test_a_viewer_reads_rules_and_changes_none(
    sign_in: Callable[..., Somebody], shop: Shop, press: str
) -> None:
    rule = big_baskets(shop, press)
    viewer = sign_in("viewer")
    place = f"{viewer.home}/rules/{rule['id']}"

    page = viewer.browser.open(place)

    assert SAID in page.text
    assert "“Buy for 50.00”" in page.text
    assert not [link for link in page.links if link.endswith("/edit")]
    assert viewer.browser.get(f"{place}/edit").status == 403


def test_a_rule_that_the_form_cannot_say_keeps_what_it_says(owner: Somebody, shop: Shop) -> None:
    odd = {"name": "order.amount", "conditions": {"$more_than": [1], "$is_not": [500]}}
    rules = {"1": odd, "logic": "1"}
    made = shop.made("/v1/validation-rules", {"name": "Odd", "rules": rules})
    place = f"{owner.home}/rules/{made['id']}/edit"

    page = owner.browser.open(place)
    owner.browser.send(page, place, name="Odder", error__message="Sorry")

    assert "a manner that this form cannot show" in page.text
    [stored] = shop.listed("/v1/validation-rules", owner)
    assert (stored["name"], stored["error"]) == ("Odder", {"message": "Sorry"})
    assert stored["rules"]["1"]["conditions"] == odd["conditions"]


def test_stacking_rules_are_set_and_forgotten(owner: Somebody, shop: Shop) -> None:
    browser, place = owner.browser, f"{owner.home}/settings/stacking"
    shop.made("/v1/categories", {"name": "Welcome", "hierarchy": 1})
    before = browser.open(place)

    wrong = browser.send(before, applicable_redeemables_limit="many")
    saved = browser.send(
        wrong, applicable_redeemables_limit="2", redeemables_application_mode="PARTIAL"
    )

    assert wrong.status == 422
    page = browser.follow(saved)
    assert "Up to 2 codes hold together." in page.text
    assert "the others are all the same" in page.text
    browser.send(page, f"{place}/reset")
    assert "Up to 2 codes hold together." not in browser.open(place).text
