"""`counterfoil bench path`, from the scene to the figures."""

from counterfoil.bench.latency import latency, naive_latency
from counterfoil.bench.path import Say, naive_throughput, throughput
from counterfoil.bench.results import Result
from counterfoil.bench.stage import Scene, clear, many_codes, one_hot_code
from counterfoil.platform import Platform

CAMPAIGNS = 100
CODES = 50_000
GOAL = 20.0
NAIVE = "naive consumer"


async def bench_path(platform: Platform, count: int, say: Say) -> list[Result]:
    """Drive `count` requests of each load through live Kafka to ClickHouse, then measure waits."""
    results = []
    for stage in (one_hot_code, _many):
        say("setting the scene", 0, 1)
        scene = await stage(platform)
        try:
            results += await _measure(platform, scene, count, say)
        finally:
            await clear(platform, scene)
    return results


async def _many(platform: Platform) -> Scene:
    return await many_codes(platform, CAMPAIGNS, CODES)


async def _measure(platform: Platform, scene: Scene, count: int, say: Say) -> list[Result]:
    rates = await throughput(platform, scene, count, say)
    base = await naive_throughput(platform, scene, say)
    waits = await latency(platform, scene, rates.decided / 10, say)
    base_waits = await naive_latency(platform, scene, base / 10, say)
    name = scene.load.name
    return [
        _faster(f"path.{name}.decided", "decided/s", rates.decided, base),
        _faster(f"path.{name}.rows", "in ClickHouse/s", rates.in_clickhouse, base),
        _shorter(f"path.{name}.p50", waits.p50, base_waits.p50),
        _shorter(f"path.{name}.p99", waits.p99, base_waits.p99),
    ]


def _faster(name: str, unit: str, value: float, base: float) -> Result:
    return Result(name, value, unit, base, f"{NAIVE}, decided/s", value / base, GOAL)


def _shorter(name: str, value: float, base: float) -> Result:
    named = f"{NAIVE} at a tenth of its rate"
    return Result(name, value, "ms to answer", base, named, base / value, None)
