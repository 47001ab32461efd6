import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from kit.campaigns_samples import CUSTOMER_KEY, Shop, outbox_of

from campaigns.api.access import Dependencies
from campaigns.api.gate import MOST_WAITING
from campaigns.app import LINK_CONNECTIONS
from campaigns.vouchers import counts
from campaigns.vouchers.counts import UseCount
from contracts import ids
from contracts.visits import Visited
from servicekit.postgres.pool import transaction


async def test_a_link_counts_the_look_and_leads_to_the_deal(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    partner = await deaf_shop.made("/v1/partners", {"name": "Blog"})
    campaign = await deaf_shop.campaign(
        partner_id=partner["id"],
        channel="newsletter",
        landing_url="https://shop.example/winter?lang=de",
    )
    path = f"/v1/campaigns/{campaign['id']}/vouchers"
    await deaf_shop.made(path)
    await deaf_shop.made(f"{path}/WINTER")

    answer = await deaf_shop.http.get(f"/go/{campaign['id']}?customer=7%20%E2%80%8B")

    assert answer.status_code == 302
    landing = urlsplit(answer.headers["Location"])
    query = parse_qs(landing.query)
    assert (landing.netloc, query["lang"]) == ("shop.example", ["de"])
    assert query["coupon"] == ["WINTER"]
    assert query["utm_source"] == ["Blog"]
    assert query["utm_medium"] == ["newsletter"]
    assert query["utm_campaign"] == ["Winter deal"]
    row = (await outbox_of(campaigns_db))[-1]
    visit = Visited.model_validate_json(row["value"])
    assert row["topic"] == "coupons.visits.v1"
    assert visit.id == visit.data.visit_id == query["visit_id"][0]
    assert visit.data.campaign_id == campaign["id"]
    assert visit.data.customer_id == ids.customer(CUSTOMER_KEY.encode(), deaf_shop.project_id, "7")


async def test_a_unique_code_is_never_given_to_whoever_follows_a_link(shop: Shop) -> None:
    campaign = await shop.campaign(deal_url="https://blog.example")
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers")

    answer = await shop.http.get(f"/go/{campaign['id']}")

    assert "coupon=" not in answer.headers["Location"]


async def landed_with(shop: Shop, campaign: dict[str, Any]) -> str | None:
    """Follow the campaign's link, and return the code that the shopper has then."""
    answer = await shop.http.get(f"/go/{campaign['id']}")
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["Location"]).query).get("coupon", [None])[0]


async def follow_uses(pool: asyncpg.Pool, shop: Shop, **uses: int) -> None:
    """Let redemption tell how often codes were used, by their vouchers' ids."""
    async with transaction(pool) as conn:
        await counts.update_uses(
            conn, [UseCount(shop.project_id, id_, uses=n, sequence=n) for id_, n in uses.items()]
        )


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param({"active": False}, id="switched-off"),
        pytest.param({"start_date": "2099-01-01"}, id="not-started"),
        pytest.param({"expiration_date": "2020-01-01"}, id="ended"),
        pytest.param({"total_limit": 0}, id="no-use-at-all"),
        pytest.param({"per_customer_limit": 0}, id="for-nobody"),
    ],
)
async def test_a_campaign_that_redeems_nothing_now_shows_no_code(
    shop: Shop, terms: dict[str, Any]
) -> None:
    campaign = await shop.campaign(landing_url="https://shop.example", **terms)
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/WINTER")

    assert await landed_with(shop, campaign) is None


async def test_a_link_shows_the_first_code_that_can_be_redeemed(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    campaign = await shop.campaign(landing_url="https://shop.example", total_limit=9)
    path = f"/v1/campaigns/{campaign['id']}/vouchers"
    await shop.made(f"{path}/ASLEEP", {"active": False})
    off, used_up, last = [await shop.made(f"{path}/{c}") for c in ("OFF", "USED-UP", "LAST")]
    await pool.execute("UPDATE vouchers SET quantity = 2 WHERE code = 'USED-UP'")

    assert await landed_with(shop, campaign) == "OFF"
    await shop.made(f"/v1/vouchers/{off['id']}/disable")
    assert await landed_with(shop, campaign) == "USED-UP"
    await follow_uses(pool, shop, **{used_up["id"]: 2})
    assert await landed_with(shop, campaign) == "LAST"
    await follow_uses(pool, shop, **{last["id"]: 7})  # the campaign's nine are used now
    assert await landed_with(shop, campaign) is None
    async with transaction(pool) as conn:  # a rollback gives one back
        given_back = UseCount(shop.project_id, last["id"], uses=6, sequence=8)
        await counts.update_uses(conn, [given_back])
    assert await landed_with(shop, campaign) == "LAST"


async def test_a_link_shows_no_code_once_a_rules_limit_is_used_up(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    campaign = await shop.campaign(landing_url="https://shop.example", total_limit=9)
    code = await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/WINTER")
    twice = {"name": "campaign.redemptions.count", "conditions": {"$less_than_equal": [2]}}
    body = {"name": "Twice", "rules": {"1": twice, "logic": "1"}}
    rule = await shop.made("/v1/validation-rules", body)
    await shop.made(f"/v1/validation-rules/{rule['id']}/assignments", {"campaign": campaign["id"]})

    assert await landed_with(shop, campaign) == "WINTER"
    await follow_uses(pool, shop, **{code["id"]: 2})
    assert await landed_with(shop, campaign) is None


async def test_a_link_that_is_only_looked_at_counts_nothing(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    campaign = await deaf_shop.campaign(landing_url="https://shop.example/?{macro}")
    await deaf_shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/WINTER")
    before = await outbox_of(campaigns_db)

    answer = await deaf_shop.http.head(f"/go/{campaign['id']}?customer=7&fbclid=1")

    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["Location"] == (
        "https://shop.example/?{macro}&utm_source=Direct&utm_medium=direct"
        "&utm_campaign=Winter%20deal&coupon=WINTER"
    )
    assert await outbox_of(campaigns_db) == before


async def test_a_partners_landing_page_serves_campaigns_that_have_none(shop: Shop) -> None:
    partner = await shop.made(
        "/v1/partners", {"name": "Blog", "landing_url": "https://shop.example/?from=blog"}
    )
    plain = await shop.campaign(name="A", partner_id=partner["id"], deal_url="https://blog.example")
    own = await shop.campaign(
        name="B", partner_id=partner["id"], landing_url="https://shop.example/own"
    )

    answers = [await shop.http.get(f"/go/{each['id']}") for each in (plain, own)]

    assert answers[0].headers["Location"].startswith("https://shop.example/?from=blog&utm_source=")
    assert answers[1].headers["Location"].startswith("https://shop.example/own?utm_source=")


async def test_whatever_networks_add_to_a_link_a_shopper_arrives(shop: Shop) -> None:
    campaign = await shop.campaign(landing_url="https://shop.example")

    answer = await shop.http.get(f"/go/{campaign['id']}?customer=&fbclid=1&utm_source=x&fbclid=2")

    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("sent", "is_somebody"),
    [("7" * 200, True), ("7" * 201, False), ("%20", False), ("7%00", False)],
    ids=["longest", "too-long", "blank", "with-a-zero"],
)
async def test_a_customer_who_cannot_be_one_is_nobody_and_arrives(
    deaf_shop: Shop, campaigns_db: str, sent: str, is_somebody: bool
) -> None:
    campaign = await deaf_shop.campaign(landing_url="https://shop.example")

    answer = await deaf_shop.http.get(f"/go/{campaign['id']}?customer={sent}")

    assert answer.status_code == 302
    visit = Visited.model_validate_json((await outbox_of(campaigns_db))[-1]["value"])
    assert (visit.data.customer_id is not None) is is_somebody


async def test_a_link_to_nothing_is_not_found(shop: Shop) -> None:
    campaign = await shop.campaign()

    for path in (f"/go/{campaign['id']}", "/go/camp_unknown", "/go/%00"):
        assert (await shop.http.get(path)).status_code == 404


@asynccontextmanager
async def held(api: FastAPI) -> AsyncIterator[None]:
    """Hold every connection that links have, as strangers without number would."""
    deps: Dependencies = api.state.dependencies
    async with AsyncExitStack() as stack:
        for _ in range(LINK_CONNECTIONS):
            pool = await stack.enter_async_context(deps.links.entered())
            await stack.enter_async_context(transaction(pool))
        yield


async def test_what_looks_like_no_campaign_is_refused_before_a_database_is_asked(
    api: FastAPI, http: httpx.AsyncClient
) -> None:
    async with held(api):
        for made_up in ("made-up", "camp_unknown", f"camp_{'a' * 23}-", f"camp_{'a' * 25}"):
            assert (await http.get(f"/go/{made_up}")).status_code == 404
            assert (await http.head(f"/go/{made_up}")).status_code == 404


async def test_a_crowd_with_made_up_ids_is_refused_and_keeps_no_shopper_out(shop: Shop) -> None:
    campaign = await shop.campaign(landing_url="https://shop.example")
    other = await shop.campaign(name="Other", landing_url="https://shop.example")
    known, fresh = f"/go/{campaign['id']}", f"/go/{other['id']}"
    assert (await shop.http.get(known)).status_code == 302

    crowd = [
        asyncio.create_task(shop.http.get(f"/go/camp_{number:024}"))
        for number in range(4 * MOST_WAITING)
    ]
    shoppers = [asyncio.create_task(shop.http.get(each)) for each in (known, fresh)]

    assert {(await each).status_code for each in shoppers} == {302}
    assert {(await each).status_code for each in crowd} == {404}


async def test_made_up_ids_wait_for_no_shopper_either(
    api: FastAPI, http: httpx.AsyncClient
) -> None:
    async with held(api):
        assert (await http.get(f"/go/camp_{'a' * 24}")).status_code == 404


async def test_a_crowd_at_a_link_delays_no_kill_switch_and_is_told_so(
    api: FastAPI, shop: Shop
) -> None:
    campaign = await shop.campaign(landing_url="https://shop.example")
    link = f"/go/{campaign['id']}"

    async with held(api):
        crowd = [asyncio.create_task(shop.http.get(link)) for _ in range(MOST_WAITING + 50)]
        switched = await asyncio.wait_for(
            shop.call("POST", f"/v1/campaigns/{campaign['id']}/disable"), 4
        )
        turned_away = [(await each) for each in crowd if each.done()]

    assert switched.status_code == 200
    assert [answer.status_code for answer in turned_away] == [503] * 50
    assert all(answer.headers["Retry-After"] == "1" for answer in turned_away)
    assert {(await each).status_code for each in crowd} == {302, 503}
    assert (await shop.http.get(link)).status_code == 302
