"""What a partner's machine fetches: what is shared and redeems now, and nothing else."""

import asyncio
import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from kit.campaigns_samples import FIVE_OFF, Shop
from kit.chance import without_chance
from kit.patience import until

from campaigns.propagation import waiter
from contracts.instants import to_rfc3339


class Feed:
    """A partner's machine."""

    def __init__(self, http: httpx.AsyncClient, key: str) -> None:
        self._http = http
        self.key = key

    async def fetch(self, query: str = "", **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.key}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return await self._http.get(f"/v1/feed{query}", headers=sent)

    async def codes(self, query: str = "") -> list[str]:
        answer = await self.fetch(query)
        assert answer.status_code == 200, answer.text
        return [each["code"] for each in answer.json()["codes"]]


async def a_partner(shop: Shop, name: str = "Blog") -> tuple[str, Feed]:
    partner: str = (await shop.made("/v1/partners", {"name": name}))["id"]
    key = await shop.made(f"/v1/partners/{partner}/feed-key")
    return partner, Feed(shop.http, key["feed_key"])


async def a_deal(shop: Shop, partner: str, *codes: str, **overrides: Any) -> dict[str, Any]:
    """Make a campaign with these fixed codes that is shared as a whole."""
    campaign = await shop.campaign(partner_id=partner, **overrides)
    for code in codes:
        await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/{code}")
    await shop.made(f"/v1/campaigns/{campaign['id']}/shares", {"kind": "campaign"})
    return campaign


async def test_a_feed_tells_what_is_shared_and_none_of_the_contracts_own_words(
    shop: Shop,
) -> None:
    partner, feed = await a_partner(shop)
    campaign = await a_deal(
        shop,
        partner,
        "WINTER",
        contract_notes="5 % until spring",
        description="For the cold",
        margin_basis_points=3123,
        total_limit=777,
        limits=[
            {"of": "customer", "per": "month", "redemptions": 2},
            {"of": "campaign", "discount_amount": 77_700},
        ],
        validity_day_of_week=[5],
        commission_plan={"share_basis_points": 500, "new_customer_bonus_minor": 100},
        deal_url="https://blog.example/deal",
    )
    unshared = await shop.campaign(name="Unshared", partner_id=partner)
    await shop.made(f"/v1/campaigns/{unshared['id']}/vouchers/SECRET")

    answer = await feed.fetch()

    told = answer.json()
    assert told["partner"] == {"id": partner, "name": "Blog"}
    assert (told["currency"], told["minor_units"], told["time_zone"]) == ("EUR", 2, "Europe/Berlin")
    assert told["codes"] == [{"code": "WINTER", "deal_id": campaign["id"], "quantity": None}]
    assert told["deals"] == [
        {
            "id": campaign["id"],
            "name": "Winter deal",
            "description": "For the cold",
            "channel": "direct",
            "offer": FIVE_OFF,
            "offer_text": "5.00 EUR off",
            "start_date": None,
            "expiration_date": None,
            "validity_timeframe": None,
            "validity_day_of_week": [5],
            "validity_hours": None,
            "windows_text": "Fri (Europe/Berlin)",
            "per_customer_limit": None,
            "limits": [
                {
                    "of": "customer",
                    "per": "month",
                    "redemptions": 2,
                    "discount_amount": None,
                    "orders_amount": None,
                }
            ],
            "limits_text": "at most 2 redemptions per customer and month",
            "deal_url": "https://blog.example/deal",
            "path": f"/go/{campaign['id']}",
            "link": f"http://campaigns/go/{campaign['id']}",
            "commission_plan": {
                "share_basis_points": 500,
                "flat_minor": 0,
                "new_customer_bonus_minor": 100,
            },
            "commission_text": "5 % of the net + 1.00 EUR per new customer",
        }
    ]
    text = without_chance(answer.text)
    assert not any(word in text for word in ("spring", "3123", "777", "SECRET", "Unshared"))
    assert (told["has_more"], told["more_cursor"]) == (False, None)


async def test_partners_see_their_own_alone(shop: Shop, rival: Shop) -> None:
    mine, my_feed = await a_partner(shop)
    other, other_feed = await a_partner(shop, "Other")
    theirs, rival_feed = await a_partner(rival)
    await a_deal(shop, mine, "MINE")
    await a_deal(shop, other, "OTHERS", name="Other deal")
    await a_deal(rival, theirs, "RIVALS")

    assert await my_feed.codes() == ["MINE"]
    assert await other_feed.codes() == ["OTHERS"]
    assert await rival_feed.codes() == ["RIVALS"]
    deal = (await other_feed.fetch()).json()["deals"][0]["id"]
    assert await my_feed.codes(f"?campaign_id={deal}") == []


async def test_a_feed_key_opens_the_feed_and_nothing_else(shop: Shop) -> None:
    _, feed = await a_partner(shop)
    key_id, _, secret = feed.key.rpartition("_")
    in_two_parts = {"X-App-Id": key_id, "X-App-Token": secret}

    assert (await shop.http.get("/v1/feed", headers=in_two_parts)).status_code == 200
    for path in ("/v1/partners", "/v1/campaigns", "/v1/vouchers", "/v1/portal"):
        for headers in (in_two_parts, {"Authorization": f"Bearer {feed.key}"}):
            assert (await shop.http.get(path, headers=headers)).status_code == 401
    wrong = [feed.key + "x", key_id, "Bearer", "cpn_feed_0000000000000000_" + secret, ""]
    for key in wrong:
        answer = await Feed(shop.http, key).fetch()
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert (await shop.call("GET", "/v1/feed")).status_code == 401  # a shop's own key is none


async def test_a_key_is_shown_once_and_another_takes_its_place(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    partner, feed = await a_partner(shop)
    path = f"/v1/partners/{partner}/feed-key"

    shown = (await shop.call("GET", path)).json()
    await feed.fetch(User_Agent="deal-site/2.0")
    fetched = (await shop.call("GET", path)).json()
    rotated = Feed(shop.http, (await shop.made(path))["feed_key"])
    assert (await rotated.fetch()).status_code == 200
    old = await feed.fetch()
    revoked = await shop.call("DELETE", path)

    async def closed() -> bool:
        return (await rotated.fetch()).status_code == 401

    await until(closed, 15)  # tests wait for no key to be forgotten

    secret = feed.key.rpartition("_")[2]
    assert secret not in str(shown)
    assert (shown["last_fetched_at"], shown["created_by"]) == (None, shop.key_id)
    assert fetched["last_fetched_by"] == "deal-site/2.0"
    assert [old.status_code, revoked.status_code] == [401, 204]
    assert (await shop.call("GET", path)).json()["revoked_at"] is not None
    kept = [tuple(row) for row in await pool.fetch("SELECT * FROM feed_keys")]
    assert secret not in str(kept)


async def test_a_partner_without_a_key_has_none(shop: Shop) -> None:
    partner = (await shop.made("/v1/partners", {"name": "Blog"}))["id"]

    for method in ("GET", "DELETE"):
        assert (await shop.call(method, f"/v1/partners/{partner}/feed-key")).status_code == 404


async def test_whatever_ends_a_code_ends_it_in_the_next_fetch(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    partner, feed = await a_partner(shop)
    campaign = await a_deal(shop, partner, "A", "B", "C", "D", "E", total_limit=10)
    used_up = "UPDATE vouchers SET quantity = 1, redeemed_quantity = 1 WHERE code = $1"
    act = f"/v1/partners/{partner}/shares"
    path = f"/v1/campaigns/{campaign['id']}"

    assert await feed.codes() == list("ABCDE")
    await shop.made("/v1/vouchers/A/disable")
    assert await feed.codes() == list("BCDE")
    await pool.execute(used_up, "B")
    assert await feed.codes() == list("CDE")
    await shop.made(f"{act}/hold-back", {"codes": ["C"]})
    assert await feed.codes() == list("DE")
    await shop.made(f"{act}/withdraw", {"codes": ["D"]})
    assert await feed.codes() == ["E"]
    await shop.made(f"{act}/release", {"codes": ["C", "D"]})
    assert await feed.codes() == list("CDE")
    await pool.execute("UPDATE vouchers SET deleted_at = now() WHERE code = 'E'")
    assert await feed.codes() == list("CD")

    async def gone_and_back(end: Any, begin: Any) -> None:
        await end
        gone = (await feed.fetch()).json()
        assert (gone["codes"], gone["deals"]) == ([], [])
        await begin
        assert await feed.codes() == list("CD")

    await gone_and_back(shop.made(f"{path}/disable"), shop.made(f"{path}/enable"))
    share = {"campaign_id": campaign["id"]}
    await gone_and_back(shop.made(f"{act}/hold-back", share), shop.made(f"{act}/release", share))
    partners = f"/v1/partners/{partner}"
    await gone_and_back(shop.made(f"{partners}/disable"), shop.made(f"{partners}/enable"))
    now = datetime.now(UTC)
    for end in (
        {"expiration_date": to_rfc3339(now - timedelta(seconds=1))},
        {"start_date": to_rfc3339(now + timedelta(hours=1))},
        {"per_customer_limit": 0},
        {"total_limit": 0},
    ):
        begin = dict.fromkeys(end)
        await gone_and_back(shop.call("PUT", path, end), shop.call("PUT", path, begin))


async def test_limits_of_rules_are_limits_of_the_deal(shop: Shop, pool: asyncpg.Pool) -> None:
    partner, feed = await a_partner(shop)
    deal = await a_deal(shop, partner, "A", total_limit=9, per_customer_limit=5)
    counted = {
        "1": {"name": "campaign.redemptions.count", "conditions": {"$less_than_equal": [2]}},
        "2": {"name": "redemption.count.per_customer", "conditions": {"$less_than_equal": [3]}},
        "3": {"name": "redemption.count.daily", "conditions": {"$less_than_equal": [4]}},
        "logic": "1 and 2 and 3",
    }
    rule = await shop.made("/v1/validation-rules", {"name": "Rare", "rules": counted})
    path = f"/v1/validation-rules/{rule['id']}/assignments"
    assignment = await shop.made(path, {"campaign": deal["id"]})

    async def statuses() -> tuple[str, int]:
        one = (await shop.call("GET", f"/v1/campaigns/{deal['id']}")).json()
        listed = (await shop.call("GET", "/v1/campaigns?status=used_up")).json()
        return one["status"], listed["total"]

    [shown] = (await feed.fetch()).json()["deals"]
    assert shown["per_customer_limit"] == 3
    assert [(each["of"], each["per"], each["redemptions"]) for each in shown["limits"]] == [
        ("code", "day", 4)
    ]
    [row] = csv.DictReader(io.StringIO((await feed.fetch("?format=csv")).text))
    assert (row["per_customer_limit"], row["limits_text"]) == ("3", shown["limits_text"])
    used = "INSERT INTO campaign_uses (project_id, campaign_id, uses) VALUES ($1, $2, 2)"
    assert await statuses() == ("live", 0)
    await pool.execute(used, shop.project_id, deal["id"])
    assert await feed.codes() == []
    assert await statuses() == ("used_up", 1)
    gone = await shop.call("DELETE", f"{path}/{assignment['id']}")
    assert gone.status_code == 204, gone.text
    assert await feed.codes() == ["A"]
    assert await statuses() == ("live", 0)


def later(**time: float) -> datetime:
    return datetime.now(UTC) + timedelta(**time)


async def test_a_deal_that_ends_is_gone_within_the_second(shop: Shop) -> None:
    partner, feed = await a_partner(shop)
    deal = await a_deal(shop, partner, "A", expiration_date=to_rfc3339(later(hours=1)))

    before = await feed.codes()
    ends_at = later(seconds=0.3)
    end = {"expiration_date": to_rfc3339(ends_at)}
    changed = await shop.call("PUT", f"/v1/campaigns/{deal['id']}", end)
    assert changed.status_code == 200, changed.text
    await asyncio.sleep((ends_at - datetime.now(UTC)).total_seconds() + 0.05)

    assert (before, await feed.codes()) == (["A"], [])


async def test_pages_are_the_whole_feed_whatever_their_size(shop: Shop) -> None:
    partner, feed = await a_partner(shop)
    for n, codes in enumerate(["ABC", "D", "EFGH", "", "IJ"]):
        await a_deal(shop, partner, *codes, name=f"Deal {n}")
    loose = await shop.campaign(name="Loose", partner_id=partner)
    for code in "KLM":
        await shop.made(f"/v1/campaigns/{loose['id']}/vouchers/{code}")
    for code in "LK":
        path = f"/v1/campaigns/{loose['id']}/shares"
        await shop.made(path, {"kind": "codes", "codes": [code]})
    whole = await feed.codes()

    for limit in (1, 2, 3, 5, 11, 12, 13):
        pages, query = [], f"?limit={limit}"
        while query:
            answer = await feed.fetch(query)
            page = answer.json()
            pages.append([each["code"] for each in page["codes"]])
            deals = {each["id"] for each in page["deals"]}
            assert deals == {each["deal_id"] for each in page["codes"]}
            following = answer.links.get("next", {}).get("url", "")
            assert bool(following) == page["has_more"]
            query = following.partition("/v1/feed")[2]
        assert [code for codes in pages for code in codes] == whole
        assert all(len(codes) == limit for codes in pages[:-1])
    assert sorted(whole) == list("ABCDEFGHIJKL")


@pytest.mark.parametrize(
    "query", ["?cursor=x", "?cursor=W10", "?format=xml", "?limit=0", "?since=1"]
)
async def test_what_a_feed_does_not_know_is_refused(shop: Shop, query: str) -> None:
    _, feed = await a_partner(shop)

    answer = await feed.fetch(query)

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")


async def test_what_the_caller_has_is_not_sent_again(shop: Shop) -> None:
    partner, feed = await a_partner(shop)
    await a_deal(shop, partner, "A", "B")

    first = await feed.fetch()
    etag, moment = first.headers["etag"], first.headers["last-modified"]
    same = [
        await feed.fetch(If_None_Match=etag),
        await feed.fetch(If_None_Match=f'"other", W/{etag}'),
        await feed.fetch(If_None_Match="*"),
        await feed.fetch(If_Modified_Since=moment),
    ]
    other = [
        await feed.fetch(If_None_Match='"other"'),
        await feed.fetch(If_None_Match='"other"', If_Modified_Since=moment),
        await feed.fetch("?format=csv", If_None_Match=etag),
        await feed.fetch(If_Modified_Since="yesterday"),
        await feed.fetch(If_Modified_Since="Mon, 23 Nov 2020 12:00:00 GMT"),
    ]

    assert {(a.status_code, a.content) for a in same} == {(304, b"")}
    assert {a.headers["etag"] for a in same} == {etag}
    assert {a.status_code for a in other} == {200}
    assert (await feed.fetch()).headers["etag"] == etag


async def test_a_change_is_another_feed_even_within_the_same_second(shop: Shop) -> None:
    partner, feed = await a_partner(shop)
    await a_deal(shop, partner, "A", "B")
    seen: list[tuple[str, str]] = []

    for _ in range(4):
        for verb in ("disable", "enable"):
            answer = await feed.fetch()
            moment = answer.headers.get("last-modified")
            seen.append((answer.headers["etag"], moment or ""))
            await shop.made(f"/v1/vouchers/A/{verb}")
            if moment:
                assert (await feed.fetch(If_Modified_Since=moment)).status_code == 200
            assert (await feed.fetch(If_None_Match=answer.headers["etag"])).status_code == 200

    moments = [moment for _, moment in seen if moment]
    assert len({etag for etag, _ in seen}) == 2  # the same codes, the same bytes
    assert len(moments) == len(set(moments))


async def test_csv_says_the_same_and_runs_no_formula(shop: Shop) -> None:
    partner, feed = await a_partner(shop)
    await a_deal(
        shop,
        partner,
        "=HYPERLINK(1)",
        "-1+2",
        "@A",
        "+1",
        "PLAIN",
        'with "quotes", and a comma',
        name="=cmd|' /C calc'!A0",
        description="+SUM(A1)\r\n=1",
        voucher={
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "PERCENT", "percent_off": 12.5},
        },
        commission_plan={"flat_minor": 30},
    )

    by_name = await feed.fetch("?format=csv")
    by_accept = await feed.fetch(Accept="text/csv")
    rows = list(csv.DictReader(io.StringIO(by_name.text)))

    assert by_name.text == by_accept.text
    assert by_name.headers["content-type"] == "text/csv; charset=utf-8"
    assert [row["code"] for row in rows] == [
        "'=HYPERLINK(1)",
        "'-1+2",
        "'@A",
        "'+1",
        "PLAIN",
        'with "quotes", and a comma',
    ]
    assert rows[0]["deal"].startswith("'=cmd")
    assert rows[0]["description"].startswith("'+SUM")
    assert (rows[0]["offer"], rows[0]["percent_off"]) == ("12.5 % off", "12.5")
    assert rows[0]["commission"] == "0.30 EUR per redemption"
    assert not any(
        cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values() if cell
    )


async def test_an_amount_in_csv_has_its_currencys_decimals(shop: Shop) -> None:
    partner, feed = await a_partner(shop)
    await a_deal(shop, partner, "A")

    [row] = csv.DictReader(io.StringIO((await feed.fetch("?format=csv")).text))

    assert (row["amount_off"], row["currency"], row["discount_type"]) == ("5.00", "EUR", "AMOUNT")


async def test_a_held_back_code_stays_so_however_its_campaign_is_shared(shop: Shop) -> None:
    partner, feed = await a_partner(shop)
    campaign = await shop.campaign(partner_id=partner)
    for code in "ABC":
        await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/{code}")
    path = f"/v1/campaigns/{campaign['id']}/shares"
    act = f"/v1/partners/{partner}/shares"
    await shop.made(path, {"kind": "codes", "codes": ["A", "B"]})
    await shop.made(f"{act}/hold-back", {"codes": ["A"]})

    one_by_one = await feed.codes()
    whole = await shop.made(path, {"kind": "campaign"})
    together = await feed.codes()
    await shop.made(f"{act}/withdraw", {"share_id": whole["id"]})

    assert (one_by_one, together, await feed.codes()) == (["B"], ["B", "C"], ["B"])


async def test_a_partners_switch_waits_for_thousands_by_one_statement_a_look(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiter, "MANY_POLL_SECONDS", 0.01)
    partner, feed = await a_partner(shop)
    for n in range(5):
        await a_deal(shop, partner, f"CODE{n}", name=f"Deal {n}")

    assert len(await feed.codes()) == 5
    assert (await shop.made(f"/v1/partners/{partner}/disable"))["campaigns"] == 5
    assert await feed.codes() == []
