"""up, status, down, logs, topics."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Column, Table

from contracts.topics import (
    REQUEST_TOPICS_PATTERN,
    for_project,
    of_project,
    with_dead_letters,
)
from counterfoil import topics as kafka_topics
from counterfoil.errors import PlatformError
from counterfoil.folder import VARIABLE, Folder, chosen
from counterfoil.platform import running_platform
from counterfoil.progress import Display
from counterfoil.status import status as ask

Data = Annotated[
    Path | None, Parameter(name="--data", help=f"Data folder (or {VARIABLE}); .counterfoil if none")
]
Json = Annotated[
    bool, Parameter(name="--json", negative="", help="Print one JSON object on standard output")
]

STOP_SECONDS = 60.0
STARTED_SECONDS = 600.0


async def up(
    *,
    detach: Annotated[bool, Parameter(negative="", help="Return once all is up")] = False,
    json: Json = False,
    data: Data = None,
) -> int:
    """Start the platform, say where everything listens, stop it all at Ctrl-C."""
    folder = Folder(chosen(data))
    if detach:
        start_detached(folder)
        show(await ask(folder), as_json=json)
        return 0
    if folder.is_locked():
        raise PlatformError(f"a platform already runs in {folder.path} (`counterfoil status`)")
    with Display() as display:
        try:
            async with running_platform(folder.path, progress=display):
                display.finish()
                show(await ask(folder), as_json=json)
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            Console(stderr=True).print("stopped")
    return 0


async def status(*, json: Json = False, data: Data = None) -> int:
    """Say what runs where and how it is; exit status 1 when a part is not well."""
    found = await ask(Folder(chosen(data)))
    show(found, as_json=json)
    parts = [*found["services"].values(), *found["engines"].values()]
    return 0 if all(part["healthy"] for part in parts) else 1


def down(*, data: Data = None) -> int:
    """Stop the platform; its data stay."""
    folder = Folder(chosen(data))
    if not folder.is_locked():
        Console(stderr=True).print(f"no platform runs in {folder.path}")
        return 0
    supervisor = int(folder.state()["supervisor"])
    os.kill(supervisor, signal.SIGTERM)
    gives_up = time.monotonic() + STOP_SECONDS
    while folder.is_locked():
        if time.monotonic() > gives_up:
            # Its children die with it: the kernel sees to that.
            os.kill(supervisor, signal.SIGKILL)
            raise PlatformError(f"the platform did not stop in {STOP_SECONDS:.0f} s and was killed")
        time.sleep(0.05)
    return 0


def logs(
    name: Annotated[str | None, Parameter(help="A part, as `status` names it; all if none")] = None,
    /,
    *,
    follow: Annotated[bool, Parameter(negative="", help="Go on as lines arrive")] = False,
    lines: Annotated[int, Parameter(help="How many of the last lines")] = 40,
    data: Data = None,
) -> int:
    """Show what a part logged last."""
    folder = Folder(chosen(data))
    files = sorted(folder.logs.glob(f"{name or '*'}.log"))
    if not files:
        there = ", ".join(file.stem for file in sorted(folder.logs.glob("*.log"))) or "none"
        raise PlatformError(f"no log of {name or 'anything'} in {folder.logs}; there are: {there}")
    command = ["tail", "-n", str(lines), *(["-F"] if follow else []), *map(str, files)]
    return subprocess.run(command, check=False).returncode  # noqa: S603


async def topics(
    *,
    project: Annotated[
        str | None, Parameter(help="Also a request topic that belongs to this project alone")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """Create the topics, correct those that have drifted, say what was done."""
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if servers is None:
        servers = (await ask(Folder(chosen(data))))["kafka"]
    if project is not None and not re.match(REQUEST_TOPICS_PATTERN, for_project(project)):
        raise PlatformError(f"{project} is no project's id: nobody would read its topic")
    own = of_project(project) if project is not None else ()
    changes = await kafka_topics.ensure(servers, with_dead_letters() + own)
    if json:
        print_json(
            {
                "kafka": servers,
                "created": changes.created,
                "altered": changes.altered,
                "unchanged": changes.unchanged,
            }
        )
        return 0
    for name in changes.created:
        print(f"created    {name}")  # noqa: T201
    for name, drift in changes.altered.items():
        print(f"altered    {name}: {drift}")  # noqa: T201
    print(f"unchanged  {len(changes.unchanged)}")  # noqa: T201
    return 0


def start_detached(folder: Folder) -> None:
    """Start `counterfoil up` in a session of its own and pass on what it says until it is up."""
    if folder.is_locked():
        return
    folder.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = folder.logs / "platform.log"
    began = log.stat().st_size if log.exists() else 0
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "counterfoil", "up", "--data", str(folder.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
        )
    try:
        with log.open(errors="replace") as said:
            said.seek(began)
            for line in arriving(folder, process, said):
                print(line, end="", file=sys.stderr, flush=True)  # noqa: T201
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    if process.poll() is not None:
        raise PlatformError(f"the platform did not come up; see above, or {log}")


def arriving(folder: Folder, process: subprocess.Popen[bytes], said: Any) -> Iterator[str]:
    """Yield what the platform says until it runs or has given up."""
    gives_up = time.monotonic() + STARTED_SECONDS
    while time.monotonic() < gives_up:
        over = process.poll() is not None
        state = folder.state()
        over = over or (state.get("supervisor") == process.pid and state["state"] == "running")
        yield from said
        if over:
            return
        time.sleep(0.1)


def show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    console = Console(highlight=False)
    parts = found["engines"] | found["services"]
    table = Table(
        "part",
        "",
        Column("where", no_wrap=True, min_width=23),
        "restarts",
        "last exit",
        box=None,
        pad_edge=False,
    )
    for name, part in parts.items():
        mark = "[green]up[/]" if part["healthy"] else f"[red]{part['state']}, not ready[/]"
        restarts = str(part["restarts"] or "")
        table.add_row(name, mark, part["url"], restarts, part["last_exit"] or "")
    console.print(table)
    for name, part in parts.items():
        if not part["healthy"]:
            console.print(f"{name}: {json.dumps(part['ready'])}", markup=False, soft_wrap=True)
    project = found["project"]
    reader = found["clickhouse_reader"]
    console.print(
        f"\ngateway    {found['gateway']}"
        f"\nfor BI     {reader or 'the ClickHouse of the environment has its own users'}"
        f"\nproject    {project['id']}"
        f"\nkeys       X-App-Id: {project['app_id']}  X-App-Token: {project['app_token']}"
        f"\ndata       {found['data']}",
        soft_wrap=True,
    )


def print_json(value: object) -> None:
    print(json.dumps(value), flush=True)  # noqa: T201
