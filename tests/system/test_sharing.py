"""What a partner is shown follows what redeems, on the whole platform."""

from typing import Any
from uuid import uuid4

import httpx
from kit.patience import until
from kit.shops import Shop


async def feed_of(shop: Shop, key: str) -> list[str]:
    headers = {"Authorization": f"Bearer {key}"}
    answer = await shop.http.get("/v1/feed", headers=headers)
    assert answer.status_code == 200, answer.text
    return [each["code"] for each in answer.json()["codes"]]


async def test_a_feed_forgets_a_code_as_soon_as_it_redeems_no_more(shop: Shop) -> None:
    campaign = await shop.campaign()
    path = f"/v1/campaigns/{campaign['id']}"
    single = {"redemption": {"quantity": 1}}
    codes = [f"{name}-{uuid4().hex[:8]}" for name in ("USED", "OFF", "HELD", "KEPT")]
    for code in codes:
        await shop.made(f"{path}/vouchers/{code}", single)
    await shop.made(f"{path}/shares", {"kind": "campaign"})
    partner = f"/v1/partners/{campaign['partner_id']}"
    key = (await shop.made(f"{partner}/feed-key"))["feed_key"]
    used, off, held, kept = codes
    assert await feed_of(shop, key) == codes

    redeemed = await shop.redeem(used)
    assert redeemed.status_code == 200, redeemed.text

    async def used_is_gone() -> bool:
        return await feed_of(shop, key) == [off, held, kept]

    # Uses are followed half a second after the last batch; a loaded machine takes a moment more.
    await until(used_is_gone, every=0.02, what="the used one gone from the feed")
    await shop.made(f"/v1/vouchers/{off}/disable")
    assert await feed_of(shop, key) == [held, kept]
    await shop.made(f"{partner}/shares/hold-back", {"codes": [held]})
    assert await feed_of(shop, key) == [kept]


async def test_a_partners_switch_ends_all_its_deals_at_the_checkout(shop: Shop) -> None:
    first = await shop.campaign()
    path = f"/v1/partners/{first['partner_id']}"
    second = await shop.made(
        "/v1/campaigns", body_of(first) | {"name": f"Second {uuid4().hex[:8]}"}
    )
    codes = [await shop.code(each) for each in (first, second)]
    assert {(await shop.redeem(code)).status_code for code in codes} == {200}

    switched = await shop.made(f"{path}/disable")
    refused = [await shop.redeem(code) for code in codes]
    await shop.made(f"{path}/enable")

    async def redeems() -> bool:
        return (await shop.redeem(codes[0])).status_code == 200

    assert (switched["status"], switched["campaigns"]) == ("disabled", 2)
    assert {answer.status_code for answer in refused} == {400}
    await until(redeems, what="an enabled partner's code redeems")


def body_of(campaign: dict[str, Any]) -> dict[str, Any]:
    return {
        "partner_id": campaign["partner_id"],
        "voucher": {
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "AMOUNT", "amount_off": 500},
        },
    }


async def test_the_feed_is_asked_through_the_gateway_by_its_own_key_alone(shop: Shop) -> None:
    campaign = await shop.campaign()
    made = await shop.made(f"/v1/partners/{campaign['partner_id']}/feed-key")
    bearer = {"Authorization": f"Bearer {made['feed_key']}"}

    answers: list[httpx.Response] = [
        await shop.http.get(path, headers=bearer)
        for path in ("/v1/campaigns", "/v1/redemptions", "/v1/reports/partners", "/v1/portal")
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert (await shop.http.get("/v1/feed", headers=bearer)).status_code == 200
    assert (await shop.http.get("/v1/feed", headers=shop.keys)).status_code == 401
