"""What is deleted is refused and what is restored redeems, one by one and by the thousand."""

import asyncio
from typing import Any

from kit.patience import until
from kit.shops import Shop, new_shop

from counterfoil.platform import Platform

MANY = 3_000


async def outcome(shop: Shop, code: str) -> str:
    answer = await shop.redeem(code)
    return "ok" if answer.status_code == 200 else str(answer.json()["key"])


async def over(shop: Shop, started: dict[str, Any]) -> dict[str, Any]:
    job: dict[str, Any] = {}

    async def ended() -> bool:
        answer = await shop.call("GET", f"/v1/async-actions/{started['async_action_id']}")
        job.update(answer.json())
        return job["status"] in {"DONE", "FAILED"}

    await until(ended, 60)
    return job


async def test_the_deleted_is_refused_the_restored_redeems_and_the_purged_never_does(
    other_shop: Shop,
) -> None:
    shop = other_shop
    campaign = await shop.campaign()
    code, kept = await shop.code(campaign), await shop.code(campaign)
    path = f"/v1/campaigns/{campaign['id']}"
    alone = await shop.made(
        "/v1/vouchers", {"discount": {"type": "AMOUNT", "amount_off": 100}, "redemption": {}}
    )

    assert [await outcome(shop, each) for each in (code, kept, alone["code"])] == ["ok"] * 3
    assert (await shop.call("DELETE", f"/v1/vouchers/{code}")).status_code == 204
    assert [await outcome(shop, each) for each in (code, kept)] == ["voucher_disabled", "ok"]
    await shop.made(f"/v1/vouchers/{code}/restore")
    assert await outcome(shop, code) == "ok"

    assert (await shop.call("DELETE", path)).status_code == 202
    assert [await outcome(shop, each) for each in (code, kept)] == ["campaign_inactive"] * 2
    await shop.made(f"{path}/restore")
    assert await outcome(shop, code) == "ok"

    assert (await shop.call("DELETE", f"{path}?force=true")).status_code == 202
    for each in (code, kept):

        async def purged(each: str = each) -> bool:
            return (await shop.call("GET", f"/v1/vouchers/{each}")).status_code == 404

        await until(purged)
        assert await outcome(shop, each) == "campaign_inactive"
        again = await shop.call("POST", f"/v1/vouchers/{each}", {"discount": alone["discount"]})
        assert again.status_code == 409


async def test_while_thousands_are_disabled_anothers_switch_takes_a_moment(
    platform: Platform, other_shop: Shop
) -> None:
    shop = other_shop
    campaign = await shop.campaign()
    issued = await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers?vouchers_count={MANY}")
    await over(shop, issued)
    listed = await shop.call("GET", f"/v1/vouchers?campaign_id={campaign['id']}&limit=3")
    some = [each["code"] for each in listed.json()["vouchers"]]
    switched = 0
    async with new_shop(platform) as rival:
        theirs = await rival.campaign()
        path = f"/v1/campaigns/{theirs['id']}"
        query = f"campaign_id={campaign['id']}"
        job = asyncio.create_task(
            over(
                shop,
                await shop.made("/v1/vouchers/bulk", {"action": "disable", "filter": query}),
            )
        )
        while not job.done():
            for switch in ("disable", "enable"):
                assert (await rival.call("POST", f"{path}/{switch}")).status_code == 200
                switched += 1
    done = await job

    assert (done["status"], done["done_count"]) == ("DONE", MANY)
    assert done["enforced_at"] is not None
    assert [await outcome(shop, each) for each in some] == ["voucher_disabled"] * 3
    assert switched >= 8  # who stood behind the job, or behind a step of it, would get few

    undone = await over(shop, await shop.made(f"/v1/async-actions/{done['id']}/undo"))
    assert undone["done_count"] == MANY
    assert await outcome(shop, some[0]) == "ok"
