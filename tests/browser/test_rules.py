"""Who may redeem what, by menus: a segment, a rule that asks about it, a campaign that keeps it."""

from collections.abc import Callable

from kit import deals
from kit.chromium import both_widths
from kit.page_faults import Faults, inspect
from kit.people import Shop
from playwright.sync_api import Page, expect


@both_widths
def test_a_segment_is_put_together_from_menus(
    page: Page, sign_in: Callable[..., str], faults: Faults
) -> None:
    base = sign_in("editor")
    faults.expect(422, "/segments/new")
    page.goto(f"{base}/segments")
    page.get_by_role("main").get_by_role("link", name="New segment").first.click()
    page.get_by_label("Name", exact=True).fill("Asleep")
    page.get_by_role("button", name="New segment").click()
    expect(page.get_by_role("link", name="one condition at least")).to_be_visible()
    first, second = (page.get_by_role("group", name=f"Condition {n}") for n in (1, 2))

    # The second one before the first: an empty row moves none of the others.
    second.get_by_label("What is asked about").select_option(label="Metadata")
    second.get_by_label("Name in the metadata").fill("tier")
    second.get_by_label("How it is compared").select_option(label="is known")
    expect(second.get_by_label("With what")).to_have_count(0)
    second.get_by_label("How it is compared").select_option(label="is")
    second.get_by_label("With what").fill("gold\nsilver")
    first.get_by_label("What is asked about").select_option(label="Last paid order")
    first.get_by_label("With what").fill("60")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("The last paid order is more than 60 days ago and")
    expect(preview).to_contain_text("the customer's “tier” is gold or silver")
    expect(first.get_by_label("With what")).to_have_value("60")
    inspect(page)
    page.get_by_role("button", name="New segment").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Asleep")
    expect(page.get_by_role("main")).to_contain_text("0 customers at")
    inspect(page)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("main")).to_contain_text("Asleep is deleted")
    inspect(page)


@both_widths
def test_a_rule_is_put_together_from_menus_and_a_campaign_keeps_it(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    campaign = deals.campaign(shop, "AUTUMN10", "AUTUMN20")
    base = sign_in()
    preview = page.locator("#preview")

    page.goto(f"{base}/rules")
    page.get_by_role("main").get_by_role("link", name="New rule").first.click()
    page.get_by_label("Name", exact=True).fill("Big baskets")
    inspect(page)
    other = page.get_by_role("group", name="Group 2", exact=True)
    other.get_by_label("What is asked about").select_option(label="Items: at least one")
    other.get_by_label("Products, one id per line").fill("shoes\nboots")
    other.get_by_label("What is asked about").last.select_option(label="Price")
    other.get_by_label("With what").fill("10")
    page.get_by_role("button", name="More conditions").click()
    expect(other.get_by_label("Products, one id per line")).to_have_value("shoes\nboots")
    first = page.get_by_role("group", name="Condition 1", exact=True)
    first.get_by_label("What is asked about").select_option(label="Order: amount")
    first.get_by_label("With what").fill("50")
    first.get_by_label("What shoppers are told").fill("Buy for 50.00")
    page.get_by_label("Groups of conditions").select_option(label="One group is enough")
    expect(preview).to_contain_text("The order is at least 50.00 EUR or (")
    expect(preview).to_contain_text("(at least one item is shoes or boots and its price is")
    inspect(page)
    page.get_by_role("button", name="New rule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Big baskets")
    inspect(page)

    page.goto(f"{base}/campaigns/{campaign['id']}/edit")
    page.get_by_label("Rule 1").select_option(label="Big baskets")
    expect(preview).to_contain_text("Big baskets: The order is at least 50.00 EUR or")
    inspect(page)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("main")).to_contain_text("Big baskets: The order is at least")
    page.goto(f"{base}/try?code=AUTUMN10&amount=42")
    expect(page.locator("#tried")).to_contain_text("since the rule “Big baskets” asks about them")
    inspect(page)

    page.goto(f"{base}/codes/AUTUMN20/edit")
    page.get_by_label("Rule 1").select_option(label="Big baskets")
    inspect(page)
    page.get_by_role("button", name="Save changes").click()
    own = page.get_by_role("heading", name="Rules of this code alone")
    expect(own).to_be_visible()
    inspect(page)
    page.goto(f"{base}/codes/AUTUMN10")
    expect(page.get_by_role("heading", name="Rules of its campaign")).to_be_visible()
    expect(own).to_have_count(0)

    page.goto(f"{base}/try?code=AUTUMN10&amount=42")
    page.get_by_role("link", name="To the rule Big baskets").click()
    expect(page.get_by_role("link", name="AUTUMN20")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name="Autumn", exact=True)).to_be_visible()


@both_widths
def test_a_segment_says_how_many_are_in_it(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    for name, tier in (("ann", "gold"), ("bob", "gold"), ("cid", "tin")):
        buyer = {"source_id": name, "metadata": {"tier": tier}}
        sent = {"source_id": f"order-of-{name}", "status": "PAID", "amount": 5000}
        shop.made("/v1/orders", sent | {"customer": buyer})
    guests = {"name": "Guests", "type": "static", "customers": ["ann", "bob", "cid"]}
    shop.made("/v1/segments", guests)
    base, main = sign_in(), page.get_by_role("main")

    page.goto(f"{base}/segments/new")
    page.get_by_label("Name", exact=True).fill("Gold")
    first = page.get_by_role("group", name="Condition 1")
    first.get_by_label("What is asked about").select_option(label="Metadata")
    first.get_by_label("Name in the metadata").fill("tier")
    first.get_by_label("With what").fill("gold")
    page.get_by_role("button", name="New segment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gold")
    expect(main).to_contain_text("2 customers at")
    page.goto(f"{base}/segments")
    expect(main).to_contain_text("3 customers")
    inspect(page)
    page.get_by_role("link", name="Guests", exact=True).click()
    expect(main).to_contain_text("3 customers, by name")
    expect(main.locator("ul code")).to_have_count(3)
    inspect(page)
