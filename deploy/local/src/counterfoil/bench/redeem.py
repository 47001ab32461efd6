"""`counterfoil bench redeem`: the engine with the terms of a typical campaign in force.

Those are dates, three limits, a rule for the order and one for the customer, and five order lines.
Held against pgbench, against the same path without all that, and against the route that one writes
first.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import asyncpg

from counterfoil.bench import pgbench
from counterfoil.bench.latency import latency
from counterfoil.bench.load import append, requests
from counterfoil.bench.over_http import (
    ALONE,
    MANY,
    NAIVE,
    NOTHING,
    ROUNDS,
    TIMES_SOONER,
    TIMES_THE_RATE,
    Asked,
    ask,
    bare_commits,
    naive_server,
)
from counterfoil.bench.path import Rates, Say, producing, throughput
from counterfoil.bench.results import Baseline, Result, at_most, less, more
from counterfoil.bench.running import CAMPAIGNS, CODES
from counterfoil.bench.stage import Scene, clear, many_codes, one_hot_code
from counterfoil.bench.switching import PHASES, QUIET, Stage, drained, figures, measured
from counterfoil.platform import Platform

LINES = 5
HOT_TIMES_PGBENCH, MANY_TIMES_PGBENCH = 8.0, 1.3
WITH_RULES = 0.8  # of the rate without
BOTH_WAYS = 0.8  # of the rate by Kafka alone
TIMES_REDEMPTION = 2.0
P50_MILLISECONDS, P99_MILLISECONDS = 25.0, 100.0
OVER_HTTP = 5  # of so many requests of a load one is asked by HTTP
SWITCHES = 200  # of a hundred the 99th percentile would be the longest

SetUp = Callable[..., Awaitable[Scene]]


async def bench_redeem(platform: Platform, count: int, say: Say) -> list[Result]:
    """Measure `count` redemptions a load, and a fifth of that by HTTP."""
    hot = one_hot_code
    many: SetUp = partial(many_codes, campaigns=CAMPAIGNS, codes=CODES)
    async with on_stage(platform, hot, LINES, say) as scene:
        typical = await throughput(platform, scene, count, say)
        results = await _against_pgbench(platform, scene, typical, say)
        results += await _waits(platform, scene, typical, say)
        results += await _over_http(platform, scene, count // OVER_HTTP, say)
        results.append(await _both_ways(platform, scene, typical, count, say))
        results.append(await _switched_off(platform, scene, say))
    results.append(await _against_plain(platform, hot, typical, count, say))
    async with on_stage(platform, many, LINES, say) as scene:
        typical = await throughput(platform, scene, count, say)
        results += await _against_pgbench(platform, scene, typical, say)
    results.append(await _against_plain(platform, many, typical, count, say))
    return results


@asynccontextmanager
async def on_stage(platform: Platform, set_up: SetUp, lines: int, say: Say) -> AsyncIterator[Scene]:
    """Set a scene, and clear it at the end of the block."""
    say("setting the scene", 0, 1)
    scene = await set_up(platform, lines=lines)
    try:
        yield scene
    finally:
        await clear(platform, scene)


async def _against_pgbench(
    platform: Platform, scene: Scene, typical: Rates, say: Say
) -> list[Result]:
    one = len(scene.load.codes) == 1
    rows, goal = (1, HOT_TIMES_PGBENCH) if one else (CAMPAIGNS, MANY_TIMES_PGBENCH)
    say("pgbench", 0, 1)
    bare = await pgbench.transactions(platform.migrations["redemption"], rows=rows)
    than = Baseline(bare, f"{pgbench.NAME}, {'one hot row' if one else f'{rows} random rows'}")
    return [more(f"redeem.{scene.load.name}", typical.on_kafka, "outcomes/s", than, goal=goal)]


async def _against_plain(
    platform: Platform, set_up: SetUp, typical: Rates, count: int, say: Say
) -> Result:
    async with on_stage(platform, set_up, 1, say) as scene:
        plain = await throughput(platform, scene, count, say)
    than = Baseline(plain.on_kafka, "without rules")
    name = f"redeem.{scene.load.name}.rules"
    return more(name, typical.on_kafka, "outcomes/s", than, goal=WITH_RULES)


async def _waits(platform: Platform, scene: Scene, typical: Rates, say: Say) -> list[Result]:
    """Measure from the append to the outcome at half the top rate."""
    waits = await latency(platform, scene, typical.on_kafka / 2, say)
    than, unit = Baseline(1000 / typical.on_kafka, "a turn at the top rate"), "ms to the outcome"
    return [
        at_most("redeem.half.p50", waits.p50, unit, than, largest=P50_MILLISECONDS),
        at_most("redeem.half.p99", waits.p99, unit, than, largest=P99_MILLISECONDS),
    ]


async def _over_http(platform: Platform, scene: Scene, count: int, say: Say) -> list[Result]:
    """Ask for redemptions and validations over HTTP, in turn with the baselines."""
    api, load = platform.services["redemption"], scene.load
    commits: list[float] = []
    async with naive_server(platform) as naive:
        ours = Asked(api, "/v1/redemptions", scene.keys, MANY, 1.0, load)
        looks = Asked(api, "/v1/validations", scene.keys, MANY, 1.0, load)
        theirs = Asked(naive, "/v1/redemptions", {}, MANY, 0.5, load)
        alone = Asked(api, "/v1/redemptions", scene.keys, 1, 0.1, load)
        nothing = Asked(naive, "/nothing", {}, 1, 0.1, load)
        for number in range(ROUNDS):
            say("asking in turn", number, ROUNDS)
            for asked in (ours, looks, theirs, alone, nothing):
                await ask(asked, int(count * asked.share / ROUNDS), warm_up=number == 0)
            commits += await bare_commits(platform.migrations["redemption"])
    bare = nothing.pace.p50 + sorted(commits)[len(commits) // 2] * 1000
    us, rate, wait = ours.pace, "answered/s", "ms to answer"
    than, sooner = Baseline(theirs.pace.per_second, NAIVE), Baseline(theirs.pace.p99, NAIVE)
    look = Baseline(us.per_second, "redemptions")
    return [
        more("redeem.http.64.rate", us.per_second, rate, than, goal=TIMES_THE_RATE),
        less("redeem.http.64.p99", us.p99, wait, sooner, goal=TIMES_SOONER),
        less("redeem.http.1.p50", alone.pace.p50, wait, Baseline(bare, NOTHING), goal=ALONE),
        more("redeem.validations", looks.pace.per_second, rate, look, goal=TIMES_REDEMPTION),
    ]


async def _both_ways(
    platform: Platform, scene: Scene, typical: Rates, count: int, say: Say
) -> Result:
    """Redeem by Kafka and by HTTP at once; count what both get done until Kafka's are decided."""
    asked = Asked(
        platform.services["redemption"], "/v1/redemptions", scene.keys, MANY, 1.0, scene.load
    )
    over = asyncio.Event()

    async def by_http() -> None:
        while not over.is_set():
            await ask(asked, 1_000, warm_up=False)

    asking = asyncio.create_task(by_http())
    books = await asyncpg.connect(platform.views["redemption"])
    try:
        before, began = await _used(books, scene), time.perf_counter()
        async with producing(scene.vendor) as producer:
            wanted = requests(scene.project_id, "both", scene.load, count)
            await append(producer, scene.topic, wanted)
        await drained(platform, scene.topic, say)
        after, ended = await _used(books, scene), time.perf_counter()
    finally:
        over.set()
        await asking
        await books.close()
    than = Baseline(typical.decided, "Kafka alone")
    rate = (after - before) / (ended - began)
    return more("redeem.both_ways", rate, "decided/s", than, goal=BOTH_WAYS)


async def _used(books: asyncpg.Connection, scene: Scene) -> int:
    sql = "SELECT sum(used)::bigint FROM campaign_uses WHERE project_id = $1"
    used: int = await books.fetchval(sql, scene.project_id)
    return used


async def _switched_off(platform: Platform, scene: Scene, say: Say) -> Result:
    """Throw the campaign's switch while redemption is kept busy with it."""
    stage = Stage(platform, scene, scene)
    quiet = await measured(stage, QUIET, SWITCHES, say)
    [load] = [phase for phase in PHASES if phase.name == "load"]
    _, p99 = figures(load, await measured(stage, load, SWITCHES, say), quiet)
    return replace(p99, name="redeem.switch.p99")
