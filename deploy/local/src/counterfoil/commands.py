"""up, status, down, logs, topics."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from aiokafka.errors import KafkaError
from cyclopts import Parameter
from rich.console import Console

from contracts.topics import of_project, with_dead_letters
from counterfoil import external
from counterfoil.access import vendors
from counterfoil.detaching import detach_up
from counterfoil.errors import PlatformError
from counterfoil.folder import VARIABLE, Folder, chosen
from counterfoil.hints import named_by_shell, typed
from counterfoil.platform import Platform, running_platform
from counterfoil.progress import Display
from counterfoil.showing import print_json, show
from counterfoil.status import nobody
from counterfoil.status import status as ask
from servicekit.kafka import topics as kafka_topics
from servicekit.kafka.connection import Kafka

Data = Annotated[
    Path | None, Parameter(name="--data", help=f"Data folder (or {VARIABLE}); .counterfoil if none")
]
Json = Annotated[
    bool, Parameter(name="--json", negative="", help="Print one JSON object on standard output")
]

STOP_SECONDS = 60.0


async def up(
    *,
    detach: Annotated[bool, Parameter(negative="", help="Return once all is up")] = False,
    probe: Annotated[
        bool, Parameter(negative="", help="Throw the kill switch of a campaign of its own for ever")
    ] = False,
    json: Json = False,
    data: Data = None,
) -> int:
    """Start the platform, say where everything listens, stop it all at Ctrl-C."""
    folder = Folder(chosen(data))
    if detach:
        await detach_up(folder, probe=probe)
        show(await ask(folder), as_json=json)
        return 0
    if folder.is_locked():
        status = typed("status", folder.path)
        raise PlatformError(f"a platform already runs in {folder.path} (`{status}`)")
    with Display() as display:
        try:
            async with running_platform(folder.path, progress=display, probe=probe):
                display.finish()
                show(await ask(folder), as_json=json)
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            Console(stderr=True).print("stopped")
    return 0


async def status(*, json: Json = False, data: Data = None) -> int:
    """Say what runs where and how it is; exit status 1 when a part is not well, 2 when none is."""
    folder = Folder(chosen(data))
    try:
        found = await ask(folder)
    except PlatformError:
        if json:
            print_json(nobody(folder))
        raise
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


@asynccontextmanager
async def operated_kafka(data: Path | None) -> AsyncIterator[Kafka]:
    """Give the Kafka that the environment names, or that of the running platform."""
    named = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    kafka = external.kafka() if named else Platform.at(data).kafka
    try:
        yield kafka
    except KafkaError as error:
        said = f"Kafka at {kafka.servers}: {type(error).__name__}: {error}"
        raise PlatformError(said + named_by_shell()) from error


async def topics(
    *,
    project: Annotated[
        str | None,
        Parameter(
            help="Also those of this project alone: of its requests, and of the answers to them"
        ),
    ] = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """Create the topics, correct those that have drifted, say what was done."""
    async with operated_kafka(data) as kafka:
        if project is not None:
            await vendors.prepare(kafka, project)
        own = of_project(project) if project is not None else ()
        changes = await kafka_topics.ensure(kafka, with_dead_letters() + own)
    if json:
        print_json(
            {
                "kafka": kafka.servers,
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
