"""An engine dies or hangs under load: services wait, say so, lose nothing and go on."""

import asyncio
import os
import signal
import time

import psutil
import pytest
from histories import Clients, steady_load
from patience import until
from records import ends, since
from shops import Shop
from watching import (
    RECOVERED_SECONDS,
    all_ready,
    assert_nothing_lost,
    assert_reconciled,
    miss,
    nothing_waits,
    restarts,
)

from contracts import topics
from counterfoil.platform import Platform

LETTERS = topics.dead_letters(topics.REDEMPTION_REQUESTS.name, "redemption")
LIMIT = 60
HANGS_SECONDS = 10.0

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]


async def codes(shop: Shop) -> list[str]:
    """Issue a code that nobody limits and one that is gone soon."""
    free = await shop.campaign()
    capped = await shop.campaign(total_limit=LIMIT)
    return [await shop.code(free), await shop.code(capped)]


@pytest.mark.parametrize("engine", ["kafka", "postgres", "clickhouse"])
async def test_an_engine_is_killed_under_load(platform: Platform, shop: Shop, engine: str) -> None:
    before, letters = restarts(platform), await ends(platform.kafka, [LETTERS])
    async with steady_load(shop, await codes(shop)) as clients:
        await until(lambda: heard(clients, 20), what="a load")
        pid = platform.pid(engine)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: miss(platform, engine), every=0.02, what=f"everybody misses {engine}")
        if engine == "kafka":
            # HTTP needs Postgres alone.
            count = clients.history.heard()
            await until(lambda: heard(clients, count + 10), 5, what="redemptions without Kafka")
            assert not clients.history.unknown
        await until(lambda: all_ready(platform), RECOVERED_SECONDS, what="everybody is ready")
        count = clients.history.heard()
        await until(lambda: heard(clients, count + 20), what="a load afterwards")

    await recovered(platform, shop, clients)
    assert restarts(platform) == before  # nobody died of it
    found = await since(platform.kafka, letters, len(clients.history.unreadable))
    assert {letter.value for letter in found} == clients.history.unreadable


@pytest.mark.parametrize("engine", ["kafka"])
async def test_an_engine_hangs_under_load(platform: Platform, shop: Shop, engine: str) -> None:
    before = restarts(platform)
    async with steady_load(shop, await codes(shop)) as clients:
        await until(lambda: heard(clients, 20), what="a load")
        pid = platform.pid(engine)
        assert pid is not None
        processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        hung = time.monotonic()
        try:
            for process in processes:
                process.suspend()
            await until(lambda: miss(platform, engine), every=0.5, what=f"all miss {engine}")
            await asyncio.sleep(max(0, HANGS_SECONDS - (time.monotonic() - hung)))
        finally:
            for process in processes:
                process.resume()
        await until(lambda: all_ready(platform), RECOVERED_SECONDS, what="everybody is ready")

    await recovered(platform, shop, clients)
    assert restarts(platform) == before


async def heard(clients: Clients, number: int) -> bool:
    return clients.history.heard() >= number


async def recovered(platform: Platform, shop: Shop, clients: Clients) -> None:
    await until(
        lambda: nothing_waits(platform), RECOVERED_SECONDS, every=0.5, what="nothing waits any more"
    )
    await clients.settle()
    await assert_nothing_lost(shop, clients.history)
    accepted = await shop.listed("/v1/reports/campaigns")
    assert LIMIT in [line["redemptions"] for line in accepted]
    await assert_reconciled(shop)
