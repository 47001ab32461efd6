"""Services are told to stop, kind after kind, while checkouts go on asking."""

import asyncio
import os
import signal
import time
from functools import partial

import pytest
from kit.histories import History, steady_load
from kit.patience import until
from kit.shops import Shop
from kit.watching import (
    RECOVERED_SECONDS,
    assert_nothing_lost,
    assert_reconciled,
    nothing_waits,
    readiness,
)

from counterfoil.platform import Platform

STOP_SECONDS = 20.0  # of a busy machine
API = ("campaigns", "redemption", "analytics", "console")
WORKERS = (
    *("campaigns-worker", "campaigns-applied", "redemption-worker", "redemption-definitions"),
    "analytics-worker",
)
RELAYS = ("campaigns-relay", "redemption-relay")

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]


async def test_a_rolling_restart_loses_and_doubles_nothing(platform: Platform, shop: Shop) -> None:
    code = await shop.code(await shop.campaign())
    took: dict[str, float] = {}
    exits: dict[str, str] = {}

    async with steady_load(shop, [code]) as clients:
        await until(partial(answered, clients.history, 20), what="a load")
        for role in (API, WORKERS, RELAYS):
            stopped = await asyncio.gather(*(restarted(platform, service) for service in role))
            for service, (seconds, how) in zip(role, stopped, strict=True):
                took[service], exits[service] = seconds, how
            count = clients.history.heard()
            await until(partial(answered, clients.history, count + 20), what=f"a load after {role}")

    assert exits == dict.fromkeys(platform.services, "status 0")
    assert {name: seconds for name, seconds in took.items() if seconds > STOP_SECONDS} == {}
    await until(
        lambda: nothing_waits(platform), RECOVERED_SECONDS, every=0.5, what="nothing waits any more"
    )
    await clients.settle()
    await assert_nothing_lost(shop, clients.history)
    await assert_reconciled(shop)


async def answered(history: History, number: int) -> bool:
    return history.heard() >= number


async def restarted(platform: Platform, service: str) -> tuple[float, str]:
    """Ask a service to stop; return how long it took and how it ended, once the next is ready."""
    before = platform.folder.state()["parts"][service]
    asked = time.monotonic()
    os.kill(before["pid"], signal.SIGTERM)

    async def ended() -> bool:
        return bool(platform.folder.state()["parts"][service]["pid"] != before["pid"])

    await until(ended, every=0.02, what=f"{service} stopped")
    took = time.monotonic() - asked

    async def ready() -> bool:
        return bool((await readiness(platform, service))["ready"])

    await until(ready, what=f"{service} is ready again")
    return took, platform.folder.state()["parts"][service]["last_exit"]
