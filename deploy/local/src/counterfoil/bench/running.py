"""`counterfoil bench path`, from the scene to the figures."""

from counterfoil.bench.latency import latency, naive_latency
from counterfoil.bench.path import Say, naive_throughput, throughput
from counterfoil.bench.results import Result
from counterfoil.bench.stage import Addresses, Scene, clear, many_codes, one_hot_code

CAMPAIGNS = 100
CODES = 50_000
GOAL = 20.0
NAIVE = "naive consumer"


async def bench_path(addresses: Addresses, count: int, say: Say) -> list[Result]:
    """Drive `count` requests of each load through live Kafka to ClickHouse, then measure waits."""
    results = []
    for stage in (one_hot_code, _many):
        say("setting the scene", 0, 1)
        scene = await stage(addresses)
        try:
            results += await _measure(addresses, scene, count, say)
        finally:
            await clear(addresses, scene)
    return results


async def _many(addresses: Addresses) -> Scene:
    return await many_codes(addresses, CAMPAIGNS, CODES)


async def _measure(addresses: Addresses, scene: Scene, count: int, say: Say) -> list[Result]:
    rates = await throughput(addresses, scene, count, say)
    base = await naive_throughput(addresses, scene, say)
    waits = await latency(addresses, scene, rates.decided / 10, say)
    base_waits = await naive_latency(addresses, scene, base / 10, say)
    name, title = scene.load.name, scene.load.title
    return [
        _faster(f"path.{name}.decided", f"decided/s, {title}", rates.decided, base),
        _faster(f"path.{name}.rows", f"in ClickHouse/s, {title}", rates.in_clickhouse, base),
        _shorter(f"path.{name}.p50", waits.p50, base_waits.p50),
        _shorter(f"path.{name}.p99", waits.p99, base_waits.p99),
    ]


def _faster(name: str, unit: str, value: float, base: float) -> Result:
    return Result(name, value, unit, base, f"{NAIVE}, decided/s", value / base, GOAL)


def _shorter(name: str, value: float, base: float) -> Result:
    named = f"{NAIVE}, at a tenth of its own rate"
    return Result(name, value, "ms from append to answer", base, named, base / value, None)
