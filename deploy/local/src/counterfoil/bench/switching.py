"""`counterfoil bench switch`: how soon a disabled campaign redeems no more, whatever else goes on.

A switch is thrown through the gateway, again and again; each wait ends with the answer that nothing
of the campaign is accepted any more. First nothing else goes on, which is the baseline; then
redemption is kept busy with this very campaign; then strangers and a vendor do their worst.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from counterfoil.bench import crowd
from counterfoil.bench.path import Say
from counterfoil.bench.results import Baseline, Result, at_most, less
from counterfoil.bench.stage import HOT, PARTITIONS, Scene, clear, one_hot_code
from counterfoil.errors import PlatformError
from counterfoil.platform import Platform
from counterfoil.processes import Child, Program, start

WARM_UP = 5
BREATH_SECONDS = 0.02
START_SECONDS = 120
DRAIN_SECONDS = 120
UNIT = "ms to the answer"
NOTHING = "nothing else goes on"


class Phase(NamedTuple):
    """What goes on, its share of the switches, and the largest p99 that will do."""

    name: str
    crowds: Sequence[str]
    share: float
    largest: float | None = None


QUIET = Phase("quiet", (), 0.5)
PHASES = (
    Phase("load", ("load",), 1.0, 250.0),
    Phase("bodies", ("bodies",), 0.25),
    Phase("pages", ("pages",), 0.25),
    Phase("records", ("records",), 0.25),
    # Who has to pack bombs first begins first.
    Phase("attacked", ("records", "load", "bodies", "pages"), 1.0, 1000.0),
)


class Stage(NamedTuple):
    """Whose switch it is, and the project of the vendor who sends nonsense."""

    platform: Platform
    shop: Scene
    nuisance: Scene


async def bench_switch(platform: Platform, count: int, say: Say) -> list[Result]:
    """Throw the switch of a campaign `count` times in the phases that matter, fewer in others."""
    async with AsyncExitStack() as stack:
        scenes = []
        for _ in range(2):
            scene = await one_hot_code(platform)
            stack.push_async_callback(clear, platform, scene)
            scenes.append(scene)
        stage = Stage(platform, *scenes)
        quiet = await measured(stage, QUIET, count, say)
        results = [
            less(f"switch.{QUIET.name}.p50", p50(quiet), UNIT, Baseline(p50(quiet), NOTHING))
        ]
        results.append(
            less(f"switch.{QUIET.name}.p99", p99(quiet), UNIT, Baseline(p99(quiet), NOTHING))
        )
        for phase in PHASES:
            results += figures(phase, await measured(stage, phase, count, say), quiet)
    return results


def figures(phase: Phase, waits: list[float], quiet: list[float]) -> list[Result]:
    median = less(f"switch.{phase.name}.p50", p50(waits), UNIT, Baseline(p50(quiet), NOTHING))
    name, value, than = f"switch.{phase.name}.p99", p99(waits), Baseline(p99(quiet), NOTHING)
    if phase.largest is None:
        return [median, less(name, value, UNIT, than)]
    return [median, at_most(name, value, UNIT, than, largest=phase.largest)]


def p50(waits: list[float]) -> float:
    return sorted(waits)[len(waits) // 2]


def p99(waits: list[float]) -> float:
    return sorted(waits)[len(waits) * 99 // 100]


async def measured(stage: Stage, phase: Phase, count: int, say: Say) -> list[float]:
    """Return the milliseconds of each switch of a phase."""
    number = max(int(count * phase.share), 1)
    async with AsyncExitStack() as stack:
        for kind in phase.crowds:
            say(f"{phase.name}: {kind} begins", 0, number)
            await stack.enter_async_context(gathered(stage, kind))
        client = httpx.AsyncClient(
            base_url=stage.platform.gateway, headers=stage.shop.keys, timeout=60, trust_env=False
        )
        await stack.enter_async_context(client)
        campaign = f"/v1/campaigns/{stage.shop.campaigns[0][1]}"
        waits = []
        for done in range(WARM_UP + number):
            say(phase.name, done - WARM_UP, number)
            waits.append(await until_done(client, f"{campaign}/disable"))
            await until_done(client, f"{campaign}/enable")
            await asyncio.sleep(BREATH_SECONDS)
    for scene in (stage.shop, stage.nuisance):
        await drained(stage.platform, scene.topic, say)
    return waits[WARM_UP:]


async def until_done(client: httpx.AsyncClient, path: str) -> float:
    """Ask until it is done, as an operator would; return the milliseconds."""
    began = time.perf_counter()
    while True:
        answer = await client.post(path)
        if answer.is_success:
            return (time.perf_counter() - began) * 1000
        if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
            raise PlatformError(f"{path} was answered {answer.status_code}: {answer.text}")


@asynccontextmanager
async def gathered(stage: Stage, kind: str) -> AsyncIterator[None]:
    """Have a crowd at work during the block; one that achieved nothing was no crowd."""
    platform, scene = stage.platform, stage.nuisance if kind == "records" else stage.shop
    told = crowd.Told(
        gateway=platform.gateway,
        project_id=scene.project_id,
        topic=scene.topic,
        code=HOT,
        lines=scene.load.lines,
        vendor=scene.vendor,
        operator=platform.kafka,
    )
    log = platform.folder.logs / f"bench-{kind}.log"
    log.unlink(missing_ok=True)
    child = start(
        Program(
            name=f"bench-{kind}",
            arguments=(sys.executable, "-m", crowd.__name__, kind),
            log=log,
            environment={crowd.TOLD: told.as_json()},
        )
    )
    try:
        await at_work(child)
        yield
        if child.exit_code is not None:
            raise PlatformError(f"the benchmark's {kind} ended early: {child.program.tail()}")
    finally:
        await child.stop()


async def at_work(child: Child) -> None:
    gives_up = time.monotonic() + START_SECONDS
    while child.program.tail(1) != crowd.AT_WORK:
        if child.exit_code is not None or time.monotonic() > gives_up:
            raise PlatformError(f"{child.program.name} did not begin: {child.program.tail()}")
        await asyncio.sleep(0.05)


async def drained(platform: Platform, topic: str, say: Say) -> None:
    """Wait until redemption has done with a topic: no phase works off another's heap."""
    partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    admin = AIOKafkaAdminClient(**platform.kafka.options())
    consumer = AIOKafkaConsumer(**platform.kafka.options())
    await admin.start()
    try:
        async with consumer, asyncio.timeout(DRAIN_SECONDS):
            end = sum((await consumer.end_offsets(partitions)).values())
            while (done := await crowd.decided(admin, topic)) < end:
                say("working off what is left", done, end)
                await asyncio.sleep(0.2)
    finally:
        await admin.close()
