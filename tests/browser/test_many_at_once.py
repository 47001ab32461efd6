"""Many codes at once: asked once more, done as a job, and undone by what it changed."""

import re
from collections.abc import Callable
from pathlib import Path

from kit import deals
from kit.chromium import both_widths
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect

MANY = 30
PAGE = 25


def ends(page: Page, done: str) -> None:
    """Wait until a job's page says that it has ended, by itself."""
    expect(page.get_by_role("main")).to_contain_text(f"Done {done}")
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


@both_widths
def test_some_or_all_of_what_a_filter_finds_are_switched_off_and_on_again(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    codes = [f"AUT-{number:02}" for number in range(1, MANY + 1)]
    deals.campaign(shop, *codes, "WINTER")
    page.goto(f"{sign_in('editor')}/codes?limit={PAGE}&sort=code")
    page.locator("#search-list").press_sequentially("AUT-")
    expect(page.get_by_text(f"{PAGE} of {MANY}")).to_be_visible()
    bar = page.get_by_role("group", name="With what is selected")
    main = page.get_by_role("main")

    page.get_by_role("checkbox", name="Select AUT-01").check()
    page.get_by_role("checkbox", name="Select AUT-02").check()
    expect(bar).to_contain_text("2 selected")
    inspect(page)
    bar.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Disable 2 codes?")
    expect(page.get_by_role("link", name="Cancel")).to_be_focused()
    inspect(page)
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(re.compile(r"/codes\?.*q=AUT-"))

    page.get_by_role("checkbox", name="Select AUT-01").check()
    page.get_by_role("checkbox", name="Select AUT-02").check()
    bar.get_by_role("button", name="Disable").click()
    page.get_by_role("button", name="Disable 2 codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Disable 2 codes")
    ends(page, "2 of 2")
    assert [deals.redeem(shop, each) for each in ("AUT-01", "AUT-03")] == [400, 200]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Undo for 2 codes")
    ends(page, "2 of 2")
    assert deals.redeem(shop, "AUT-01") == 200

    page.get_by_role("link", name="Jobs").last.click()
    expect(page.locator("#jobs [data-row]")).to_have_count(2)
    inspect(page)
    page.goto(f"{page.url.rpartition('/')[0]}/codes?q=AUT-&limit={PAGE}")
    page.get_by_role("checkbox", name="Select all on this page").check()
    expect(bar).to_contain_text(f"{PAGE} selected")
    bar.get_by_role("checkbox", name=f"All {MANY} that match").check()
    inspect(page)
    bar.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Disable {MANY} codes?")
    page.get_by_role("button", name=f"Disable {MANY} codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Disable {MANY} codes")
    ends(page, f"{MANY} of {MANY}")
    inspect(page)
    assert [deals.redeem(shop, each) for each in ("AUT-30", "WINTER")] == [400, 200]
    main.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Undo for {MANY} codes")
    ends(page, f"{MANY} of {MANY}")
    assert deals.redeem(shop, "AUT-30") == 200


@both_widths
def test_what_could_not_be_done_is_told_and_can_be_taken_along(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    codes = ("AUT-01", "AUT-02", "AUT-03")
    deals.campaign(shop, *codes)
    for code in codes:
        shop.made(f"/v1/vouchers/{code}/disable", {})
    page.goto(f"{sign_in('editor')}/codes?status=disabled")
    for code in codes:
        page.get_by_role("checkbox", name=f"Select {code}").check()
    bar = page.get_by_role("group", name="With what is selected")
    bar.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enable 3 codes?")
    gone = shop.http.delete("/v1/vouchers/AUT-02", headers=shop.keys)
    assert gone.is_success  # by somebody else, who was faster
    shop.made("/v1/vouchers/AUT-03/enable", {})

    page.get_by_role("button", name="Enable 3 codes").click()

    ends(page, "1 of 3")
    rows = page.locator("#failures [data-row]")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="AUT-02")).to_contain_text("Failed")
    expect(rows.filter(has_text="AUT-03")).to_contain_text("Skipped")
    inspect(page)
    with page.expect_download() as begun:
        page.get_by_role("link", name="Export as CSV").click()
    written = Path(begun.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert begun.value.suggested_filename.endswith(".csv")
    assert len(written) == 3
    assert [each for each in codes if each in "".join(written)] == [
        "AUT-02",
        "AUT-03",
    ]
