"""`counterfoil bench browse`: every order and filter of ten million codes, beside the same by hand.

The api is asked over one connection. By hand means: the statement that one would write in psql,
over the same tables and indexes, by asyncpg; one that takes longer than it may is cut there.
"""

import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx

from counterfoil.bench import browse_stage, browse_stock
from counterfoil.bench.browse_cases import CAMPAIGNS, FILTERS, ORDERS, Case
from counterfoil.bench.path import Say
from counterfoil.bench.results import Baseline, Result, at_most, less
from counterfoil.errors import PlatformError

CODES = 10_000_000
ROWS = 50  # of a page: as many as the console shows
TIMES = 40  # each list is asked
BY_HAND = 3
HAND_SECONDS = 1
FIRST_PAGE_MILLISECONDS = 50.0
CODE_MILLISECONDS = 5.0
DEEP = 0.5  # page 1,000 takes at most twice as long as the first
DEEP_ORDERS = ("", "order=code", "order=-redemptions", "order=partner", "status=live")
DEEP_ROWS = 10
BEFORE_DEEP = 9_990

BASIS = """
    SELECT v.*, c.name, c.terms, c.starts_at, c.ends_at, p.name AS partner FROM vouchers AS v
    JOIN campaigns AS c ON c.project_id = v.project_id AND c.id = v.campaign_id
    JOIN partners AS p ON p.project_id = c.project_id AND p.id = c.partner_id
    LEFT JOIN campaign_uses AS u ON u.project_id = c.project_id AND u.campaign_id = c.id
    WHERE v.project_id = $1 AND {where} ORDER BY {order} LIMIT 50
"""

Samples = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom it asks: the api, and the database by hand, of one project."""

    client: httpx.AsyncClient
    hand: asyncpg.Connection
    project_id: str

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self.client.get(path)
        if not answer.is_success:
            raise PlatformError(f"{path} was answered {answer.status_code}: {answer.text}")
        content: dict[str, Any] = answer.json()
        return content

    async def by_hand(self, statement: str, *arguments: str) -> None:
        try:
            await self.hand.fetch(statement, self.project_id, *arguments)
        except asyncpg.QueryCanceledError:
            return


async def bench_browse(data: Path, codes: int, say: Say) -> list[Result]:
    """Fill the shelf, unless it is full, and measure."""
    async with browse_stage.shelf(data) as shelf:
        if not await browse_stage.is_filled(shelf.dsn, shelf.project_id, codes):
            await browse_stock.fill(shelf.dsn, shelf.project_id, codes, say)
        hand = await asyncpg.connect(
            shelf.dsn, server_settings={"statement_timeout": str(HAND_SECONDS * 1000)}
        )
        try:
            async with httpx.AsyncClient(
                base_url=shelf.url, headers=shelf.keys, timeout=30, trust_env=False
            ) as client:
                return await _measure(Asked(client, hand, shelf.project_id), say)
        finally:
            await hand.close()


async def _measure(asked: Asked, say: Say) -> list[Result]:
    chance = random.Random(4)  # noqa: S311 - which samples are asked
    samples = await _samples(asked)
    results = [await _one_code(asked, samples["code"])]
    cases = [*ORDERS, *FILTERS]
    for number, case in enumerate(cases):
        say(case.name, number, len(cases))
        results.append(await _first_page(asked, case, samples, chance))
    for number, (name, query) in enumerate(CAMPAIGNS):
        say(name, number, len(CAMPAIGNS))
        results.append(await _campaigns(asked, name, query))
    for number, query in enumerate(DEEP_ORDERS):
        say("page 1,000", number, len(DEEP_ORDERS))
        results += await _page_thousand(asked, query)
    return results


async def _one_code(asked: Asked, codes: list[str]) -> Result:
    left, more = iter(codes * TIMES), iter(codes * TIMES)
    ours = await _p95(TIMES * 5, lambda: asked.get(f"/v1/vouchers/{quote(next(left))}"))
    statement = "SELECT * FROM vouchers WHERE project_id = $1 AND code = $2"
    theirs = await _p95(TIMES, lambda: asked.by_hand(statement, next(more)))
    return _result("get a code", ours, theirs, CODE_MILLISECONDS)


async def _first_page(asked: Asked, case: Case, samples: Samples, chance: random.Random) -> Result:
    chosen = [{name: chance.choice(of) for name, of in samples.items()} for _ in range(TIMES)]
    paths = iter([_path(case, chosen[0]), *(_path(case, sample) for sample in chosen)])
    statements = (
        BASIS.format(where=case.where.format(**sample), order=case.order) for sample in chosen
    )
    await asked.get(next(paths))
    ours = await _p95(TIMES, lambda: asked.get(next(paths)))
    theirs = await _p95(BY_HAND, lambda: asked.by_hand(next(statements)))
    return _result(case.name, ours, theirs, FIRST_PAGE_MILLISECONDS)


async def _campaigns(asked: Asked, name: str, query: str) -> Result:
    ours = await _p95(TIMES, lambda: asked.get(f"/v1/campaigns?limit={ROWS}&{query}"))
    statement = "SELECT * FROM listed_campaigns WHERE project_id = $1 ORDER BY name LIMIT 50"
    theirs = await _p95(BY_HAND, lambda: asked.by_hand(statement))
    return _result(name, ours, theirs, FIRST_PAGE_MILLISECONDS)


def _result(name: str, ours: float, theirs: float, largest: float) -> Result:
    cut = theirs >= HAND_SECONDS * 1000
    baseline = Baseline(theirs, f"by hand, cut at {HAND_SECONDS} s" if cut else "by hand")
    return at_most(f"browse.{name}", ours, "ms p95", baseline, largest=largest)


async def _page_thousand(asked: Asked, query: str) -> list[Result]:
    """Ask for rows 9,991 to 10,000: by the cursor that leads there, and by the page's number."""
    path = f"/v1/vouchers?limit={DEEP_ROWS}&{query}"
    first = Baseline(await _p95(TIMES, lambda: asked.get(path)), "page 1")
    cursor, passed = "", 0
    while passed < BEFORE_DEEP:
        some = min(100, BEFORE_DEEP - passed)
        answer = await asked.get(f"/v1/vouchers?limit={some}&{query}{cursor}")
        cursor, passed = f"&cursor={answer['more_cursor']}", passed + some
    by_cursor = await _p95(TIMES, lambda: asked.get(path + cursor))
    by_number = await _p95(TIMES // 4, lambda: asked.get(f"{path}&page=1000"))
    name = query or "newest"
    return [
        less(f"browse.page 1,000 of {name}, cursor", by_cursor, "ms", first, goal=DEEP),
        less(f"browse.page 1,000 of {name}, number", by_number, "ms", first, goal=DEEP),
    ]


def _path(case: Case, sample: Mapping[str, str]) -> str:
    return f"/v1/vouchers?limit={ROWS}&{case.query.format(**sample)}"


async def _p95(times: int, ask: Callable[[], Awaitable[object]]) -> float:
    """Ask so often, and return within how many milliseconds 95 of 100 were answered."""
    waits = []
    for _ in range(times):
        began = time.perf_counter()
        await ask()
        waits.append((time.perf_counter() - began) * 1000)
    return sorted(waits)[min(len(waits) - 1, len(waits) * 95 // 100)]


async def _samples(asked: Asked) -> dict[str, list[str]]:
    """Return what requests ask for: things that are there, chosen as codes are spread."""
    rows = await asked.hand.fetch(
        """
        SELECT code, campaign_id, metadata ->> 'lot' AS lot, metadata ->> 'order' AS of_order
        FROM vouchers TABLESAMPLE system (0.02) WHERE project_id = $1 LIMIT 2000
        """,
        asked.project_id,
    )
    partners = await asked.hand.fetch(
        "SELECT partner_id FROM campaigns WHERE project_id = $1 ORDER BY id LIMIT 500",
        asked.project_id,
    )
    plain = [row["code"].removeprefix("BLOG-").lower() for row in rows]
    return {
        "code": [row["code"] for row in rows],
        "campaign": [row["campaign_id"] for row in rows],
        "huge": [f"camp_{browse_stock.HUGE:024}"],
        "partner": [row["partner_id"] for row in partners],
        "rare": [f"part_{browse_stock.RARE:024}"],
        "day": ["2024-03-01", "2025-02-01", "2026-10-01"],
        "lot": [row["lot"] for row in rows if row["lot"]] or ["lot-1"],
        "order": [row["of_order"] for row in rows if row["of_order"]] or ["o-20"],
        "two": [code[:2] for code in plain],
        "three": [code[2:5] for code in plain],
        "four": [code[3:7] for code in plain],
        "five": [code[2:7] for code in plain],
    }
