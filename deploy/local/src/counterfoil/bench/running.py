"""`counterfoil bench path`, from the scene to the figures."""

from typing import NamedTuple

from counterfoil.bench import pgbench
from counterfoil.bench.latency import latency, naive_latency
from counterfoil.bench.path import Say, naive_throughput, throughput
from counterfoil.bench.results import Baseline, Result, at_most, more
from counterfoil.bench.stage import Scene, clear, many_codes, one_hot_code
from counterfoil.platform import Platform

CAMPAIGNS = 100
CODES = 50_000
NAIVE = "naive consumer"
P50_MILLISECONDS, P99_MILLISECONDS = 20.0, 60.0


class Goals(NamedTuple):
    """How many times the baselines we want, and among how many rows pgbench chooses."""

    times_naive: float
    times_pgbench: float
    rows: int


HOT_CODE = Goals(36.0, 8.0, 1)
MANY_CODES = Goals(28.0, 1.7, CAMPAIGNS)


async def bench_path(platform: Platform, count: int, say: Say) -> list[Result]:
    """Drive `count` requests of each load through live Kafka to ClickHouse, then measure waits."""
    results = []
    for stage, goals in ((one_hot_code, HOT_CODE), (_many, MANY_CODES)):
        say("setting the scene", 0, 1)
        scene = await stage(platform)
        try:
            results += await _measure(platform, scene, goals, count, say)
        finally:
            await clear(platform, scene)
    return results


async def _many(platform: Platform) -> Scene:
    return await many_codes(platform, CAMPAIGNS, CODES)


async def _measure(
    platform: Platform, scene: Scene, goals: Goals, count: int, say: Say
) -> list[Result]:
    rates = await throughput(platform, scene, count, say)
    naive = await naive_throughput(platform, scene, say)
    say("pgbench", 0, 1)
    bare = await pgbench.transactions(platform.migrations["redemption"], rows=goals.rows)
    waits = await latency(platform, scene, rates.decided / 10, say)
    naive_waits = await naive_latency(platform, scene, naive / 10, say)
    name = f"path.{scene.load.name}"
    rate = Baseline(naive, f"{NAIVE}, decided/s")
    which = "one hot row" if goals.rows == 1 else f"{goals.rows} random rows"
    committed = Baseline(bare, f"{pgbench.NAME}, {which}")
    tenth = f"{NAIVE} at a tenth of its rate"
    p50, p99 = Baseline(naive_waits.p50, tenth), Baseline(naive_waits.p99, tenth)
    decided, rows, answered = "decided/s", "in ClickHouse/s", "ms to answer"
    stored = rates.in_clickhouse
    return [
        more(f"{name}.decided", rates.decided, decided, rate),
        more(f"{name}.rows", stored, rows, rate, goal=goals.times_naive),
        more(f"{name}.rows_pgbench", stored, rows, committed, goal=goals.times_pgbench),
        at_most(f"{name}.p50", waits.p50, answered, p50, largest=P50_MILLISECONDS),
        at_most(f"{name}.p99", waits.p99, answered, p99, largest=P99_MILLISECONDS),
    ]
