"""What the worker is sent, and what has become of it: by the service's own topics."""

import json
from typing import Any
from uuid import uuid4

import asyncpg
from aiokafka import ConsumerRecord

from contracts import topics
from contracts.baskets import Order
from contracts.redemptions import RedemptionRequest, RedemptionRequested
from kit.patience import until
from kit.redemption_processes import Outside
from kit.redemption_samples import (
    campaign_changed,
    envelope,
    project_changed,
    voucher_changed,
)
from redemption.applying import snapshots

LIVE = topics.REDEMPTION_REQUESTS.name
HISTORY = topics.REDEMPTION_REQUESTS_HISTORY.name
SNAPSHOTS = [t.name for t in (topics.PROJECTS, topics.CAMPAIGNS, topics.VOUCHERS, topics.SEGMENTS)]
ASIDE = [topics.dead_letters(name, "redemption") for name in (LIVE, HISTORY, *SNAPSHOTS)]


def asked(project: str, request_id: str = "", code: str = "HOT") -> bytes:
    data = RedemptionRequest(
        request_id=request_id or uuid4().hex, code=code, order=Order(amount_minor=5000)
    )
    return RedemptionRequested(**envelope(project, code), data=data).encode()


def with_data(document: dict[str, Any], **fields: Any) -> bytes:
    return json.dumps(document | {"data": document["data"] | fields}).encode()


async def decided(pool: asyncpg.Pool, project: str) -> int:
    many: int = await pool.fetchval("SELECT count(*) FROM ledger WHERE project_id = $1", project)
    return many


async def until_decided(pool: asyncpg.Pool, project: str, many: int) -> None:
    async def enough() -> bool:
        return await decided(pool, project) >= many

    await until(enough, seconds=60)
    assert await decided(pool, project) == many


async def open_a_shop(pool: asyncpg.Pool, project: str, **terms: Any) -> None:
    await snapshots.apply(
        pool,
        [
            project_changed(project),
            campaign_changed(project=project, **terms),
            voucher_changed("HOT", project=project),
        ],
    )


async def letters_of(kafka: Outside, topic: str) -> list[ConsumerRecord[bytes, bytes]]:
    aside = await kafka.ends([topics.dead_letters(topic, "redemption")])
    return await kafka.since(dict.fromkeys(aside, 0))
