"""How long a platform under load takes to be well again after `kill -9` of a part.

`.venv/bin/python tests/bench/recovery.py [PART …]` from the root of the repository; without names
every part in its turn. Well is what `counterfoil status` calls healthy, of all parts; beside it,
when a report showed a request that was appended right after the kill: it goes through Kafka,
redemption, its relay, Kafka, analytics and the gateway.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aiokafka import AIOKafkaProducer
from kit import platforms
from kit.histories import steady_load
from kit.patience import until
from kit.shops import Shop, ask, new_shop, requested

from counterfoil.platform import Platform
from counterfoil.status import status

LOOK_SECONDS = 0.1
GIVES_UP_SECONDS = 120.0
BETWEEN_SECONDS = 4.0


async def ill(platform: Platform) -> set[str]:
    """Name the parts that are not well now."""
    found = await status(platform.folder)
    parts = found["services"] | found["engines"]
    return {name for name, part in parts.items() if not part["healthy"]}


async def recovery(platform: Platform, part: str) -> dict[str, float]:
    """Kill a part; return when each that missed it was well again, in seconds."""
    pid = platform.pid(part)
    assert pid is not None, f"{part} does not run"
    os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    well: dict[str, float] = {}
    missed: set[str] = set()
    while (now := time.monotonic() - killed) < GIVES_UP_SECONDS:
        bad = await ill(platform)
        missed |= bad
        well = {name: well.get(name, now) for name in missed - bad}
        if missed and not bad:
            return well
        await asyncio.sleep(LOOK_SECONDS)
    raise TimeoutError(
        f"{sorted(missed - well.keys())} not well {GIVES_UP_SECONDS:g} s after {part}"
    )


class Requests:
    """What is asked by Kafka of one campaign, and whether its report shows all of it."""

    def __init__(self, shop: Shop, producer: AIOKafkaProducer, campaign: str, code: str) -> None:
        self._shop, self._producer = shop, producer
        self._campaign, self._code = campaign, code
        self._asked = 0

    async def report(self) -> float:
        """Ask once more; return when it was in the report, in seconds."""
        began = time.monotonic()
        self._asked += 1
        await ask(self._producer, requested(self._shop.project_id, self._code))
        await until(self._all_shown, GIVES_UP_SECONDS, every=LOOK_SECONDS, what="a report of it")
        return time.monotonic() - began

    async def _all_shown(self) -> bool:
        answer = await self._shop.call("GET", "/v1/reports/campaigns")
        lines = answer.json()["data"] if answer.is_success else []
        shown = {line["campaign_id"]: line["redemptions"] for line in lines}
        return shown.get(self._campaign) == self._asked


async def measure(platform: Platform, wanted: list[str]) -> None:
    parts = wanted or list(platform.folder.state()["parts"])
    checkout = platform.principals["checkout"].options()
    async with (
        new_shop(platform) as shop,
        AIOKafkaProducer(**checkout, enable_idempotence=True) as producer,
    ):
        campaign = await shop.campaign()
        requests = Requests(shop, producer, campaign["id"], await shop.code(campaign))
        async with steady_load(shop, [await shop.code(await shop.campaign())]):
            for part in parts:
                await asyncio.sleep(BETWEEN_SECONDS)
                took, reported = await asyncio.gather(recovery(platform, part), requests.report())
                last = max(took, key=lambda name: took[name])
                print(  # noqa: T201
                    f"{part:24} {took[last]:5.1f} s, the last {last}; a request {reported:.1f} s",
                    flush=True,
                )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, platforms.running(Path(folder)) as up:
        asyncio.run(measure(up, sys.argv[1:]))
