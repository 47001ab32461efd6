"""What is done to many at once, as its page shows it."""

from kit.consoles import Page
from kit.patience import until
from kit.people import Shop, Somebody


def campaign(shop: Shop) -> str:
    """Make a campaign with two codes; return its id."""
    partner = shop.made("/v1/partners", {"name": "Blog"})
    body = {
        "name": "Autumn",
        "partner_id": partner["id"],
        "voucher": {"type": "DISCOUNT_VOUCHER", "discount": {"type": "PERCENT", "percent_off": 10}},
    }
    made = shop.made("/v1/campaigns", body)
    for code in ("ONE", "TWO"):
        shop.made(f"/v1/campaigns/{made['id']}/vouchers/{code}", {})
    return str(made["id"])


async def test_a_job_is_shown_and_undone_and_says_what_it_could_not_do(
    owner: Somebody, shop: Shop
) -> None:
    campaign(shop)
    asked = {"action": "disable", "ids": ["ONE", "TWO", "NOBODYS"]}
    job = shop.made("/v1/vouchers/bulk", asked)["async_action_id"]
    browser, place = owner.browser, f"{owner.home}/jobs/{job}"

    async def done() -> bool:
        return _shows(browser.open(place), "2 of 3")

    await until(done, what="the job's end on its page")
    page = browser.open(place)
    listed = browser.open(f"{owner.home}/jobs")

    assert "Disable 3 codes" in page.title
    assert "NOBODYS" in page.text
    assert place in listed.links
    undone = browser.send(page, f"{place}/undo")
    assert undone.status == 303
    assert "Undo for 2 codes" in browser.follow(undone).title


def _shows(page: Page, text: str) -> bool:
    assert page.status == 200, page.text
    return text in page.text


def test_a_job_of_anothers_is_none(owner: Somebody, shop: Shop) -> None:
    other = shop.another()
    campaign(other)
    job = other.made("/v1/vouchers/bulk", {"action": "disable", "ids": ["ONE"]})

    assert owner.browser.get(f"{owner.home}/jobs/{job['async_action_id']}").status == 404


def test_a_confirmation_holds_for_as_many_as_were_shown(owner: Somebody, shop: Shop) -> None:
    made = campaign(shop)
    browser, place = owner.browser, f"{owner.home}/bulk/codes"
    listed = browser.open(f"{owner.home}/codes")
    asked = browser.send(listed, place, act="disable", all="1", filter=f"campaign_id={made}")
    shop.made(f"/v1/campaigns/{made}/vouchers/THREE", {})

    refused = browser.follow(browser.send(asked, f"{place}/begin"))

    assert "2 codes" in asked.title
    assert "it is 3, and 2 was expected" in refused.text
    assert f"{owner.home}/codes/ONE" in browser.open(f"{owner.home}/codes?status=live").links
