"""For minutes, at random moments, whatever decides, keeps or carries decisions is killed."""

import asyncio
import os
import random
import signal
import time
from functools import partial

import pytest
from kit.histories import Clients, steady_load
from kit.patience import until
from kit.shops import Shop
from kit.watching import (
    RECOVERED_SECONDS,
    all_ready,
    assert_nothing_lost,
    assert_reconciled,
    nothing_waits,
)

from counterfoil.platform import Platform
from counterfoil.supervisor import RESTARTS, WITHIN_SECONDS

SECONDS = 3600.0 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 180.0
BREATH_SECONDS = (0.5, 8.0)
LIMIT = 200
VICTIMS = (
    *("redemption", "redemption-worker", "redemption-relay", "redemption-definitions"),
    *("campaigns-worker", "analytics-worker", "postgres", "kafka"),
)

pytestmark = [
    pytest.mark.long,
    pytest.mark.fault,
    pytest.mark.timeout(SECONDS + 400),
]


async def test_minutes_of_kills_lose_and_double_nothing(platform: Platform, shop: Shop) -> None:
    seed = time.time_ns()
    chance = random.Random(seed)  # noqa: S311  # no secret
    print(f"seed {seed}")  # noqa: T201  # shown where the test fails
    codes = [
        await shop.code(await shop.campaign()),
        await shop.code(await shop.campaign(total_limit=LIMIT)),
        await shop.code(await shop.campaign(per_customer_limit=7)),
    ]
    killed: dict[str, list[float]] = {victim: [] for victim in VICTIMS}
    async with steady_load(shop, codes) as clients:
        over = time.monotonic() + SECONDS
        while time.monotonic() < over:
            await asyncio.sleep(chance.uniform(*BREATH_SECONDS))
            now = time.monotonic()
            victim = chance.choice([each for each in VICTIMS if comes_back(killed[each], now)])
            if kill(platform, victim):
                killed[victim].append(now)
        await until(partial(all_ready, platform), RECOVERED_SECONDS, what="everybody is ready")
        count = clients.history.heard()
        await until(partial(heard, clients, count + 20), what="a load afterwards")

    await until(
        partial(nothing_waits, platform), RECOVERED_SECONDS, every=0.5, what="nothing waits"
    )
    await clients.settle()
    await assert_nothing_lost(shop, clients.history)
    accepted = [line["redemptions"] for line in await shop.listed("/v1/reports/campaigns")]
    assert LIMIT in accepted
    await assert_reconciled(shop)
    assert all(killed.values()), killed
    times = {victim: len(deaths) for victim, deaths in killed.items()}
    print(f"{sum(times.values())} kills, {clients.history.heard()} answers by HTTP: {times}")  # noqa: T201


def comes_back(deaths: list[float], now: float) -> bool:
    """Tell whether a part is started again: after too many deaths in a minute it is not."""
    lately = now - WITHIN_SECONDS - 1  # who watches sees a death a little later
    return sum(at > lately for at in deaths) < RESTARTS


def kill(platform: Platform, part: str) -> bool:
    """Kill a part, unless it is dead already."""
    pid = platform.pid(part)
    if pid is None:
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


async def heard(clients: Clients, number: int) -> bool:
    return clients.history.heard() >= number
