"""A code becomes a customer's own, redeems, and ends so long after that as its campaign says."""

from typing import Any
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaProducer
from kit.patience import until
from kit.shops import Shop, ask, redemption, requested

from counterfoil.platform import Platform


async def test_a_published_code_redeems_until_its_own_end(
    platform: Platform, other_shop: Shop, producer: AIOKafkaProducer
) -> None:
    shop = other_shop
    campaign = await shop.campaign(activity_duration_after_publishing="P1D")
    path = f"/v1/campaigns/{campaign['id']}"

    anns = await given(shop, campaign, "ann")
    redeemed = await shop.redeem(anns["code"], customer="ann")
    assert redeemed.status_code == 200, redeemed.text

    changed = await shop.call("PUT", path, {"activity_duration_after_publishing": "PT1S"})
    assert changed.is_success, changed.text
    bobs = await given(shop, campaign, "bob")

    async def over() -> dict[str, Any] | None:
        """Look, and spend nothing: the code may be used once."""
        looked = await shop.call("POST", "/v1/validations", redemption(bobs["code"]))
        refused: list[dict[str, Any]] = looked.json()["inapplicable_redeemables"]
        return refused[0] if refused else None

    judged = await until(over, what="the code's own end")
    refusal = (await shop.redeem(bobs["code"], customer="bob")).json()
    shown = (await shop.call("GET", f"/v1/vouchers/{bobs['code']}")).json()
    by_kafka = uuid4().hex
    await ask(producer, requested(shop.project_id, bobs["code"], request_id=by_kafka))

    assert refusal["key"] == "voucher_expired"
    assert refusal["would_pass"] == {"ends_at": bobs["expiration_date"]}
    assert judged["result"]["error"]["key"] == "voucher_expired"
    assert (shown["status"], shown["status_since"]) == ("expired", bobs["expiration_date"])
    ledger = await asyncpg.connect(platform.views["redemption"])
    try:
        sql = "SELECT reason FROM reconciliation_entries WHERE project_id = $1 AND code = $2"

        async def told() -> bool:
            rows = await ledger.fetch(sql, shop.project_id, bobs["code"])
            return [row["reason"] for row in rows] == ["voucher_expired"] * 2

        await until(told, what="Kafka's request decided")
    finally:
        await ledger.close()
    still = await shop.call("POST", "/v1/validations", redemption(anns["code"]))
    assert still.json()["inapplicable_redeemables"][0]["result"]["error"]["key"] != (
        "voucher_expired"
    )


async def given(shop: Shop, campaign: dict[str, Any], customer: str) -> dict[str, Any]:
    """Publish a code to a customer, and return it."""
    wish = {"customer": {"source_id": customer}, "campaign": {"id": campaign["id"]}}
    made = await shop.made("/v1/publications", wish)
    code: dict[str, Any] = made["voucher"]
    return code
