"""Partners, as a marketing person sets them up."""

import re
from collections.abc import Callable

from kit.consoles import Page
from kit.people import Shop, Somebody


def deal(shop: Shop, partner_id: str, name: str = "Autumn") -> str:
    """Make a campaign of a partner's; return its id."""
    body = {
        "name": name,
        "partner_id": partner_id,
        "channel": "newsletter",
        "landing_url": "https://shop.example/",
        "voucher": {"type": "DISCOUNT_VOUCHER", "discount": {"type": "PERCENT", "percent_off": 10}},
        "commission_plan": {"share_basis_points": 500},
    }
    return str(shop.made("/v1/campaigns", body)["id"])


def test_an_editor_is_told_who_invites_the_partners_people(
    shop: Shop, sign_in: Callable[..., Somebody]
) -> None:
    partner = shop.made("/v1/partners", {"name": "Blog"})
    editor = sign_in("editor")

    page = editor.browser.open(f"{editor.home}/partners/{partner['id']}")

    assert "Ask an owner to invite their people" in page.text
    assert "An owner invites the partner's people" in page.text
    assert not [link for link in page.links if "/users/invite" in link]


def revealed(page: Page) -> list[str]:
    return re.findall(r'<div class="secret"><code>([^<]+)</code>', page.answer.text)


def test_a_partner_is_made_on_one_page(owner: Somebody, shop: Shop) -> None:
    browser, place = owner.browser, f"{owner.home}/partners/new"
    form = browser.open(place)

    wrong = browser.send(form, name="Blog", deal_url="javascript:alert(1)")
    made = browser.send(wrong, name="Blog", deal_url="https://blog.example/", contact="Ann")
    page = browser.follow(made)

    assert wrong.status == 422
    assert 'id="deal_url-error"' in wrong.answer.text
    assert made.status == 303
    assert "Blog is created" in page.text
    assert "https://blog.example/" in page.links
    again = browser.send(wrong, name="Blog", deal_url="https://blog.example/", contact="Ann")
    assert again.answer.headers["location"] == made.answer.headers["location"]
    assert len(shop.listed("/v1/partners", owner)) == 1


def test_of_two_who_edit_a_partner_the_second_is_told(owner: Somebody, shop: Shop) -> None:
    partner = shop.made("/v1/partners", {"name": "Blog", "contact": "Ann"})
    browser, place = owner.browser, f"{owner.home}/partners/{partner['id']}/edit"
    mine = browser.open(place)
    theirs = browser.open(place)

    browser.send(theirs, contact="Carl", contract_notes="Theirs")
    late = browser.send(mine, contact="Dora")

    assert late.status == 409
    assert dict(late.form().fields)["contact"] == "Dora"
    for told in ("Ann", "Carl", "Dora", "Theirs"):
        assert told in late.text
    kept = browser.send(late)
    assert kept.status == 303
    [stored] = shop.listed("/v1/partners", owner)
    assert stored["contact"] == "Dora"


def test_a_partner_is_stopped_with_all_deals_and_undone(owner: Somebody, shop: Shop) -> None:
    partner = shop.made("/v1/partners", {"name": "Blog"})
    campaign = deal(shop, partner["id"])
    browser, place = owner.browser, f"{owner.home}/partners/{partner['id']}"

    stopped = browser.follow(browser.send(browser.open(place), f"{place}/disable"))
    of_it = browser.open(f"{owner.home}/campaigns/{campaign}")
    shop.made(f"/v1/partners/{partner['id']}/disable", {})  # a program's key is another
    [undo] = [each.action for each in stopped.forms if "version=" in each.action]
    refused = browser.follow(browser.send(stopped, undo))
    undone = browser.follow(browser.send(browser.open(place), f"{place}/enable"))

    assert "disabled with 1 campaign. Enforced at" in stopped.text
    assert re.search(r"Disabled since \d+ \w+ \d{4}, \d\d:\d\d", stopped.text)
    assert "nothing of this one redeems until the partner is enabled" in of_it.text
    assert f"{owner.home}/partners/{partner['id']}" in of_it.links
    assert "nothing of this one redeems" not in browser.open(of_it.answer.url.path).text
    assert "Nothing was done: key" in refused.text
    assert "has changed it since" in refused.text
    assert "enabled with 1 campaign" in undone.text


def test_who_enables_a_deal_of_a_stopped_partner_is_told_that_it_stays_off(
    owner: Somebody, shop: Shop
) -> None:
    partner = shop.made("/v1/partners", {"name": "Blog"})
    campaign = deal(shop, partner["id"])
    shop.made(f"/v1/campaigns/{campaign}/vouchers/WINTER", {})
    shop.made("/v1/vouchers/WINTER/disable", {})
    shop.made(f"/v1/campaigns/{campaign}/disable", {})
    shop.made(f"/v1/partners/{partner['id']}/disable", {})
    browser, of_deal = owner.browser, f"{owner.home}/campaigns/{campaign}"
    of_code = f"{owner.home}/codes/WINTER"

    enabled = browser.follow(browser.send(browser.open(of_deal), f"{of_deal}/enable"))
    code = browser.follow(browser.send(browser.open(of_code), f"{of_code}/enable"))

    assert "Nothing of it redeems all the same: its partner is switched off." in enabled.text
    assert "Nothing of it redeems all the same: its partner is switched off." in code.text


def test_codes_are_shared_held_back_and_withdrawn(owner: Somebody, shop: Shop) -> None:
    partner = shop.made("/v1/partners", {"name": "Blog"})
    campaign = deal(shop, partner["id"])
    browser, place = owner.browser, f"{owner.home}/partners/{partner['id']}/shares"
    form = browser.open(f"{place}/new")

    too_many = browser.send(form, kind="allotment", campaign_id=campaign, quantity="5")
    both = browser.send(form, kind="campaign", campaign_id=campaign, quantity="1000")
    deals = f"{owner.home}/campaigns/{campaign}"
    asked_too_much = browser.send(
        browser.open(deals), f"{deals}/share", kind="campaign", quantity="1000"
    )
    nothing = browser.follow(asked_too_much)
    shared = browser.follow(browser.send(form, kind="campaign", campaign_id=campaign))
    [hold] = [each.action for each in shared.forms if each.action.endswith("/hold-back")]
    held = browser.follow(browser.send(shared, hold))

    assert too_many.status == 422
    assert dict(too_many.form().fields)["quantity"] == "5"
    assert both.status == 422
    assert "The number is for" in both.text
    assert "The number is for" in nothing.text
    assert "none: the partner does not see any code of it yet" in nothing.text
    assert "All codes of the campaign are shared" in shared.text
    ways = [each.action for each in shared.forms if each.action.endswith("/withdraw")]
    assert len(ways) == 2, "to be undone by the notice, and withdrawn in its row"
    assert "Held back" in held.text
    undone = browser.follow(browser.send(held, hold.replace("hold-back", "release")))
    assert "Shared again" in undone.text
    withdrawn = browser.follow(browser.send(undone, hold.replace("hold-back", "withdraw")))
    assert "Withdrawn" in withdrawn.text


def test_a_feed_key_is_shown_once_and_opens_the_feed(owner: Somebody, shop: Shop) -> None:
    partner = shop.made("/v1/partners", {"name": "Blog"})
    browser, place = owner.browser, f"{owner.home}/partners/{partner['id']}/feed-key"

    made = browser.send(browser.open(place))
    key = revealed(made)[0]
    fed = shop.http.get("/v1/feed", headers={"Authorization": f"Bearer {key}"})

    assert fed.status_code == 200
    assert fed.json()["partner"]["name"] == "Blog"
    later = browser.open(place)
    assert key not in later.answer.text
    wrong = browser.follow(browser.send(later, f"{place}/revoke", typed="nobody"))
    assert "Nothing was revoked" in wrong.text
    gone = browser.follow(browser.send(browser.open(place), f"{place}/revoke", typed="Blog"))
    assert "opens nothing any more" in gone.text


def test_every_deal_has_a_link_and_its_picture(owner: Somebody, shop: Shop) -> None:
    partner = shop.made("/v1/partners", {"name": "Blog"})
    campaign = deal(shop, partner["id"])

    page = owner.browser.open(f"{owner.home}/partners/{partner['id']}/links")

    assert f"/go/{campaign}" in page.text
    assert 'src="data:image/svg+xml' in page.answer.text
    assert "style=" not in page.answer.text


def test_the_history_of_a_partner_says_who_did_what(owner: Somebody, shop: Shop) -> None:
    partner = shop.made("/v1/partners", {"name": "Blog"})
    place = f"{owner.home}/partners/{partner['id']}"
    owner.browser.send(owner.browser.open(f"{place}/edit"), contact="Dora")

    page = owner.browser.open(f"{place}/history")

    assert "Partner Blog changed" in page.text
    assert "Dora" in page.text


def test_a_name_in_a_form_that_nobody_has_is_told_in_the_form(owner: Somebody) -> None:
    form = owner.browser.open(f"{owner.home}/campaigns/new")
    percent = {"voucher.discount.percent_off": "10"}

    wrong = owner.browser.send(form, name="Autumn", category="Winterr", codes="none", **percent)

    assert wrong.status == 422
    assert 'value="Autumn"' in wrong.answer.text
    assert 'value="Winterr"' in wrong.answer.text
