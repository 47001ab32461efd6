"""`counterfoil bench`: measures the running platform, or one started for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter, validators
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from counterfoil.bench.browsing import CODES, bench_browse
from counterfoil.bench.growth import bench_growth
from counterfoil.bench.over_http import bench_http
from counterfoil.bench.pages import bench_pages
from counterfoil.bench.path import Say
from counterfoil.bench.redeem import bench_redeem
from counterfoil.bench.results import as_json, as_table
from counterfoil.bench.running import bench_path
from counterfoil.bench.switching import bench_switch
from counterfoil.platform import running_platform
from counterfoil.progress import Display
from counterfoil.showing import print_json, wide_console

DATA = Path(".counterfoil/bench")
MEASURES = {
    "path": (bench_path, 200_000),
    "redeem": (bench_redeem, 100_000),
    "http": (bench_http, 40_000),
    "growth": (bench_growth, 10_000_000),
    "switch": (bench_switch, 200),
    "pages": (bench_pages, 60),
}


async def bench(
    name: Annotated[
        Literal["path", "redeem", "growth", "http", "switch", "browse", "pages"],
        Parameter(help="What to measure"),
    ] = "path",
    /,
    *,
    requests: Annotated[
        int | None,
        Parameter(
            help="Requests per load or page, switches, or codes; if none 200,000, redeem: 100,000, "
            "http: 40,000, switch: 200, pages: 60, growth and browse: 10,000,000",
            validator=validators.Number(gte=20),
        ),
    ] = None,
    json: Annotated[bool, Parameter(negative="", help="Print one JSON object on stdout")] = False,
    data: Annotated[Path, Parameter(help="Data folder; a platform running there is used")] = DATA,
) -> int:
    """Measure the platform beside baselines in the same run.

    `path`: from the append to Kafka, through the decision, to the row in ClickHouse, for one hot
    code and for 50,000 codes, beside a naive consumer (one message, one transaction) of the same
    requests and beside pgbench; and how long a request waits for its answer at a tenth of the rate.

    `redeem`: the same with the terms of a typical campaign in force (dates, three limits, two
    rules, five order lines), beside pgbench, beside the path without them, and by HTTP.

    `growth`: the same before and after so many decisions, orders and codes of the past.

    `http`: one hot code over 64 connections and over one, beside a FastAPI route that takes one
    transaction per request.

    `switch`: from `disable` to the answer that the campaign redeems no more, 200 times: in quiet,
    with redemption kept busy, and while eight strangers post the largest bodies, fifty open every
    page and a vendor sends records that nobody can parse, and bombs.

    `browse`: every order and filter of a list of ten million codes, beside the same by hand, on a
    Postgres and an api of its own in the folder's `browse`, which is filled once and kept.

    `pages`: the console's pages with the demo's year, which is played once and kept: server time,
    the weight of our own script and style, and what moves while Chromium loads them.
    """
    if name == "browse":
        with _bars() as say:
            results = await bench_browse(data / "browse", requests or CODES, say)
    else:
        measure, usual = MEASURES[name]
        with Display() as display:
            async with running_platform(data, progress=display) as platform:
                display.finish()
                with _bars() as say:
                    results = await measure(platform, requests or usual, say)
    if json:
        print_json(as_json(results))
    else:
        wide_console().print(as_table(results))
    return 0


@contextmanager
def _bars() -> Iterator[Say]:
    """Show on a terminal what is going on."""
    with Progress(
        TextColumn("  {task.description:<24}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bars:
        task = bars.add_task("starting", total=1)

        def say(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=max(done, 0), total=total)

        yield say
