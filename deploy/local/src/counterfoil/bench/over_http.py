"""`counterfoil bench http`: one hot code over HTTP, beside the route that one writes first.

Our api is asked directly, as the baseline is; what the gateway adds is a figure of its own. All are
asked in turn, round by round, so that whatever else the machine does falls upon all of them.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import orjson

from counterfoil.bench import naive_http
from counterfoil.bench.hammer import Pace, Round, encoded, hammer, pace
from counterfoil.bench.load import Load, customer, shares
from counterfoil.bench.path import Say
from counterfoil.bench.results import Baseline, Result, less, more
from counterfoil.bench.stage import HOT, clear, one_hot_code
from counterfoil.errors import PlatformError
from counterfoil.platform import Platform
from counterfoil.ports import HOST, Ports

MANY = 64
ROUNDS = 5
NAIVE = f"FastAPI, a transaction per request, pool of {naive_http.POOL}"
NOTHING = "a FastAPI route that does nothing, plus a bare commit"
TIMES_THE_RATE = 2.5
TIMES_SOONER = 2.0
ALONE = 0.5  # at most twice the baseline: half as good
START_SECONDS = 30
COMMITS = 200


@dataclass(slots=True)
class Asked:
    """Whom the benchmark asks, over how many connections, and its share of the requests."""

    url: str
    path: str
    keys: Mapping[str, str]
    connections: int
    share: float
    load: Load
    rounds: list[Round] = field(default_factory=list)

    @property
    def pace(self) -> Pace:
        return pace(self.rounds)


async def bench_http(platform: Platform, count: int, say: Say) -> list[Result]:
    """Send `count` redemptions over 64 connections, and a tenth over one, beside the baselines."""
    scene = await one_hot_code(platform)
    api, redeem = platform.services["redemption"], "/v1/redemptions"
    commits: list[float] = []
    try:
        async with naive_server(platform) as naive:
            ours = Asked(api, redeem, scene.keys, MANY, 1.0, scene.load)
            theirs = Asked(naive, redeem, {}, MANY, 0.5, scene.load)
            alone = Asked(api, redeem, scene.keys, 1, 0.1, scene.load)
            nothing = Asked(naive, "/nothing", {}, 1, 0.1, scene.load)
            through = Asked(platform.gateway, redeem, scene.keys, MANY, 0.25, scene.load)
            for number in range(ROUNDS):
                say("asking in turn", number, ROUNDS)
                for asked in (ours, theirs, alone, nothing, through):
                    await ask(asked, int(count * asked.share / ROUNDS), warm_up=number == 0)
                commits += await bare_commits(platform.migrations["redemption"])
    finally:
        await clear(platform, scene)
    bare = nothing.pace.p50 + sorted(commits)[len(commits) // 2] * 1000
    return _results(ours.pace, theirs.pace, alone.pace, bare, through.pace)


def _results(ours: Pace, theirs: Pace, alone: Pace, bare: float, through: Pace) -> list[Result]:
    rate, answered = "answered/s", "ms to answer"
    base_rate = Baseline(theirs.per_second, NAIVE)
    p50, p99 = Baseline(theirs.p50, NAIVE), Baseline(theirs.p99, NAIVE)
    direct = Baseline(ours.per_second, "the api itself")
    return [
        more("http.64.rate", ours.per_second, rate, base_rate, goal=TIMES_THE_RATE),
        less("http.64.p50", ours.p50, answered, p50),
        less("http.64.p99", ours.p99, answered, p99, goal=TIMES_SOONER),
        less("http.1.p50", alone.p50, answered, Baseline(bare, NOTHING), goal=ALONE),
        more("http.64.gateway", through.per_second, rate, direct),
    ]


async def ask(asked: Asked, count: int, *, warm_up: bool) -> None:
    """Ask a round; every request is another, by another of many shoppers."""
    run = f"{time.time_ns():x}"
    wanted = [
        encoded(
            asked.url,
            asked.path,
            {**asked.keys, "Idempotency-Key": f"{run}-{number}"},
            _body(run, number, asked.load),
        )
        for number in range(2 * count if warm_up else count)
    ]
    await hammer(asked.url, wanted[count:], asked.connections)
    asked.rounds.append(await hammer(asked.url, wanted[:count], asked.connections))


def _body(run: str, number: int, load: Load) -> bytes:
    amount = 2_000 + number % 5_000
    order: dict[str, Any] = {"source_id": f"order-{run}-{number}", "amount": amount}
    if load.is_typical:
        order["items"] = [
            {"product_id": f"p-{n}", "amount": share}
            for n, share in enumerate(shares(amount, load), 1)
        ]
    return orjson.dumps(
        {
            "redeemables": [{"object": "voucher", "id": HOT}],
            "customer": customer(number, load),
            "order": order,
        }
    )


@asynccontextmanager
async def naive_server(platform: Platform) -> AsyncIterator[str]:
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


async def bare_commits(dsn: str) -> list[float]:
    """Return the seconds that each of some transactions took, which write one small row."""
    conn = await asyncpg.connect(dsn)
    try:
        waits = []
        for number in range(COMMITS):
            began = time.perf_counter()
            await conn.execute("INSERT INTO naive_http.commits VALUES ($1)", number)
            waits.append(time.perf_counter() - began)
    finally:
        await conn.close()
    return waits
