"""An engine dies or hangs under load: services wait, say so, lose nothing and go on."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import psutil
import pytest
from kit.histories import Clients, steady_load
from kit.patience import until
from kit.records import ends, since
from kit.shops import Shop
from kit.watching import (
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
ENGINES = ("kafka", "postgres", "clickhouse")
LIMIT = 20
HANGS_SECONDS = 10.0
MISSED_SECONDS = 60.0

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]


async def codes(shop: Shop) -> list[str]:
    """Issue a code that nobody limits and one that is gone soon."""
    free = await shop.campaign()
    capped = await shop.campaign(total_limit=LIMIT)
    return [await shop.code(free), await shop.code(capped)]


async def test_each_engine_is_killed_under_load(platform: Platform, shop: Shop) -> None:
    before, letters = restarts(platform), await ends(platform.kafka, [LETTERS])
    async with steady_load(shop, await codes(shop)) as clients:
        for engine in ENGINES:
            await until(partial(heard, clients, clients.history.heard() + 20), what="a load")
            await killed(platform, engine, clients)
        count = clients.history.heard()
        await until(partial(heard, clients, count + 20), what="a load afterwards")

    await recovered(platform, shop, clients)
    assert restarts(platform) == before  # nobody died of it
    found = await since(platform.kafka, letters, len(clients.history.unreadable))
    assert {letter.value for letter in found} == clients.history.unreadable


async def killed(platform: Platform, engine: str, clients: Clients) -> None:
    """Kill an engine; return when everybody has missed it and everybody is ready again."""
    pid = platform.pid(engine)
    assert pid is not None
    unknown = set(clients.history.unknown)
    with nobody_starts_another(platform):  # it might be there before everybody has looked
        os.kill(pid, signal.SIGKILL)
        await until(
            partial(miss, platform, engine), MISSED_SECONDS, what=f"everybody misses {engine}"
        )
        if engine == "kafka":
            # HTTP needs Postgres alone.
            count = clients.history.heard()
            await until(partial(heard, clients, count + 10), 15, what="redemptions without Kafka")
            assert clients.history.unknown == unknown
    await until(
        partial(all_ready, platform), RECOVERED_SECONDS, what=f"everybody is ready after {engine}"
    )


async def test_every_engine_hangs_under_load(platform: Platform, shop: Shop) -> None:
    """Connections stay open and nobody answers: that is harder to notice than a death."""
    before = restarts(platform)
    async with steady_load(shop, await codes(shop)) as clients:
        await until(lambda: heard(clients, 20), what="a load")
        hung = time.monotonic()
        with suspended(platform, *ENGINES):
            await until(
                lambda: miss(platform, *ENGINES), MISSED_SECONDS, every=0.5, what="all miss all"
            )
            await asyncio.sleep(max(0, HANGS_SECONDS - (time.monotonic() - hung)))
        await until(lambda: all_ready(platform), RECOVERED_SECONDS, what="everybody is ready")
        count = clients.history.heard()
        await until(lambda: heard(clients, count + 20), what="a load afterwards")

    await recovered(platform, shop, clients)
    assert restarts(platform) == before


async def test_a_kill_switch_waits_for_no_request(platform: Platform, shop: Shop) -> None:
    """Whatever a request does to the process that reads requests: this one does nothing more."""
    campaign = await shop.campaign()
    code = await shop.code(campaign)
    with suspended(platform, "redemption-worker"):
        await shop.made(f"/v1/campaigns/{campaign['id']}/disable")
        refused = await shop.redeem(code)

    assert refused.json()["key"] == "campaign_inactive"


@contextmanager
def nobody_starts_another(platform: Platform) -> Iterator[None]:
    """Freeze the supervisor alone: what ends stays away for as long."""
    supervisor = psutil.Process(platform.folder.state()["supervisor"])
    supervisor.suspend()
    try:
        yield
    finally:
        supervisor.resume()


@contextmanager
def suspended(platform: Platform, *parts: str) -> Iterator[None]:
    """Freeze parts of the platform, with every process that they have."""
    frozen: list[psutil.Process] = []
    try:
        for part in parts:
            process = psutil.Process(platform.pid(part))
            frozen += [process, *process.children(recursive=True)]
        for process in frozen:
            process.suspend()
        yield
    finally:
        for process in frozen:
            process.resume()


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
