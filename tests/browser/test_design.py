"""The components by themselves, on the page that shows all of them."""

import re
from typing import Any

import pytest
from kit import chromium
from kit.chromium import Look, every_look, phone
from kit.page_faults import Faults, inspect
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from counterfoil.platform import Platform

LEAST_TARGET, LEAST_UNDER_A_THUMB = 24, 44


@pytest.fixture
def page(page: Page) -> Page:
    page.goto("/design")
    return page


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name)


@every_look
def test_nothing_is_wrong_with_any_component(page: Page) -> None:
    expect(page.locator(".u-over")).to_have_count(1)  # the chart is drawn

    inspect(page)


@pytest.mark.parametrize("look", [Look(640)], ids=str)
def test_text_of_twice_the_size_fits(page: Page) -> None:
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    page.locator("#sample-chart canvas").wait_for()
    page.evaluate("() => { window.__shift = 0; }")  # it was we who moved it

    inspect(page)


@pytest.mark.parametrize(
    "look", [Look(width) for width in (320, 600, 760, 900, 1200, 2560)], ids=str
)
def test_every_width_between_fits(page: Page) -> None:
    inspect(page)


def test_the_chosen_theme_is_there_whatever_the_system_wants(page: Page) -> None:
    page.goto("/design?theme=dark")

    assert page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(17, 20, 24)"
    )


def test_an_unknown_name_in_the_address_is_named(page: Page, faults: Faults) -> None:
    faults.expect(400, "/design")

    page.goto("/design?colour=blue")

    expect(page.get_by_role("main")).to_contain_text("colour")


@every_look
def test_whatever_has_the_focus_is_seen(page: Page) -> None:
    """Tab walks all of the page: each stop has a line around it, and nothing lies over it."""
    assert not [
        stop
        for stop in walk(page)
        if not stop["outlined"] or not stop["on_top"] or stop["size"] < LEAST_TARGET
    ]


def test_a_thumb_finds_every_target(browser: Browser, platform: Platform) -> None:
    with chromium.context(
        browser, Look(390), base_url=platform.gateway, has_touch=True, is_mobile=True
    ) as touched:
        page = touched.new_page()
        page.goto("/design")

        assert not [stop for stop in walk(page) if stop["size"] < LEAST_UNDER_A_THUMB]


def walk(page: Page) -> list[dict[str, Any]]:
    """Press Tab until the focus has been everywhere."""
    stops: list[dict[str, Any]] = []
    for _ in range(400):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            return stops
        stops.append(stop)
    pytest.fail("the walk does not end")


STOP = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const rect = element.getBoundingClientRect();
  const label = element.matches("input") ? element.closest("label") ?? element : element;
  const target = label.getBoundingClientRect();
  const style = getComputedStyle(element);
  const x = rect.left + Math.min(rect.width / 2, innerWidth - rect.left - 1);
  const y = rect.top + Math.min(rect.height / 2, 20);
  const top = document.elementFromPoint(x, y);
  const inline = style.display.startsWith("inline") && !style.display.includes("-");
  return {
    what: element.outerHTML.slice(0, 120),
    outlined: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none",
    on_top: top !== null &&
      (element.contains(top) || top.contains(element) || label.contains(top)),
    size: inline ? 99 : Math.round(Math.min(target.width, target.height) + 0.01),
  };
}"""


def test_the_first_stop_leads_past_the_navigation(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()

    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_a_dialog_takes_the_focus_keeps_it_and_gives_it_back(page: Page) -> None:
    opener = page.locator("#dialog").get_by_role("button", name="Disable 12 campaigns")
    opener.press("Enter")
    dialog = page.get_by_role("dialog", name="Disable 12 campaigns?")

    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "() => document.activeElement === document.body"
            " || Boolean(document.activeElement.closest('dialog'))"
        )
    inspect(page)
    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_what_is_for_ever_asks_for_the_name(page: Page) -> None:
    page.locator("#dialog").get_by_role("button", name="Delete for ever").click()
    dialog = page.get_by_role("dialog", name="Delete for ever?")
    typed = dialog.get_by_label("Type Autumn Weekend to confirm")

    typed.fill("Autumn")
    dialog.get_by_role("button", name="Delete for ever").click()
    expect(dialog).to_be_visible()
    assert not typed.evaluate("field => field.validity.valid")

    typed.fill("Autumn Weekend")
    assert typed.evaluate("field => field.validity.valid")


def test_arrows_walk_a_menu_and_escape_leaves_it(page: Page) -> None:
    opener = page.locator("#menu").get_by_role("button", name="Actions")
    opener.focus()
    page.keyboard.press("Enter")
    edit = page.locator("#sample-menu").get_by_role("link", name="Edit")
    expect(edit).to_be_focused()

    page.keyboard.press("ArrowDown")
    expect(page.locator("#sample-menu").get_by_role("link", name="Copy")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#sample-menu").get_by_role("button", name="Delete")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(edit).to_be_focused()
    inspect(page)
    page.keyboard.press("Escape")

    expect(edit).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_menu_lies_at_its_button_and_within_the_window(page: Page) -> None:
    for button in ("More for AUTUMN-3811-K0",):
        page.get_by_role("button", name=button).click()
        menu = page.locator("[popover]:popover-open").bounding_box()
        place = page.get_by_role("button", name=button).bounding_box()
        assert menu is not None
        assert place is not None
        assert abs(menu["y"] - place["y"] - place["height"]) < 12
        assert menu["x"] + menu["width"] <= 1440


@phone
def test_filters_stand_in_a_sheet_on_a_phone(page: Page) -> None:
    filters = page.locator("#filters")
    expect(filters.locator("summary", has_text="Partner")).to_be_hidden()

    filters.get_by_role("button", name="Filters (3)").click()
    expect(filters.get_by_role("button", name="Show 2,418")).to_be_visible()
    inspect(page)
    page.keyboard.press("Escape")

    expect(filters.get_by_role("button", name="Show 2,418")).to_be_hidden()


def test_boxes_of_a_filter_are_ticked_and_counted(page: Page) -> None:
    status = page.locator("#filters details", has_text="Status")
    status.locator("summary").click()

    status.get_by_text("Scheduled").click()
    status.get_by_text("Used up").click()
    expect(status.locator("[data-count]")).to_have_text("3")

    page.keyboard.press("Escape")
    expect(status.get_by_text("Scheduled")).to_be_hidden()
    expect(status.locator("summary")).to_be_focused()


def test_filters_stand_in_line_where_there_is_room(page: Page) -> None:
    expect(page.locator("#filters").get_by_role("button", name="Show 2,418")).to_be_visible()
    expect(page.locator("#filters").get_by_role("button", name="Filters (3)")).to_be_hidden()


@phone
def test_a_row_is_a_card_on_a_phone_and_the_rest_is_behind_more(page: Page) -> None:
    card = page.locator("#sample-table [data-row]").first
    expect(card.locator("code")).to_be_visible()
    expect(card.get_by_text("10 % off")).to_be_hidden()

    card.locator("summary").click()

    expect(card.get_by_text("10 % off")).to_be_visible()


@phone
def test_the_pages_are_behind_a_button_on_a_phone(page: Page) -> None:
    campaigns = page.locator("#side").get_by_role("link", name="Campaigns")
    expect(campaigns).to_be_hidden()

    page.get_by_role("button", name="Menu").click()
    expect(campaigns).to_be_visible()
    inspect(page)
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Menu")).to_be_focused()


def test_boxes_are_counted_and_no_row_moves(page: Page) -> None:
    below_head = (
        "() => document.querySelector('#sample-table [data-row]').getBoundingClientRect().top"
        " - document.querySelector('#table-title').getBoundingClientRect().top"
    )
    before = page.evaluate(below_head)

    box(page, "Select AUTUMN-3811-K0").check()
    bar = page.get_by_role("group", name="With what is selected")
    expect(bar).to_contain_text("1 selected")
    assert page.evaluate(below_head) == before

    box(page, "Select AUTUMN-9676-K2").click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    expect(bar.get_by_text("Select all 2,418 that match")).to_be_hidden()

    box(page, "Select all on this page").check()
    expect(bar).to_contain_text("7 selected")
    expect(bar.get_by_text("Select all 2,418 that match")).to_be_visible()
    inspect(page)

    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


def test_letters_lead_about(page: Page) -> None:
    page.keyboard.press("j")
    first = page.locator("#sample-table [data-row]").first
    expect(first.get_by_role("link")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(first.get_by_role("link")).to_be_focused()
    page.keyboard.press("x")
    expect(box(page, "Select AUTUMN-3811-K0")).to_be_checked()

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()

    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search codes and campaigns")).to_be_focused()
    page.keyboard.type("j?x")
    expect(page.get_by_role("searchbox", name="Search codes and campaigns")).to_have_value("j?x")


def test_a_code_is_copied_and_that_is_said(page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])

    page.locator("#button").get_by_role("button", name="Copy Code").click()

    expect(page.locator("#said")).to_have_text("Code copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == "AUTUMN-2026"


def test_a_chart_is_read_with_arrows(page: Page) -> None:
    plot = page.locator("#sample-chart [data-plot]")
    reading = page.locator("#sample-chart-reading")
    expect(plot.locator("canvas")).to_have_count(1)
    expect(reading).to_contain_text("28 Nov 2026")

    plot.focus()
    page.keyboard.press("ArrowLeft")
    expect(reading).to_contain_text("27 Nov 2026")
    expect(reading).to_have_attribute("aria-live", "polite")
    page.keyboard.press("Home")
    expect(reading).to_contain_text("1 Nov 2026")

    page.locator("#sample-chart summary").click()
    expect(page.locator("#sample-chart table").get_by_role("row")).to_have_count(29)


def test_a_chart_follows_the_theme_and_the_width(page: Page) -> None:
    canvas = page.locator("#sample-chart canvas")
    expect(canvas).to_have_count(1)
    light = canvas.evaluate("canvas => canvas.toDataURL().length")

    page.emulate_media(color_scheme="dark")
    expect(canvas).to_have_count(1)
    page.wait_for_function(
        "(light) => document.querySelector('#sample-chart canvas').toDataURL().length !== light",
        arg=light,
    )
    page.set_viewport_size({"width": 390, "height": 844})

    page.wait_for_function("() => document.querySelector('#sample-chart canvas').clientWidth < 380")
    inspect(page)


def test_without_script_menus_dialogs_and_figures_are_there(
    browser: Browser, platform: Platform
) -> None:
    opened = browser.new_context(base_url=platform.gateway, java_script_enabled=False)
    page = opened.new_page()
    page.goto("/design")

    page.locator("#menu").get_by_role("button", name="Actions").click()
    expect(page.locator("#sample-menu")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#dialog").get_by_role("button", name="Disable 12 campaigns").click()
    expect(page.get_by_role("dialog", name="Disable 12 campaigns?")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#sample-chart summary").click()
    expect(page.locator("#sample-chart table")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Copy Code"))).to_have_count(0)
    expect(page.get_by_role("group", name="With what is selected")).to_be_visible()
    opened.close()


def test_forced_colours_leave_every_status_apart(page: Page) -> None:
    page.emulate_media(forced_colors="active")

    inspect(page)
    border = page.locator("#status .status").first.evaluate(
        "pill => getComputedStyle(pill).borderTopWidth"
    )
    assert border == "1px"


def test_a_live_region_refreshes_unless_it_is_paused(page: Page) -> None:
    asked: list[Request] = []
    page.clock.install()
    page.reload()
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # a builtin is no handler
    region = page.locator("#sample-live")
    expect(region).to_contain_text("Updated")

    with page.expect_response("**/design"):
        page.clock.run_for(61_000)
    assert len(asked) == 1

    region.get_by_role("button", name="Pause").click()
    page.clock.run_for(130_000)
    expect(region.get_by_role("button", name="Resume")).to_be_visible()
    assert len(asked) == 1
