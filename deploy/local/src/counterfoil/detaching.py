"""A platform that goes on after the command that started it has returned."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

from counterfoil.errors import PlatformError
from counterfoil.folder import Folder

STARTED_SECONDS = 600.0


async def detach_up(folder: Folder, *, probe: bool = False) -> None:
    """Start `counterfoil up` in a session of its own and pass on what it says until it is up."""
    if folder.is_locked():
        return
    folder.make()
    log = folder.logs / "platform.log"
    began = log.stat().st_size if log.exists() else 0
    process = begin(folder, log, probe=probe)
    try:
        with log.open(errors="replace") as said:
            said.seek(began)
            async for line in arriving(folder, process, said):
                print(line, end="", file=sys.stderr, flush=True)  # noqa: T201
    except (asyncio.CancelledError, KeyboardInterrupt):
        process.terminate()
        process.wait()
        raise
    if process.poll() is not None:
        raise PlatformError(f"the platform did not come up; see above, or {log}")


def begin(folder: Folder, log: Path, *, probe: bool = False) -> subprocess.Popen[bytes]:
    options = ["--probe"] if probe else []
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "counterfoil", "up", "--data", str(folder.path), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
        )


async def arriving(
    folder: Folder, process: subprocess.Popen[bytes], said: IO[str]
) -> AsyncIterator[str]:
    """Yield what the platform says until it runs or has given up."""
    gives_up = time.monotonic() + STARTED_SECONDS
    while time.monotonic() < gives_up:
        over = process.poll() is not None
        state = folder.state()
        over = over or (state.get("supervisor") == process.pid and state["state"] == "running")
        for line in said:
            yield line
        if over:
            return
        await asyncio.sleep(0.1)
