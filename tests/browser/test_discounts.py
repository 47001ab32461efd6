"""What a discount is taken off, chosen in the form; and codes tried with the lines it needs."""

from collections.abc import Callable

from kit.chromium import both_widths
from kit.page_faults import Faults, inspect
from playwright.sync_api import Page, expect


@both_widths
def test_a_discount_on_lines_is_made_and_tried_with_lines(
    page: Page, sign_in: Callable[..., str], faults: Faults
) -> None:
    faults.expect(422, "/campaigns/new")
    base = sign_in()
    page.goto(f"{base}/campaigns/new")
    page.get_by_label("Name", exact=True).fill("Shoes")
    taken, together = page.get_by_label("Taken off"), page.get_by_label("At most off all lines")
    expect(taken).to_have_value("APPLY_TO_ORDER")
    expect(together).to_be_hidden()
    page.get_by_label("Free products or shipping").check()
    expect(taken).to_be_hidden()
    expect(page.get_by_label("Free shipping")).to_be_visible()
    inspect(page)

    page.get_by_label("A fixed amount, EUR").check()
    expect(page.get_by_label("Free shipping")).to_be_hidden()
    page.get_by_label("Amount off", exact=True).fill("5")
    taken.select_option("each unit of each line")
    together.fill("50")
    page.locator("summary", has_text="Another amount for larger orders").click()
    page.get_by_label("Orders from, EUR").first.fill("100")
    page.locator("summary", has_text="Only for certain products").click()
    page.get_by_label("Only these").fill("shoe")
    page.get_by_label("One public code for everybody").check()
    page.get_by_label("The code", exact=True).fill("SHOES5")
    page.get_by_role("button", name="Create campaign").click()
    expect(page.get_by_text("A tier needs both").first).to_be_visible()
    inspect(page)
    page.get_by_label("Then off, EUR").first.fill("10")
    page.get_by_role("button", name="Create campaign").click()
    expect(page.get_by_role("main")).to_contain_text("only shoe")
    said = "5.00 EUR off each unit, 10.00 EUR from 100.00 EUR on, 50.00 EUR at most together"
    expect(page.get_by_text(said)).to_be_visible()

    page.goto(f"{base}/try?code=SHOES5&amount=50")
    page.get_by_role("link", name="The lines of the basket").click()
    expect(page.get_by_label("Product").first).to_be_focused()
    page.get_by_label("Basket before discount").fill("")
    page.get_by_label("Product").nth(0).fill("shoe")
    page.get_by_label("Quantity").nth(0).fill("2")
    page.get_by_label("Price of one, EUR").nth(0).fill("20")
    page.get_by_label("Product").nth(1).fill("bag")
    page.get_by_label("Price of one, EUR").nth(1).fill("8")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.locator("#answer")).to_contain_text("It would be redeemed.")
    shoes = page.locator("#lines-1").get_by_role("row").filter(has_text="shoe")
    expect(shoes).to_contain_text("30.00")
    inspect(page)
