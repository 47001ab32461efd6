"""How long a platform under load takes to be well again after `kill -9` of a part.

`.venv/bin/python tests/bench/recovery.py [PART …]` from the root of the repository; without names
every part in its turn. Well is what `counterfoil status` calls healthy, of all parts.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kit import platforms
from kit.histories import steady_load
from kit.shops import new_shop

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


async def measure(platform: Platform, wanted: list[str]) -> None:
    parts = wanted or list(platform.folder.state()["parts"])
    async with new_shop(platform) as shop:
        code = await shop.code(await shop.campaign())
        async with steady_load(shop, [code]):
            for part in parts:
                await asyncio.sleep(BETWEEN_SECONDS)
                took = await recovery(platform, part)
                last = max(took, key=lambda name: took[name])
                print(f"{part:24} {took[last]:5.1f} s, the last {last}", flush=True)  # noqa: T201


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, platforms.running(Path(folder)) as up:
        asyncio.run(measure(up, sys.argv[1:]))
