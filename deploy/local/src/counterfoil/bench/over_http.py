"""`counterfoil bench http`: one hot code over HTTP, beside the route that one writes first.

Our api is asked directly, as the baseline is; what the gateway adds is a figure of its own.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
import httpx
import orjson

from counterfoil.bench import naive_http
from counterfoil.bench.hammer import Pace, encoded, hammer
from counterfoil.bench.load import SHOPPERS
from counterfoil.bench.path import Say
from counterfoil.bench.results import Baseline, Result, less, more
from counterfoil.bench.stage import HOT, clear, one_hot_code
from counterfoil.errors import PlatformError
from counterfoil.platform import Platform
from counterfoil.ports import HOST, Ports

MANY = 64
NAIVE = f"FastAPI, a transaction per request, pool of {naive_http.POOL}"
TIMES_THE_RATE = 2.5
TIMES_SOONER = 2.0
ALONE = 0.5  # at most twice the baseline: half as good
START_SECONDS = 30
COMMITS = 1_000


async def bench_http(platform: Platform, count: int, say: Say) -> list[Result]:
    """Send `count` redemptions over 64 connections, and a tenth over one, to each of the two."""
    scene = await one_hot_code(platform)
    api, gateway = platform.services["redemption"], platform.gateway
    try:
        say("the api, 64 connections", 0, 1)
        ours = await _paced(api, "/v1/redemptions", scene.keys, MANY, count)
        say("the gateway, 64 connections", 0, 1)
        through = await _paced(gateway, "/v1/redemptions", scene.keys, MANY, count // 4)
        say("the api, one connection", 0, 1)
        alone = await _paced(api, "/v1/redemptions", scene.keys, 1, count // 10)
    finally:
        await clear(platform, scene)
    async with _naive(platform) as url:
        say("the baseline, 64 connections", 0, 1)
        theirs = await _paced(url, "/v1/redemptions", {}, MANY, count // 2)
        say("a route that does nothing", 0, 1)
        nothing = await _paced(url, "/nothing", {}, 1, count // 10)
        commit = await _commit(platform.migrations["redemption"])
    rate, answered = "answered/s", "ms to answer"
    nothing_at_all = "a FastAPI route that does nothing, plus a bare commit"
    bare = Baseline(nothing.p50 + commit, nothing_at_all)
    naive = Baseline(theirs.per_second, NAIVE)
    direct = Baseline(ours.per_second, "the api itself")
    return [
        more("http.64.rate", ours.per_second, rate, naive, goal=TIMES_THE_RATE),
        less("http.64.p99", ours.p99, answered, Baseline(theirs.p99, NAIVE), goal=TIMES_SOONER),
        less("http.64.p50", ours.p50, answered, Baseline(theirs.p50, NAIVE)),
        less("http.1.p50", alone.p50, answered, bare, goal=ALONE),
        more("http.64.gateway", through.per_second, rate, direct),
    ]


async def _paced(
    url: str, path: str, headers: Mapping[str, str], connections: int, count: int
) -> Pace:
    """Warm up, then measure; every request is another, by another of many shoppers."""
    run = f"{time.time_ns():x}"
    wanted = [
        encoded(url, path, {**headers, "Idempotency-Key": f"{run}-{number}"}, _body(run, number))
        for number in range(count + count // 10)
    ]
    await hammer(url, wanted[count:], connections)
    return await hammer(url, wanted[:count], connections)


def _body(run: str, number: int) -> bytes:
    return orjson.dumps(
        {
            "redeemables": [{"object": "voucher", "id": HOT}],
            "customer": {"source_id": f"shopper-{number % SHOPPERS}"},
            "order": {"source_id": f"order-{run}-{number}", "amount": 2_000 + number % 5_000},
        }
    )


@asynccontextmanager
async def _naive(platform: Platform) -> AsyncIterator[str]:
    """Serve the baseline on the same Postgres."""
    owner = platform.migrations["redemption"]
    conn = await asyncpg.connect(owner)
    try:
        await conn.execute(naive_http.SCHEMA)
        await conn.execute("INSERT INTO naive_http.codes VALUES ($1, 'campaign')", HOT)
        with Ports() as ports:
            port = ports.choose()
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", naive_http.__name__, str(port)),
                env=os.environ | {naive_http.DSN: owner},
                stderr=subprocess.DEVNULL,
            )
            try:
                yield await _until_it_listens(f"http://{HOST}:{port}")
            finally:
                process.terminate()
                await process.wait()
    finally:
        await conn.execute("DROP SCHEMA IF EXISTS naive_http CASCADE")
        await conn.close()


async def _until_it_listens(url: str) -> str:
    gives_up = time.monotonic() + START_SECONDS
    async with httpx.AsyncClient(trust_env=False) as client:
        while time.monotonic() < gives_up:
            try:
                await client.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return url
    raise PlatformError("the benchmark's baseline did not start")


async def _commit(dsn: str) -> float:
    """Return the median milliseconds of a transaction that writes one small row."""
    conn = await asyncpg.connect(dsn)
    try:
        waits = []
        for number in range(COMMITS):
            began = time.perf_counter()
            await conn.execute("INSERT INTO naive_http.commits VALUES ($1)", number)
            waits.append(time.perf_counter() - began)
    finally:
        await conn.close()
    return sorted(waits)[COMMITS // 2] * 1000
