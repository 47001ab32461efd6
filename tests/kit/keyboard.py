"""Somebody at the keyboard alone: one gets everywhere, and always sees where one is."""

from typing import Final

from playwright.sync_api import Locator, Page

MOST_STOPS: Final = 60
# What is wrong with where the focus is; nothing, where one sees it. The page itself has no ring.
UNSEEN: Final = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const at = document.activeElement;
  if (!at || at === document.body || at === document.documentElement) return null;
  const ringed = (each) => {
    const style = each && getComputedStyle(each);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const what = at.outerHTML.slice(0, 200);
  if (!ringed(at) && !ringed(at.closest("label"))) return `no ring around ${what}`;
  const box = at.getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  if (right <= left || bottom <= top) return `out of sight: ${what}`;
  const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  if (over && !at.contains(over) && !over.contains(at)) {
    return `covered by ${over.outerHTML.slice(0, 100)}: ${what}`;
  }
  return null;
}"""


def has_focus(wanted: Locator) -> bool:
    focused = "element => element === document.activeElement"
    return wanted.count() == 1 and bool(wanted.evaluate(focused))


def tab_to(page: Page, wanted: Locator, most: int = MOST_STOPS, *, back: bool = False) -> int:
    """Press Tab until something has the focus; say how many stops that took.

    It is waited for: a page that is still on its way has fewer stops.
    """
    wanted.first.wait_for(state="attached")
    for stops in range(1, most + 1):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        unseen = page.evaluate(UNSEEN)
        assert unseen is None, f"{page.url}: {unseen}"
        if has_focus(wanted):
            return stops
    raise AssertionError(f"{page.url}: {most} stops do not lead to {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter", *, back: bool = False) -> None:
    """Go to something with Tab, and press it."""
    tab_to(page, wanted, back=back)
    page.keyboard.press(key)
