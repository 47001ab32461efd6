"""What is taken away is gone: a campaign that is switched off, a key that is revoked."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaProducer
from kit.patience import until
from kit.shops import Shop, ask, manage, requested
from kit.watching import digest

from counterfoil.platform import Platform

SHOPPERS = 4
# The answer waits for redemption; analytics hears of it by Kafka, and remembers keys for 2 s.
REVOKED_SECONDS = 20
INACTIVE = (400, "campaign_inactive")


@dataclass
class Heard:
    """What shoppers asked, when they began to, and what they were told."""

    by_http: list[tuple[float, tuple[int, str | None]]] = field(default_factory=list)
    by_kafka: list[tuple[float, str]] = field(default_factory=list)

    def http_since(self, moment: float) -> list[tuple[int, str | None]]:
        return [answer for began, answer in self.by_http if began > moment]

    def kafka_since(self, moment: float) -> list[str]:
        return [request_id for began, request_id in self.by_kafka if began > moment]


@asynccontextmanager
async def hammering(shop: Shop, producer: AIOKafkaProducer, code: str) -> AsyncIterator[Heard]:
    """Let shoppers redeem a code as fast as they can, by HTTP and by Kafka."""
    heard, over = Heard(), asyncio.Event()

    async def over_http() -> None:
        while not over.is_set():
            began = time.monotonic()
            answer = await shop.redeem(code)
            heard.by_http.append((began, (answer.status_code, answer.json().get("key"))))

    async def over_kafka() -> None:
        while not over.is_set():
            began, request_id = time.monotonic(), uuid4().hex
            await ask(producer, requested(shop.project_id, code, request_id=request_id))
            heard.by_kafka.append((began, request_id))

    async with asyncio.TaskGroup() as shoppers:
        for _ in range(SHOPPERS):
            shoppers.create_task(over_http())
        shoppers.create_task(over_kafka())
        try:
            yield heard
        finally:
            over.set()


async def test_from_the_answer_on_a_disabled_campaign_redeems_no_more(
    platform: Platform, other_shop: Shop, producer: AIOKafkaProducer
) -> None:
    shop = other_shop
    campaign = await shop.campaign()
    code = await shop.code(campaign)
    ledger = await asyncpg.connect(platform.views["redemption"])

    async def both_at_work() -> bool:
        accepted = [answer for _, answer in heard.by_http if answer[0] == 200]
        return len(accepted) > 50 and len(heard.by_kafka) > 50

    async def asked_enough_afterwards() -> bool:
        return len(heard.http_since(off)) > 50 and len(heard.kafka_since(off)) > 50

    async def all_decided() -> bool:
        sql = "SELECT count(*) FROM reconciliation_entries WHERE project_id = $1"
        asked = len(heard.by_http) + len(heard.by_kafka)
        return int(await ledger.fetchval(sql, shop.project_id)) == asked

    try:
        async with hammering(shop, producer, code) as heard:
            await until(both_at_work, what="fifty redemptions each way")
            answer = await shop.call("POST", f"/v1/campaigns/{campaign['id']}/disable")
            off, at = time.monotonic(), datetime.now(UTC)
            assert answer.status_code == 200, answer.text
            await until(asked_enough_afterwards, what="fifty requests each way after the switch")
        await until(all_decided, what="a decision for every request")

        assert set(heard.http_since(off)) == {INACTIVE}
        late = await ledger.fetchval(
            """
            SELECT count(*) FROM reconciliation_entries
            WHERE project_id = $1 AND accepted AND decided_at > $2
            """,
            shop.project_id,
            at,
        )
        assert late == 0
        afterwards = await ledger.fetch(
            """
            SELECT DISTINCT r.status, l.reason
            FROM reconciliation_answers AS r
            JOIN reconciliation_entries AS l ON l.request_key = r.key WHERE r.key = ANY ($1)
            """,
            [digest(shop.project_id, request_id) for request_id in heard.kafka_since(off)],
        )
        assert [tuple(row) for row in afterwards] == [INACTIVE]

        await shop.made(f"/v1/campaigns/{campaign['id']}/enable")
        await until(lambda: redeems(shop, code), what="the campaign on again")
        await ask(producer, requested(shop.project_id, code))
        accepted = """
            SELECT count(*) FROM reconciliation_entries
            WHERE project_id = $1 AND accepted AND at > $2
        """

        async def redeems_by_kafka_too() -> bool:
            return int(await ledger.fetchval(accepted, shop.project_id, at)) == 2

        await until(redeems_by_kafka_too, what="one redemption each way after the switch back")
    finally:
        await ledger.close()


async def test_from_the_answer_on_nothing_of_a_disabled_partner_redeems(other_shop: Shop) -> None:
    shop, partner = other_shop, (await other_shop.made("/v1/partners", {"name": "Blog"}))["id"]
    campaigns = [await shop.campaign(partner_id=partner) for _ in range(12)]
    codes = [await shop.code(each) for each in campaigns]
    discount = {"type": "AMOUNT", "amount_off": 500}
    body = {"type": "DISCOUNT_VOUCHER", "discount": discount, "partner_id": partner}
    codes.append(
        (await shop.made("/v1/vouchers", body | {"redemption": {"quantity": None}}))["code"]
    )
    other = await shop.code(await shop.campaign())
    for code in (*codes, other):
        await until(partial(redeems, shop, code), what="all codes to redeem")

    answer = await shop.call("POST", f"/v1/partners/{partner}/disable")
    told = [await shop.redeem(code) for code in codes]

    assert (answer.status_code, answer.json()["campaigns"]) == (200, 13)
    assert {(each.status_code, each.json().get("key")) for each in told} == {INACTIVE}
    assert await redeems(shop, other)


async def redeems(shop: Shop, code: str) -> bool:
    return (await shop.redeem(code)).status_code == 200


async def test_a_revoked_key_opens_nothing(platform: Platform, other_shop: Shop) -> None:
    shop = other_shop
    project = f"/{shop.project_id}/keys"
    scopes = {"scopes": ["campaigns", "redemptions", "reports"]}
    key = (await manage(platform, shop.http, "POST", project, scopes)).json()
    vendor = Shop(platform, shop.http, shop.project_id, key["app_id"], key["app_token"])
    doors = [
        ("GET", "/v1/partners"),
        ("GET", "/v1/campaigns"),
        ("GET", "/v1/vouchers"),
        ("GET", "/v1/redemptions/r_00000000000000000000000000000000"),
        ("POST", "/v1/redemptions"),
        ("POST", "/v1/validations"),
        ("GET", "/v1/reports/partners"),
        ("GET", "/v1/reports/failures"),
    ]

    async def told() -> set[int]:
        return {(await vendor.call(method, path)).status_code for method, path in doors}

    async def let_in_everywhere() -> bool:
        return 401 not in await told()

    async def shut_out_everywhere() -> bool:
        return await told() == {401}

    await until(let_in_everywhere, what="the new key opens every door")
    await manage(platform, shop.http, "DELETE", f"{project}/{key['app_id']}")

    for method, path in doors:
        if "reports" not in path:
            answer = await vendor.call(method, path)
            assert (answer.status_code, answer.json()["key"]) == (401, "unauthorized"), path
    await until(shut_out_everywhere, REVOKED_SECONDS, what="the key is refused everywhere")
    assert 401 not in {(await shop.call(method, path)).status_code for method, path in doors}
