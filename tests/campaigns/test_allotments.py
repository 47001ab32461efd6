"""Allotments at the same time, each on a connection of its own: no code is given twice."""

import asyncio
from typing import Any

import asyncpg
import pytest
from kit.campaigns_samples import Shop, a_campaign_body, outbox_of
from kit.patience import until

from campaigns.actors import actor_of
from campaigns.campaigns import store as campaigns
from campaigns.refusals import InvalidError
from campaigns.shares import verbs
from contracts.campaigns import CampaignChanged
from servicekit.postgres.pool import transaction

ACTOR = actor_of("cpn_live_1")


async def a_campaign(shop: Shop, codes: int) -> dict[str, Any]:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    made = await shop.campaign(partner_id=partner["id"])
    path = f"/v1/campaigns/{made['id']}"
    await shop.made(f"{path}/vouchers?vouchers_count={codes}")

    async def issued() -> bool:
        return bool((await shop.call("GET", path)).json()["vouchers_count"] == codes)

    await until(issued)
    return made


async def allot(pool: asyncpg.Pool, shop: Shop, campaign_id: str, quantity: int) -> str | None:
    """Allot on a connection of one's own; None where too few were left."""
    try:
        async with transaction(pool) as conn:
            campaign = await campaigns.find(conn, shop.project_id, campaign_id)
            assert campaign is not None
            share = await verbs.allot(
                conn, shop.project_id, ACTOR, campaign, quantity=quantity, name=None
            )
    except InvalidError:
        return None
    return share.id


@pytest.mark.parametrize("at_once", [3, 10_000])
async def test_rivals_on_connections_of_their_own_share_no_code(
    deaf_shop: Shop, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(verbs, "TAKEN_AT_ONCE", at_once)
    made = await a_campaign(deaf_shop, 100)
    quantities = [1, 7, 13, 5, 2, 11, 29, 3, 17, 19, 23, 8]  # 138: not all find enough

    shares = await asyncio.gather(
        *(allot(pool, deaf_shop, made["id"], quantity) for quantity in quantities)
    )

    rows = await pool.fetch("SELECT share_id, voucher_id FROM shared_codes")
    given = {share: [r["voucher_id"] for r in rows if r["share_id"] == share] for share in shares}
    expected = {s: n for s, n in zip(shares, quantities, strict=True) if s is not None}
    assert {share: len(given[share]) for share in expected} == expected
    assert len({row["voucher_id"] for row in rows}) == len(rows) == sum(expected.values())
    left = 100 - len(rows)
    refused = [n for s, n in zip(shares, quantities, strict=True) if s is None]
    assert refused
    assert left < max(refused)


async def test_who_allots_holds_up_no_switch_and_no_other_campaign(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    made = await a_campaign(shop, 20)
    voucher = (await shop.call("GET", "/v1/vouchers?limit=1")).json()["vouchers"][0]
    async with pool.acquire() as conn, conn.transaction():
        campaign = await campaigns.find(conn, shop.project_id, made["id"])
        assert campaign is not None
        await verbs.allot(conn, shop.project_id, ACTOR, campaign, quantity=20, name=None)
        waiting = [
            asyncio.create_task(
                shop.call(
                    "POST",
                    f"/v1/campaigns/{made['id']}/shares",
                    {"kind": "allotment", "quantity": 1},
                )
            )
            for _ in range(5)
        ]
        await asyncio.sleep(0.1)
        for path in (
            f"/v1/vouchers/{voucher['code']}",
            f"/v1/campaigns/{made['id']}",
            f"/v1/partners/{campaign.partner.id}",
        ):
            switched = await shop.call("POST", f"{path}/disable")
            assert switched.status_code == 200, switched.text
        assert not any(task.done() for task in waiting)
    answers = await asyncio.gather(*waiting)

    assert {answer.json()["key"] for answer in answers} == {"not_enough_codes"}


async def test_a_campaign_that_is_made_beside_its_partners_switch_obeys_it(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    partner = await deaf_shop.made("/v1/partners", {"name": "Blog"})
    bodies = [a_campaign_body(name=f"Deal {n}", partner_id=partner["id"]) for n in range(6)]
    # Or the switch may come first, when there is nothing to enforce yet: that is no 503.
    await deaf_shop.made("/v1/campaigns", a_campaign_body(name="First", partner_id=partner["id"]))

    made = [deaf_shop.call("POST", "/v1/campaigns", body) for body in bodies]
    disable = deaf_shop.call("POST", f"/v1/partners/{partner['id']}/disable")
    answers = await asyncio.gather(*made[:3], disable, *made[3:])

    assert sorted(answer.status_code for answer in answers) == [200] * 6 + [503]
    rows = [row for row in await outbox_of(campaigns_db) if row["topic"] == "coupons.campaigns.v1"]
    told = [CampaignChanged.model_validate_json(row["value"]).data for row in rows]
    last = {each.id: each.active for each in sorted(told, key=lambda each: each.version)}
    assert list(last.values()) == [False] * 7
