"""Which codes a partner may see, and who says so."""

import asyncio
import csv
import io
from typing import Any

import asyncpg
import pytest
from kit.campaigns_samples import Shop
from kit.patience import until

from campaigns.shares import api


async def a_partner(shop: Shop, name: str = "Blog") -> str:
    partner_id: str = (await shop.made("/v1/partners", {"name": name}))["id"]
    return partner_id


async def issue(shop: Shop, campaign: dict[str, Any], count: int) -> None:
    """Give a campaign so many unique codes."""
    path = f"/v1/campaigns/{campaign['id']}"
    await shop.made(f"{path}/vouchers?vouchers_count={count}")

    async def done() -> bool:
        return bool((await shop.call("GET", path)).json()["vouchers_count"] == count)

    await until(done)


async def codes_of(shop: Shop, share: dict[str, Any]) -> list[str]:
    path = f"/v1/partners/{share['partner_id']}/shares/{share['id']}/codes"
    answer = await shop.call("GET", f"{path}?limit=1000")
    assert answer.status_code == 200, answer.text
    return [each["code"] for each in answer.json()["codes"]]


async def test_nothing_is_shared_until_somebody_shares_it(shop: Shop) -> None:
    partner = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    path = f"/v1/partners/{partner}/shares"

    before = (await shop.call("GET", path)).json()
    made = await shop.made(path, {"kind": "campaign", "campaign_id": campaign["id"]})
    after = (await shop.call("GET", path)).json()
    again = await shop.call("POST", f"/v1/campaigns/{campaign['id']}/shares", {"kind": "campaign"})

    assert (before["shares"], before["total"]) == ([], 0)
    assert (made["state"], made["codes_count"], made["shared_by"]) == ("shared", None, shop.key_id)
    assert (made["partner"], made["campaign"]) == ("Blog", "Winter deal")
    assert after["shares"] == [made]
    assert (again.status_code, again.json()["key"]) == (409, "duplicate_found")
    listed = (await shop.call("GET", f"/v1/campaigns/{campaign['id']}/shares?kind=campaign")).json()
    assert listed["shares"] == [made]


async def test_a_campaigns_codes_go_to_its_own_partner_alone(shop: Shop) -> None:
    partner, other = await a_partner(shop), await a_partner(shop, "Other")
    campaign = await shop.campaign(partner_id=partner)
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/BLOG10")
    bodies = [
        {"kind": "campaign", "campaign_id": campaign["id"]},
        {"kind": "allotment", "campaign_id": campaign["id"], "quantity": 1},
        {"kind": "codes", "codes": ["BLOG10"]},
    ]

    answers = [await shop.call("POST", f"/v1/partners/{other}/shares", body) for body in bodies]

    assert {(a.status_code, a.json()["key"]) for a in answers} == {(400, "other_partner")}
    assert "Winter deal is a campaign of Blog" in answers[0].json()["message"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"kind": "campaign"}, "campaign_id"),
        ({"kind": "codes", "codes": ["A"], "campaign_id": "camp_1"}, "campaign_id"),
        ({"kind": "codes"}, "codes"),
        ({"kind": "codes", "codes": []}, "codes"),
        ({"kind": "allotment", "campaign_id": "camp_1"}, "quantity"),
        ({"kind": "allotment", "campaign_id": "camp_1", "quantity": 100_001}, "quantity"),
        ({"kind": "campaign", "campaign_id": "camp_1", "quantity": 5}, "quantity"),
        ({"kind": "everything"}, "kind"),
        ({"kind": "campaign", "campaign_id": "camp_1", "until": "May"}, "until"),
    ],
)
async def test_what_does_not_fit_the_kind_is_refused_by_name(
    shop: Shop, body: dict[str, Any], named: str
) -> None:
    answer = await shop.call("POST", f"/v1/partners/{await a_partner(shop)}/shares", body)

    assert (answer.status_code, f".{named}:" in answer.json()["message"]) == (400, True)


async def test_an_allotment_takes_the_next_unused_codes_that_nobody_was_given(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    partner = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    await issue(shop, campaign, 10)
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/PUBLIC")
    listed = (await shop.call("GET", "/v1/vouchers?limit=100")).json()
    drawn = [each["code"] for each in listed["vouchers"]]
    off, used, named = [code for code in drawn if code != "PUBLIC"][:3]
    await shop.made(f"/v1/vouchers/{off}/disable")
    await pool.execute("UPDATE vouchers SET redeemed_quantity = 1 WHERE code = $1", used)
    path = f"/v1/campaigns/{campaign['id']}/shares"
    await shop.made(path, {"kind": "codes", "codes": [named]})

    first = await shop.made(path, {"kind": "allotment", "quantity": 3, "name": "December"})
    second = await shop.made(path, {"kind": "allotment", "quantity": 4})
    third = await shop.call("POST", path, {"kind": "allotment", "quantity": 1})

    given = await codes_of(shop, first) + await codes_of(shop, second)
    assert (first["name"], first["codes_count"]) == ("December", 3)
    assert sorted(given) == sorted(set(drawn) - {"PUBLIC", off, used, named})
    assert (third.status_code, third.json()["key"]) == (400, "not_enough_codes")
    assert third.json()["details"].startswith("0 unique codes")
    assert (await shop.call("GET", path)).json()["total"] == 3


async def test_a_campaign_that_is_shared_as_a_whole_allots_nothing(shop: Shop) -> None:
    partner = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    await issue(shop, campaign, 2)
    path = f"/v1/campaigns/{campaign['id']}/shares"
    whole = await shop.made(path, {"kind": "campaign"})

    refused = await shop.call("POST", path, {"kind": "allotment", "quantity": 1})
    await shop.made(f"/v1/partners/{partner}/shares/withdraw", {"share_id": whole["id"]})
    allotted = await shop.call("POST", path, {"kind": "allotment", "quantity": 1})
    again = await shop.made(path, {"kind": "campaign"})

    assert (refused.status_code, refused.json()["key"]) == (400, "already_shared")
    assert allotted.status_code == 200
    assert (again["id"], again["state"]) == (whole["id"], "shared")


async def test_rivals_for_allotments_never_get_one_code_twice(shop: Shop) -> None:
    partner = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    await issue(shop, campaign, 50)
    path = f"/v1/campaigns/{campaign['id']}/shares"

    answers = await asyncio.gather(
        *(shop.call("POST", path, {"kind": "allotment", "quantity": 7}) for _ in range(10))
    )

    won = [answer.json() for answer in answers if answer.status_code == 200]
    given = [code for share in won for code in await codes_of(shop, share)]
    assert len(won) == 7
    assert len(given) == len(set(given)) == 49
    assert {a.json()["key"] for a in answers if a.status_code != 200} == {"not_enough_codes"}


async def test_codes_are_shared_one_by_one_all_of_them_or_none(shop: Shop) -> None:
    partner = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    second = await shop.campaign(name="Second", partner_id=partner)
    for code in "ABC":
        await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/{code}")
    await shop.made(f"/v1/campaigns/{second['id']}/vouchers/D")
    path = f"/v1/partners/{partner}/shares"

    first = await shop.made(path, {"kind": "codes", "codes": ["A", "B", "A"]})
    twice = await shop.call("POST", path, {"kind": "codes", "codes": ["C", "B"]})
    unknown = await shop.call("POST", path, {"kind": "codes", "codes": ["C", "NONE"]})
    mixed = await shop.call("POST", path, {"kind": "codes", "codes": ["C", "D"]})

    assert (first["codes_count"], await codes_of(shop, first)) == (2, ["A", "B"])
    assert (twice.status_code, twice.json()["key"]) == (400, "already_shared")
    assert twice.json()["details"].startswith("B:")
    assert unknown.status_code == 404
    assert "several campaigns" in mixed.json()["message"]
    assert (await shop.call("GET", path)).json()["total"] == 1


async def test_what_was_withdrawn_can_be_given_again_by_name_and_by_no_allotment(
    shop: Shop,
) -> None:
    partner = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    await issue(shop, campaign, 2)
    path = f"/v1/campaigns/{campaign['id']}/shares"
    share = await shop.made(path, {"kind": "allotment", "quantity": 2})
    [one, other] = await codes_of(shop, share)
    act = f"/v1/partners/{partner}/shares"

    withdrawn = await shop.made(f"{act}/withdraw", {"share_id": share["id"]})
    allotted = await shop.call("POST", path, {"kind": "allotment", "quantity": 1})
    named = await shop.made(path, {"kind": "codes", "codes": [one]})
    released = await shop.made(f"{act}/release", {"share_id": share["id"]})

    assert withdrawn == {
        "object": "share_change",
        "state": "withdrawn",
        "shares": 1,
        "codes": 0,
    }
    assert allotted.json()["key"] == "not_enough_codes"
    assert await codes_of(shop, named) == [one]
    assert released["shares"] == 1
    assert await codes_of(shop, share) == [other]


async def test_a_campaigns_shares_are_held_back_and_released_together(shop: Shop) -> None:
    partner = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    await issue(shop, campaign, 3)
    path = f"/v1/campaigns/{campaign['id']}/shares"
    made = [await shop.made(path, {"kind": "allotment", "quantity": 1}) for _ in range(3)]
    act = f"/v1/partners/{partner}/shares"
    await shop.made(f"{act}/withdraw", {"share_id": made[0]["id"]})

    held = await shop.made(f"{act}/hold-back", {"campaign_id": campaign["id"]})
    states = (await shop.call("GET", f"{path}?state=held_back")).json()["total"]
    released = await shop.made(f"{act}/release", {"campaign_id": campaign["id"]})

    assert (held["shares"], states, released["shares"]) == (2, 2, 2)
    withdrawn = (await shop.call("GET", f"{path}?state=withdrawn")).json()["shares"]
    assert [each["id"] for each in withdrawn] == [made[0]["id"]]


async def test_a_shares_codes_are_downloaded_whole_and_listed_by_the_page(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "EXPORTED_AT_ONCE", 2)
    partner = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    await issue(shop, campaign, 8)
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/=1+1")
    path = f"/v1/campaigns/{campaign['id']}/shares"
    allotted = await shop.made(path, {"kind": "allotment", "quantity": 5})
    whole = await shop.made(path, {"kind": "campaign"})
    given = await codes_of(shop, allotted)
    act = f"/v1/partners/{partner}/shares"
    await shop.made(f"{act}/hold-back", {"codes": [given[0], "=1+1"]})

    async def rows(share: dict[str, Any]) -> list[dict[str, str]]:
        answer = await shop.call("GET", f"{act}/{share['id']}/codes?format=csv")
        assert answer.headers["content-type"].startswith("text/csv")
        assert share["id"] in answer.headers["content-disposition"]
        return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))

    listed, query = [], "?limit=2"
    while query:
        page = (await shop.call("GET", f"{act}/{allotted['id']}/codes{query}")).json()
        listed += [each["code"] for each in page["codes"]]
        query = f"?limit=2&cursor={page['more_cursor']}" if page["has_more"] else ""
    downloaded = await rows(allotted)
    others = await rows(whole)
    counts = (await shop.call("GET", f"{act}/{allotted['id']}")).json()["counts"]
    of_campaign = (await shop.call("GET", f"{path}/counts")).json()

    assert listed == [row["code"] for row in downloaded] == given
    assert [row["state"] for row in downloaded] == ["held_back", *["shared"] * 4]
    assert len(others) == 4
    assert [row["code"] for row in others if row["state"] == "held_back"] == ["'=1+1"]
    assert counts == {"codes": 5, "held_back": 1, "withdrawn": 0, "redeemed": 0, "usable": 4}
    assert of_campaign == {
        "object": "share_counts",
        "codes": 9,
        "given": 6,
        "unshared": 3,
        "whole_campaign": "shared",
    }


async def test_a_list_of_codes_says_of_each_whether_it_is_shared(shop: Shop) -> None:
    partner = await a_partner(shop)
    some, whole = [await shop.campaign(name=name, partner_id=partner) for name in ("1", "2")]
    for campaign, code in ((some, "A"), (some, "B"), (some, "C"), (whole, "D"), (whole, "E")):
        await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/{code}")
    act = f"/v1/partners/{partner}/shares"
    await shop.made(act, {"kind": "codes", "codes": ["A", "B"]})
    await shop.made(act, {"kind": "campaign", "campaign_id": whole["id"]})
    await shop.made(f"{act}/hold-back", {"codes": ["B", "E"]})

    listed = (await shop.call("GET", "/v1/vouchers")).json()["vouchers"]
    filtered = (await shop.call("GET", f"/v1/vouchers?shared_with={partner}")).json()["vouchers"]

    assert {each["code"] for each in listed if each["shared"]} == {"A", "D"}
    assert {each["code"] for each in filtered} == {"A", "D"}


async def test_sharing_is_remembered_with_who_did_it(shop: Shop, pool: asyncpg.Pool) -> None:
    partner = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    for code in "AB":
        await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/{code}")
    act = f"/v1/partners/{partner}/shares"
    share = await shop.made(act, {"kind": "codes", "codes": ["A", "B"], "name": "Two"})

    await shop.made(f"{act}/hold-back", {"codes": ["A"]})
    await shop.made(f"{act}/hold-back", {"codes": ["A"]})
    await shop.made(f"{act}/withdraw", {"share_id": share["id"]})
    await shop.made(f"{act}/release", {"share_id": share["id"]})

    rows = await pool.fetch(
        """
        SELECT actor, action, name FROM history
        WHERE kind = 'share' OR action LIKE '%.held_back' ORDER BY id
        """
    )
    assert [tuple(row) for row in rows] == [
        (shop.key_id, "share.created", "Two"),
        (shop.key_id, "voucher.held_back", "A"),
        (shop.key_id, "share.withdrawn", "Two"),
        (shop.key_id, "share.released", "Two"),
    ]


async def test_what_is_not_shared_cannot_be_held_back(shop: Shop) -> None:
    partner = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/A")
    act = f"/v1/partners/{partner}/shares"

    answers = [
        await shop.call("POST", f"{act}/hold-back", body)
        for body in (
            {"codes": ["A"]},
            {"campaign_id": campaign["id"]},
            {"share_id": "share_none"},
            {},
            {"codes": ["A"], "share_id": "share_none"},
        )
    ]

    assert [a.status_code for a in answers] == [400, 404, 404, 400, 400]
    assert answers[0].json()["key"] == "not_shared"


async def test_another_projects_partner_and_shares_are_not_found(shop: Shop, rival: Shop) -> None:
    partner = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/A")
    path = f"/v1/partners/{partner}/shares"
    share = await shop.made(path, {"kind": "codes", "codes": ["A"]})
    theirs = await a_partner(rival)
    calls: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("POST", path, {"kind": "codes", "codes": ["A"]}),
        ("POST", f"{path}/withdraw", {"codes": ["A"]}),
        ("GET", f"{path}/{share['id']}", None),
        ("GET", f"{path}/{share['id']}/codes", None),
        ("GET", f"/v1/campaigns/{campaign['id']}/shares", None),
        ("GET", f"/v1/campaigns/{campaign['id']}/shares/counts", None),
        ("POST", f"/v1/partners/{theirs}/shares", {"kind": "codes", "codes": ["A"]}),
        (
            "POST",
            f"/v1/partners/{theirs}/shares",
            {"kind": "campaign", "campaign_id": campaign["id"]},
        ),
        ("POST", f"/v1/partners/{theirs}/shares/withdraw", {"share_id": share["id"]}),
        ("GET", f"/v1/partners/{theirs}/shares/{share['id']}/codes", None),
        ("POST", f"/v1/partners/{partner}/disable", None),
    ]

    answers = {
        f"{method} {url}": (await rival.call(method, url, body)).status_code
        for method, url, body in calls
    }

    assert set(answers.values()) == {404}, answers
