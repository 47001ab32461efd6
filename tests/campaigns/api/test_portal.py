"""What a partner's people see: their own, what of it is live or will be, and nothing of others."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from kit.campaigns_people import Person, a_person
from kit.campaigns_samples import FIVE_OFF, Shop
from kit.chance import without_chance

from campaigns.portal import api
from contracts.instants import to_rfc3339

PATHS = ("", "/codes", "/codes?format=csv", "/deals", "/links")


class Visitor:
    """A person of a partner's, signed in."""

    def __init__(self, person: Person, headers: dict[str, str]) -> None:
        self._person = person
        self._headers = headers

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self._person.call(method, f"/v1/portal{path}", body, self._headers)

    async def shown(self, path: str = "") -> dict[str, Any]:
        answer = await self.call("GET", path)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown


async def a_visitor(shop: Shop, partner_id: str) -> Visitor:
    person = await a_person(shop, "partner", partner_id=partner_id)
    return Visitor(person, await person.token())


async def a_partner(shop: Shop, name: str = "Blog") -> str:
    partner_id: str = (await shop.made("/v1/partners", {"name": name}))["id"]
    return partner_id


async def a_deal(shop: Shop, partner: str, *codes: str, **overrides: Any) -> dict[str, Any]:
    terms = {"partner_id": partner, "landing_url": "https://shop.example/deal"} | overrides
    campaign = await shop.campaign(**terms)
    for code in codes:
        await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/{code}")
    await shop.made(f"/v1/campaigns/{campaign['id']}/shares", {"kind": "campaign"})
    return campaign


def in_hours(hours: float) -> str:
    return to_rfc3339(datetime.now(UTC) + timedelta(hours=hours))


async def test_a_partner_sees_what_it_has_and_none_of_the_contracts_words(shop: Shop) -> None:
    partner, other = await a_partner(shop), await a_partner(shop, "Rival site")
    await a_deal(
        shop,
        partner,
        "NOW",
        name="Now",
        contract_notes="5 % until spring",
        margin_basis_points=3123,
        total_limit=777,
        commission_plan={"share_basis_points": 500},
        metadata={"secret": "internal"},
    )
    await a_deal(shop, partner, "LATER", name="Later", start_date=in_hours(1))
    await a_deal(shop, partner, "PAST", name="Past", expiration_date=in_hours(-1))
    await a_deal(shop, other, "OTHERS", name="Other deal")
    unshared = await shop.campaign(name="Unshared", partner_id=partner)
    await shop.made(f"/v1/campaigns/{unshared['id']}/vouchers/UNSHARED")
    visitor = await a_visitor(shop, partner)

    shown = await visitor.shown()
    answers = [without_chance((await visitor.call("GET", path)).text) for path in PATHS]

    assert shown["partner"] == {"id": partner, "name": "Blog"}
    assert (shown["project"], shown["currency"], shown["time_zone"]) == (
        "shop",
        "EUR",
        "Europe/Berlin",
    )
    assert shown["deals"] == {"live": 1, "scheduled": 1}
    plans = {each["commission_text"]: each["deals"] for each in shown["commission_plans"]}
    assert plans == {"5 % of the net": 1, "none": 1}
    for word in ("spring", "3123", "777", "internal", "Rival", "OTHERS", "Other deal", "nshared"):
        assert not any(word.lower() in answer.lower() for answer in answers), word


async def test_codes_are_those_that_redeem_now_or_will(shop: Shop) -> None:
    partner = await a_partner(shop)
    now = await a_deal(shop, partner, "A", "B", "OFF", name="Now")
    later = await a_deal(shop, partner, "C", name="Later", start_date=in_hours(1))
    await a_deal(shop, partner, "GONE", name="Past", expiration_date=in_hours(-1))
    await shop.made("/v1/vouchers/OFF/disable")
    act = f"/v1/partners/{partner}/shares"
    await shop.made(f"{act}/hold-back", {"codes": ["B"]})
    visitor = await a_visitor(shop, partner)

    async def codes(query: str = "") -> list[tuple[str, str]]:
        shown = await visitor.shown(f"/codes{query}")
        return sorted((each["code"], each["status"]) for each in shown["codes"])

    assert await codes() == [("A", "live"), ("C", "scheduled")]
    assert await codes("?status=live") == [("A", "live")]
    assert await codes(f"?campaign_id={later['id']}") == [("C", "scheduled")]
    assert await codes("?text=later") == [("C", "scheduled")]  # the deal's name
    assert await codes("?text=a&status=live") == [("A", "live")]
    assert await codes("?text=zzz") == []
    [first] = (await visitor.shown("/codes?status=live"))["codes"]
    assert in_hours(-1) < first.pop("shared_at") < in_hours(1)
    assert first == {
        "share_name": None,
        "code": "A",
        "status": "live",
        "deal_id": now["id"],
        "deal": "Now",
        "offer": FIVE_OFF,
        "offer_text": "5.00 EUR off",
        "start_date": None,
        "expiration_date": None,
        "quantity": None,
        "redeemed_quantity": 0,
        "path": f"/go/{now['id']}",
        "link": f"http://campaigns/go/{now['id']}",
    }


async def test_all_codes_come_as_csv_and_by_the_page(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "EXPORTED_AT_ONCE", 2)
    partner = await a_partner(shop)
    await a_deal(shop, partner, "=A", "B", "C", name="One")
    await a_deal(shop, partner, "D", "E", name="Two")
    visitor = await a_visitor(shop, partner)

    answer = await visitor.call("GET", "/codes?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    paged: list[str] = []
    query = "?limit=2"
    while query:
        page = await visitor.shown(f"/codes{query}")
        paged += [each["code"] for each in page["codes"]]
        query = f"?limit=2&cursor={page['more_cursor']}" if page["has_more"] else ""

    assert answer.headers["content-type"].startswith("text/csv")
    assert [row["code"].removeprefix("'") for row in rows] == paged
    assert sorted(paged) == ["=A", "B", "C", "D", "E"]
    assert {row["status"] for row in rows} == {"live"}
    assert {row["amount_off"] for row in rows} == {"5.00"}


async def test_deals_and_links_are_told_with_their_figures(shop: Shop, pool: asyncpg.Pool) -> None:
    partner = await a_partner(shop)
    whole = await a_deal(shop, partner, "A", "B", "C", name="Whole")
    loose = await shop.campaign(name="Loose", partner_id=partner)
    for code in "DEFG":
        await shop.made(f"/v1/campaigns/{loose['id']}/vouchers/{code}")
    act = f"/v1/partners/{partner}/shares"
    await shop.made(act, {"kind": "codes", "codes": ["D", "E", "G"]})
    await shop.made(f"{act}/hold-back", {"codes": ["A", "D"]})
    uses = "INSERT INTO campaign_uses (project_id, campaign_id, uses) VALUES ($1, $2, 7)"
    await pool.execute(uses, shop.project_id, whole["id"])
    for code in "ABE":  # no partner's any more, and A is not so twice
        wish = {"customer": {"source_id": "ann"}, "voucher": code}
        await shop.made("/v1/publications", wish)
    visitor = await a_visitor(shop, partner)

    deals = await visitor.shown("/deals")
    links = await visitor.shown("/links?text=WHOLE")

    assert [(d["name"], d["codes_count"], d["redeemed_quantity"]) for d in deals["deals"]] == [
        ("Loose", 1, 0),
        ("Whole", 1, 7),
    ]
    # Without a landing page a link would lead nowhere.
    assert [(d["path"], d["link"] is None) for d in deals["deals"]] == [
        (None, True),
        (f"/go/{whole['id']}", False),
    ]
    assert deals["total"] == 2
    assert links == {
        "object": "list",
        "data_ref": "links",
        "links": [
            {
                "deal_id": whole["id"],
                "deal": "Whole",
                "status": "live",
                "expiration_date": None,
                "path": f"/go/{whole['id']}",
                "link": f"http://campaigns/go/{whole['id']}",
            }
        ],
        "total": 1,
    }
    second = await visitor.shown("/deals?limit=1&page=2")
    assert ([d["name"] for d in second["deals"]], second["total"]) == (["Whole"], 2)


async def test_what_changed_is_told_until_it_was_seen(shop: Shop) -> None:
    partner = await a_partner(shop)
    await a_deal(shop, partner, "A", name="Kept")
    gone = await a_deal(shop, partner, "B", name="Gone")
    visitor, colleague = await a_visitor(shop, partner), await a_visitor(shop, partner)

    async def changes(who: Visitor) -> list[tuple[str, str]]:
        told = (await who.shown())["changes"]
        return [(each["change"], each["deal"]) for each in told]

    first = await changes(visitor)
    assert (await visitor.call("POST", "/seen")).status_code == 204
    seen = await changes(visitor)
    await shop.made(f"/v1/partners/{partner}/shares/withdraw", {"campaign_id": gone["id"]})
    path = f"/v1/campaigns/{gone['id']}"
    after = await changes(visitor)
    await shop.made(
        f"/v1/partners/{partner}/shares/release", {"share_id": await share_of(shop, gone)}
    )
    await shop.made(f"{path}/disable")

    assert first == [("shared", "Gone"), ("shared", "Kept")]
    assert seen == []
    assert after == [("withdrawn", "Gone")]
    assert await changes(visitor) == [("disabled", "Gone")]
    assert await changes(colleague) == [("disabled", "Gone"), ("shared", "Kept")]
    assert (await visitor.shown())["seen_at"] is not None


async def share_of(shop: Shop, campaign: dict[str, Any]) -> str:
    listed = (await shop.call("GET", f"/v1/campaigns/{campaign['id']}/shares")).json()
    share_id: str = listed["shares"][0]["id"]
    return share_id


async def test_a_deal_that_began_or_ended_since_is_a_change(shop: Shop) -> None:
    partner = await a_partner(shop)
    await a_deal(shop, partner, "A", name="Began", start_date=in_hours(-0.5))
    await a_deal(shop, partner, "B", name="Ended", expiration_date=in_hours(-0.25))
    visitor = await a_visitor(shop, partner)

    told = (await visitor.shown())["changes"]

    assert [(each["change"], each["deal"]) for each in told] == [
        ("shared", "Began"),
        ("ended", "Ended"),
        ("started", "Began"),
    ]


async def test_a_deal_that_is_thrown_away_is_switched_off_and_no_more(shop: Shop) -> None:
    partner = await a_partner(shop)
    thrown = await a_deal(shop, partner, "A", name="Thrown", start_date=in_hours(-0.5))
    visitor = await a_visitor(shop, partner)

    await shop.call("DELETE", f"/v1/campaigns/{thrown['id']}")

    told = (await visitor.shown())["changes"]
    assert [(each["change"], each["deal"]) for each in told] == [("disabled", "Thrown")]


async def test_what_is_switched_off_or_held_back_is_not_said_to_be_usable(shop: Shop) -> None:
    partner = await a_partner(shop)
    held = await a_deal(shop, partner, "A", name="Held")
    await a_deal(shop, partner, "B", name="Other", start_date=in_hours(-0.5))
    visitor = await a_visitor(shop, partner)

    async def changes() -> set[tuple[str, str]]:
        told = (await visitor.shown())["changes"]
        return {(each["change"], each["deal"]) for each in told}

    on = {("shared", "Other"), ("started", "Other")}
    await shop.made(f"/v1/partners/{partner}/shares/hold-back", {"campaign_id": held["id"]})
    assert await changes() == {("held_back", "Held")} | on
    await shop.made(f"/v1/partners/{partner}/disable")
    assert await changes() == {("held_back", "Held"), ("disabled", "Other")}
    await shop.made(f"/v1/partners/{partner}/enable")
    assert await changes() == {("held_back", "Held")} | on


async def test_a_partners_people_make_the_key_of_their_own_feed(shop: Shop) -> None:
    partner = await a_partner(shop)
    await a_deal(shop, partner, "A")
    visitor = await a_visitor(shop, partner)

    made = (await visitor.call("POST", "/feed-key")).json()
    headers = {"Authorization": f"Bearer {made['feed_key']}"}
    fetched = await shop.http.get("/v1/feed", headers=headers)
    shown = (await visitor.shown())["feed_key"]
    revoked = await visitor.call("DELETE", "/feed-key")

    assert [each["code"] for each in fetched.json()["codes"]] == ["A"]
    assert (shown["id"], "feed_key" in shown) == (made["id"], False)
    assert shown["created_by"].startswith("user_")
    assert revoked.status_code == 204
    assert (await visitor.shown())["feed_key"]["revoked_at"] is not None


async def test_the_portal_is_a_partners_alone(shop: Shop, rival: Shop) -> None:
    partner = await a_partner(shop)
    await a_deal(shop, partner, "A")
    theirs = await a_partner(rival)
    stranger = await a_visitor(rival, theirs)
    visitor = await a_visitor(shop, partner)
    owner = await a_person(shop)
    staff = Visitor(owner, await owner.token())

    for path in PATHS:
        assert (await shop.call("GET", f"/v1/portal{path}")).status_code == 403
        assert (await staff.call("GET", path)).status_code == 403
        assert "Winter deal" not in (await stranger.call("GET", path)).text
        assert (await shop.http.get(f"/v1/portal{path}")).status_code == 401
    for path in (f"/v1/partners/{partner}", f"/v1/partners/{partner}/shares", "/v1/campaigns"):
        refused = await visitor._person.call("GET", path, headers=visitor._headers)
        assert refused.status_code == 403
    campaigns = (await shop.call("GET", "/v1/campaigns")).json()["campaigns"]
    found = await stranger.shown(f"/codes?campaign_id={campaigns[0]['id']}")
    assert found["codes"] == []


async def test_a_partner_that_is_switched_off_sees_nothing_live(shop: Shop) -> None:
    partner = await a_partner(shop)
    await a_deal(shop, partner, "A")
    visitor = await a_visitor(shop, partner)
    await shop.made(f"/v1/partners/{partner}/disable")

    assert (await visitor.shown())["deals"] == {"live": 0, "scheduled": 0}
    assert (await visitor.shown("/codes"))["codes"] == []
