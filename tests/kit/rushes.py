"""A rush: four hundred shoppers at once, by HTTP and by Kafka, on what two hundred can have."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaProducer

from contracts.redemptions import Redeemable
from kit.patience import until
from kit.shops import Shop, ask, redemption, requested
from kit.watching import digest

SHOPPERS = 400
UNITS = 200
AT_ONCE = 40  # by HTTP
TWICE = 10  # every so-manieth asks by both ways, for one thing
OFF = 500  # what a campaign takes off, in minor units
CAMPAIGN_OF_MANY = {"total_limit": 10 * SHOPPERS}


class Rush(NamedTuple):
    """What is short, campaign by campaign: a request spends a code of each, in this order."""

    campaigns: Sequence[dict[str, Any]]
    customers: int = SHOPPERS
    quantity: int | None = None  # of each code


RUSHES = {
    "campaign": Rush([{"total_limit": UNITS}]),
    "code": Rush([{}], quantity=UNITS),
    "budget": Rush([{"limits": [{"of": "campaign", "discount_amount": UNITS * OFF}]}]),
    "period": Rush([{"limits": [{"of": "campaign", "per": "month", "redemptions": UNITS}]}]),
    "customer": Rush([{"per_customer_limit": 5}], customers=UNITS // 5),
    "stack": Rush([CAMPAIGN_OF_MANY, {"total_limit": UNITS}, {"total_limit": UNITS + 50}]),
}


class Sold(NamedTuple):
    """How many requests were accepted, and what the campaigns have counted."""

    accepted: int
    used: list[int]


async def rush(shop: Shop, producer: AIOKafkaProducer, short: Rush) -> Sold:
    """Let everybody ask at once; return what came of it, when all of it is decided."""
    campaigns = [await shop.campaign(**each) for each in short.campaigns]
    codes = [await _code(shop, each, short.quantity) for each in campaigns]
    keys = [uuid4().hex for _ in range(SHOPPERS)]
    by_http = [n for n in range(SHOPPERS) if n % 2 or n % TWICE == 0]
    by_kafka = [n for n in range(SHOPPERS) if n % 2 == 0 or n % TWICE == 1]
    places = asyncio.Semaphore(AT_ONCE)

    def customer(number: int) -> str:
        return f"shopper {number % short.customers}"

    async def over_http(number: int) -> None:
        body = redemption(codes[0], customer=customer(number))
        body["redeemables"] = [{"object": "voucher", "id": code} for code in codes]
        async with places:
            headers = {"Idempotency-Key": keys[number]}
            answer = await shop.call("POST", "/v1/redemptions", body, headers)
        assert answer.status_code in {200, 400}, answer.text

    async def over_kafka(number: int) -> None:
        wanted = requested(
            shop.project_id, codes[0], request_id=keys[number], customer=customer(number)
        )
        if len(codes) > 1:
            together = tuple(Redeemable(code=code) for code in codes)
            data = wanted.data.model_copy(update={"code": None, "redeemables": together})
            wanted = wanted.model_copy(update={"data": data})
        await ask(producer, wanted)

    async with asyncio.TaskGroup() as shoppers:
        for number in by_http:
            shoppers.create_task(over_http(number))
        for number in by_kafka:
            shoppers.create_task(over_kafka(number))
    books = await asyncpg.connect(shop.platform.views["redemption"])
    try:
        await until(lambda: _all_decided(books, shop, keys), what="a decision for every shopper")
        return await _sold(books, shop, keys, campaigns)
    finally:
        await books.close()


async def _code(shop: Shop, campaign: dict[str, Any], quantity: int | None) -> str:
    code = f"RUSH-{uuid4().hex[:12].upper()}"
    body = None if quantity is None else {"redemption": {"quantity": quantity}}
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/{code}", body)
    await until(lambda: _in_force(shop, code), what="the code in force")
    return code


async def _in_force(shop: Shop, code: str) -> bool:
    wish = redemption(code, customer="who only asks")
    answer = await shop.call("POST", "/v1/validations", wish)
    return bool(answer.json()["valid"])


async def _all_decided(books: asyncpg.Connection, shop: Shop, keys: Sequence[str]) -> bool:
    sql = "SELECT count(*) FROM reconciliation_answers WHERE key = ANY ($1)"
    asked = [digest(shop.project_id, key) for key in keys]
    return int(await books.fetchval(sql, asked)) == len(keys)


async def _sold(
    books: asyncpg.Connection, shop: Shop, keys: Sequence[str], campaigns: list[dict[str, Any]]
) -> Sold:
    asked = [digest(shop.project_id, key) for key in keys]
    accepted = await books.fetchval(
        "SELECT count(*) FROM reconciliation_answers WHERE key = ANY ($1) AND status = 200", asked
    )
    used = {
        row["campaign_id"]: row["used"]
        for row in await books.fetch(
            "SELECT campaign_id, used FROM campaign_uses WHERE project_id = $1", shop.project_id
        )
    }
    off = await books.fetch(
        "SELECT * FROM reconciliation_counters WHERE project_id = $1 AND used <> recounted",
        shop.project_id,
    )
    assert off == []
    return Sold(int(accepted), [used[campaign["id"]] for campaign in campaigns])
