"""A partner's own pages, as somebody of the partner's walks them."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from kit.chance import without_chance
from kit.consoles import Browser, Page
from kit.people import Shop, Somebody

from console import query
from console.pages import PAGES
from console.pages.portal.codes.view import NAMES as OF_CODES
from console.pages.portal.earned import earned
from console.pages.portal.links.view import view as links_view
from console.pages.portal.onward import onward
from console.pages.portal.overview.view import changes

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 16, 6, tzinfo=UTC)
PLACE = "/portal/{project}"
PORTAL = sorted({page.path for page in PAGES if page.path.startswith(PLACE) and page.show})
ACTS = sorted({page.path for page in PAGES if page.path.startswith(PLACE) and page.save})
NOTES = "Canary-notes-5c1b"
REPORTED_SECONDS = 60


@dataclass(frozen=True)
class Scene:
    """A partner with a live deal and one to come, another partner, and a person of the first's."""

    shop: Shop
    somebody: Somebody
    partner: Mapping[str, Any]
    rival: Mapping[str, Any]
    autumn: str
    january: str
    rivals: str

    @property
    def browser(self) -> Browser:
        return self.somebody.browser

    @property
    def home(self) -> str:
        return f"/portal/{self.shop.id}"


def deal(shop: Shop, partner: Mapping[str, Any], name: str, code: str, **more: Any) -> str:
    """Make a campaign of one code, and share it; return its id."""
    body = {
        "name": name,
        "partner_id": partner["id"],
        "channel": "newsletter",
        "landing_url": "https://shop.example/",
        "contract_notes": NOTES,
        "margin_basis_points": 4321,
        "voucher": {"type": "DISCOUNT_VOUCHER", "discount": {"type": "PERCENT", "percent_off": 10}},
        "commission_plan": {"share_basis_points": 500},
    }
    made = shop.made("/v1/campaigns", body | more)
    shop.made(f"/v1/campaigns/{made['id']}/vouchers/{code}", {})
    share = {"kind": "campaign", "campaign_id": made["id"]}
    shop.made(f"/v1/partners/{partner['id']}/shares", share)
    return str(made["id"])


@pytest.fixture
def scene(shop: Shop, sign_in: Callable[..., Somebody]) -> Scene:
    partner = shop.made("/v1/partners", {"name": "Dealhunt", "contract_notes": NOTES})
    rival = shop.made("/v1/partners", {"name": "Canary-rival"})
    return Scene(
        shop=shop,
        somebody=sign_in("partner", partner["id"]),
        partner=partner,
        rival=rival,
        autumn=deal(
            shop,
            partner,
            "Autumn <b>sale</b>",
            "AUTUMN10",
            limits=[
                {"of": "customer", "per": "day", "redemptions": 50},
                {"of": "campaign", "discount_amount": 43_210_000},
            ],
        ),
        january=deal(shop, partner, "January", "JANUARY15", start_date="2099-01-01T00:00:00Z"),
        rivals=deal(shop, rival, "Canary-rivals-deal", "RIVAL20"),
    )


def redeem(shop: Shop, code: str, amount: int = 10_000) -> None:
    body = {
        "redeemables": [{"object": "voucher", "id": code}],
        "customer": {"source_id": f"canary-customer-{uuid4().hex}"},
        "order": {"amount": amount},
    }
    shop.made("/v1/redemptions", body)


def shown(browser: Browser, path: str, text: str) -> Page:
    """Open a page again and again until reports know what was done a moment ago."""
    until = time.monotonic() + REPORTED_SECONDS
    while text not in (page := browser.open(path)).text:
        assert time.monotonic() < until, f"no {text!r} in {page.text}"
        time.sleep(0.5)
    return page


def revealed(page: Page) -> list[str]:
    return re.findall(r'<div class="secret"><code>([^<]+)</code>', page.answer.text)


def test_a_partner_comes_in_where_their_deals_are(scene: Scene) -> None:
    page = scene.browser.open("/")

    assert page.answer.url.path == f"{scene.home}/"
    assert scene.browser.open("/portal").answer.url.path == f"{scene.home}/"
    assert "Dealhunt at" in page.text
    for told in ("Autumn <b>sale</b>", "10 % off", "AUTUMN10", "5 % of the net", "no end"):
        assert told in page.text
    assert "At most 50 redemptions per customer and day" in page.text
    codes = scene.browser.open(f"{scene.home}/codes?deal={scene.autumn}")
    assert "At most 50 redemptions per customer and day" in codes.text
    assert "JANUARY15" not in page.text  # not live yet
    assert "1 deal starts later" in page.text
    assert "<b>sale" not in page.answer.text


def test_who_is_a_partner_of_two_shops_goes_from_one_to_the_other(scene: Scene) -> None:
    other = scene.shop.another()
    partner = other.made("/v1/partners", {"name": "Dealhunt elsewhere"})
    member = {"email": scene.somebody.email, "role": "partner", "partner_id": partner["id"]}
    path = f"/management/v1/projects/{other.id}/users"
    assert other.http.post(path, json=member, headers=other.management).is_success
    deal(other, partner, "Elsewhere", "ELSEWHERE5")
    browser = scene.browser
    browser.sign_in(scene.somebody.email, scene.somebody.password)

    first = browser.open(f"{scene.home}/")
    assert f"/portal/{other.id}/" in first.links
    second = browser.open(f"/portal/{other.id}/")

    assert ("AUTUMN10" in first.text, "ELSEWHERE5" in first.text) == (True, False)
    assert ("AUTUMN10" in second.text, "ELSEWHERE5" in second.text) == (False, True)
    assert "Dealhunt elsewhere at" in second.text
    assert browser.get(f"/portal/{scene.shop.another().id}/").status == 404


def test_this_month_is_counted(scene: Scene) -> None:
    redeem(scene.shop, "AUTUMN10")
    redeem(scene.shop, "AUTUMN10")
    redeem(scene.shop, "RIVAL20")

    page = shown(scene.browser, f"{scene.home}/", "Redemptions2")

    assert "Net sales, EUR180.00" in page.text
    assert "Commission, EUR9.00" in page.text


def test_what_is_new_is_new_until_it_was_seen(scene: Scene) -> None:
    browser = scene.browser
    first = browser.open(f"{scene.home}/")
    assert "all codes are yours to use" in first.text

    seen = browser.follow(browser.send(first, f"{scene.home}/seen"))

    assert "Nothing has changed." in seen.text
    assert "all codes are yours to use" not in seen.text
    withdrawn = {"campaign_id": scene.autumn}
    scene.shop.made(f"/v1/partners/{scene.partner['id']}/shares/withdraw", withdrawn)
    later = browser.open(f"{scene.home}/")
    assert "the codes are not to be used any more" in later.text
    assert "AUTUMN10" not in later.text


def test_codes_are_found_by_text_deal_and_status(scene: Scene) -> None:
    browser = scene.browser

    def found(asked: str) -> set[str]:
        text = browser.open(f"{scene.home}/codes{asked}").text
        return {code for code in ("AUTUMN10", "JANUARY15", "RIVAL20") if code in text}

    assert found("") == {"AUTUMN10", "JANUARY15"}
    assert found("?q=tumn1") == {"AUTUMN10"}
    assert found("?q=RIVAL") == set()
    assert found("?status=scheduled") == {"JANUARY15"}
    assert found("?status=live") == {"AUTUMN10"}
    assert found(f"?deal={scene.january}") == {"JANUARY15"}
    assert found(f"?deal={scene.rivals}") == set()


def test_more_codes_than_a_page_has_are_led_to(scene: Scene) -> None:
    for at in range(30):
        scene.shop.made(f"/v1/campaigns/{scene.autumn}/vouchers/MANY{at:02}", {})
    browser = scene.browser

    first = browser.open(f"{scene.home}/codes?status=live&limit=25")
    [onward] = [link for link in first.links if "after=" in link]
    second = browser.open(f"{scene.home}/codes{onward.replace('&amp;', '&')}")

    assert "25 rows, more follow" in first.text
    assert "the last 6 rows" in second.text
    codes = [set(re.findall(r"data-copy=\"(\w+)\"", page.answer.text)) for page in (first, second)]
    assert not codes[0] & codes[1]
    assert codes[0] | codes[1] == {"AUTUMN10", *(f"MANY{at:02}" for at in range(30))}


def test_an_export_has_the_view_and_a_name_that_says_so(scene: Scene) -> None:
    answer = scene.browser.get(f"{scene.home}/codes.csv?status=live").answer

    lines = answer.content.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("code,status,redeemed_quantity,")
    assert [line.split(",")[0] for line in lines[1:] if line] == ["AUTUMN10"]
    assert re.search(r'filename="counterfoil-[\w-]+-codes-', answer.headers["content-disposition"])


def test_a_link_is_followed_and_its_visit_counted(scene: Scene) -> None:
    page = scene.browser.open(f"{scene.home}/links")
    links = [link for link in revealed(page) if "/go/" in link]

    assert {link.rpartition("/")[2] for link in links} == {scene.autumn, scene.january}
    assert page.answer.text.count('src="data:image/svg+xml') == 2
    gone = scene.shop.http.get(next(link for link in links if scene.autumn in link))
    assert gone.status_code in (302, 303, 307)
    shown(scene.browser, f"{scene.home}/links", "1 visit")


def test_what_was_earned_is_told_sale_by_sale(scene: Scene) -> None:
    redeem(scene.shop, "AUTUMN10")
    redeem(scene.shop, "RIVAL20")

    # The page asks two reports at once: each may be the first to know of a sale.
    shown(scene.browser, f"{scene.home}/earnings?period=today", "AUTUMN1090.004.50")
    page = shown(scene.browser, f"{scene.home}/earnings?period=today", "Redemptions1")

    assert "net sales 90.00, commission 4.50 EUR" in page.text
    assert "AUTUMN1090.004.50" in page.text
    answer = scene.browser.get(f"{scene.home}/earnings.csv?period=today").answer
    lines = answer.content.decode("utf-8-sig").split("\r\n")
    assert len(list(filter(None, lines))) == 2
    assert "AUTUMN10" in lines[1]
    assert "4.50" in lines[1]
    long_ago = "period=custom&from=2020-01-01&to=2020-01-31"
    nothing = scene.browser.open(f"{scene.home}/earnings?{long_ago}")
    assert "No sale in this period" in nothing.text


def test_all_time_and_a_reversed_period(scene: Scene) -> None:
    redeem(scene.shop, "AUTUMN10")

    assert "4.50" in shown(scene.browser, f"{scene.home}/earnings?period=all", "Redemptions1").text
    wrong = scene.browser.open(f"{scene.home}/earnings?period=custom&from=2026-02-01&to=2026-01-01")
    assert wrong.status == 200
    assert 'class="error"' in wrong.answer.text


def test_a_feed_key_is_shown_once_rotated_and_revoked(scene: Scene) -> None:
    browser, http = scene.browser, scene.shop.http

    def fed(key: str) -> int:
        return http.get("/v1/feed", headers={"Authorization": f"Bearer {key}"}).status_code

    made = browser.send(browser.open(f"{scene.home}/account"))
    first = revealed(made)[0]

    assert fed(first) == 200
    assert f"Bearer {first}" in made.text
    later = browser.open(f"{scene.home}/account")
    assert first not in later.answer.text
    assert "Last fetchednever" not in later.text
    second = revealed(browser.send(later))[0]
    time.sleep(1.5)  # "from a second later on"
    assert (fed(first), fed(second)) == (401, 200)
    revoke = f"{scene.home}/account/revoke"
    wrong = browser.send(browser.open(f"{scene.home}/account"), revoke, typed="nobody")
    assert "Nothing was revoked" in browser.follow(wrong).text
    assert fed(second) == 200
    gone = browser.send(browser.open(f"{scene.home}/account"), revoke, typed="Dealhunt")
    assert "opens nothing any more" in browser.follow(gone).text
    assert fed(second) == 401


def test_nothing_of_the_contract_of_customers_or_of_others_is_on_any_page(scene: Scene) -> None:
    redeem(scene.shop, "AUTUMN10")
    redeem(scene.shop, "RIVAL20")
    shown(scene.browser, f"{scene.home}/", "Redemptions1")

    for path in PORTAL:
        page = scene.browser.get(path.format(project=scene.shop.id))
        assert page.status == 200, path
        text = page.answer.content.decode()
        for canary in (NOTES, "anary-", "RIVAL20", scene.rivals, scene.rival["id"]):
            assert canary not in text, (path, canary)
        text = without_chance(text)
        for number in ("4321", "432,100"):
            assert number not in text, (path, number)
        for word in ("Profit", "ROI", "Margin", "customer_id"):
            assert word not in text, (path, word)


def test_staff_are_on_no_page_of_a_partners_nor_do_they_act_there(owner: Somebody) -> None:
    token = dict(owner.browser.open("/account").form("/signout").fields)["csrf"]

    for path in PORTAL:
        assert owner.browser.get(path.format(project=owner.project_id)).status == 403, path
    for path in ACTS:
        posted = owner.browser.post(path.format(project=owner.project_id), [("csrf", token)])
        assert posted.status == 403, path


def test_what_is_unknown_is_refused_by_name(scene: Scene) -> None:
    for path in PORTAL:
        page = scene.browser.get(f"{path.format(project=scene.shop.id)}?partner_id=x")
        assert page.status == 400, path
        assert "There is no “partner_id” here" in page.text, path


def test_an_act_with_a_stale_token_is_not_done(scene: Scene) -> None:
    page = scene.browser.post(f"{scene.home}/account", [("csrf", "stale"), ("key", "k")])

    assert page.status == 422
    assert "There is no key that opens the feed." in page.text


def figure(value: int) -> dict[str, Any]:
    return {"value": value, "before": None, "difference": None, "ratio": None, "new": False}


def totals(currency: str, count: int) -> dict[str, Any]:
    amounts = {"net_minor": figure(count * 1_000), "commission_minor": figure(count * 50)}
    counts = {"redemptions": figure(count), "visits": figure(7)}
    return {"currency": currency, "figures": counts | amounts}


def test_money_of_other_currencies_is_told_and_not_added() -> None:
    found = earned([totals("USD", 3), totals("EUR", 2)], "EUR", "previous")

    assert [card.value for card in found.cards] == ["2", "20.00", "1.00", "7"]
    [other] = found.others
    assert other == "Also in USD: 3 redemptions, net sales 30.00, commission 1.50."


@pytest.mark.parametrize(
    ("after", "more", "said", "leads_on", "leads_back"),
    [
        ("", None, "3 rows", "", ""),
        ("", "c2", "3 rows, more follow", "?after=c2", ""),
        ("c2", "c3", "3 rows, more follow", "?after=c3", "?"),
        ("c3", None, "the last 3 rows", "", "?"),
    ],
)
def test_cursors_lead_on_and_back_to_the_first(
    after: str, more: str | None, said: str, leads_on: str, leads_back: str
) -> None:
    asks = query.read(OF_CODES, [("after", after)])

    pager = onward(asks, 3, more)

    assert (pager.range, pager.next, pager.first) == (said, leads_on, leads_back)


@pytest.mark.parametrize(
    ("change", "count", "said"),
    [
        ("shared", None, "Autumn: all codes are yours to use"),
        ("shared", 5000, "Autumn: 5,000 codes are yours to use"),
        ("held_back", None, "Autumn: the codes are held back, and not to be used for now"),
        ("held_back", 2, "Autumn: 2 codes are held back, and not to be used for now"),
        ("withdrawn", 1, "Autumn: 1 code is not to be used any more"),
        ("withdrawn", None, "Autumn: the codes are not to be used any more"),
        ("changed", 5000, "Autumn: which codes you have has changed"),
        ("started", None, "Autumn has started"),
        ("ended", None, "Autumn has ended"),
        ("disabled", None, "Autumn is switched off: its codes do not redeem for now"),
    ],
)
def test_whatever_can_happen_is_said(change: str, count: int | None, said: str) -> None:
    told = {"change": change, "at": "2026-11-26T16:06:00Z", "deal": "Autumn", "codes_count": count}

    assert [each.what for each in changes([told])] == [said]


def test_links_are_there_while_reports_are_away() -> None:
    link = {
        "deal_id": "camp_1",
        "deal": "Autumn",
        "status": "live",
        "expiration_date": None,
        "path": "/go/camp_1",
        "link": "http://inside/go/camp_1",
    }
    asks = query.read((query.page(),), [("page", "2")])

    found = links_view(
        asks, {"links": [link], "total": 11}, None, "https://c.example", now=NOW, zone=BERLIN
    )

    assert [(each.link, each.visits) for each in found.links] == [
        ("https://c.example/go/camp_1", "")
    ]
    assert (found.pager.range, found.pager.previous, found.pager.next) == ("11–11 of 11", "?", "")


def test_a_link_that_leads_nowhere_is_not_shown() -> None:
    link = {
        "deal_id": "camp_1",
        "deal": "Autumn",
        "status": "live",
        "expiration_date": None,
        "path": None,
        "link": None,
    }
    asks = query.read((query.page(),), [])

    found = links_view(
        asks, {"links": [link], "total": 1}, None, "https://c.example", now=NOW, zone=BERLIN
    )

    assert [(each.link, each.picture) for each in found.links] == [("", "")]
