"""Whole platforms for tests, started as a user does: `counterfoil up` in a folder of its own."""

import asyncio
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from counterfoil import processes
from counterfoil.engines import jars
from counterfoil.folder import Folder
from counterfoil.platform import Platform
from kit import engines

UP_SECONDS = 120.0
DOWN_SECONDS = 60.0


def begin(data: Path, environment: dict[str, str] | None = None) -> processes.Child:
    """Start `counterfoil up` and do not wait. It dies with the test run."""
    return processes.start(
        processes.Program(
            name="platform",
            arguments=(sys.executable, "-m", "counterfoil", "up", "--data", str(data)),
            log=data / "logs" / "platform.log",
            environment=jars.way_out() | (environment or {}),  # a cold cache fetches jars
            stop_signal=signal.SIGINT,
        )
    )


def until_up(child: processes.Child, data: Path) -> Platform:
    folder = Folder(data)
    gives_up = time.monotonic() + UP_SECONDS
    while time.monotonic() < gives_up:
        assert child.exit_code is None, f"the platform did not come up:\n{child.program.tail(40)}"
        state = folder.state()
        # The file may still tell of an earlier life in the same folder.
        if state.get("state") == "running" and state["supervisor"] == child.pid:
            return Platform.of(folder)
        time.sleep(0.1)
    raise AssertionError(f"the platform is not up in time:\n{child.program.tail(40)}")


@contextmanager
def running(data: Path) -> Iterator[Platform]:
    child = begin(data)
    try:
        yield until_up(child, data)
    finally:
        asyncio.run(child.stop(DOWN_SECONDS))


@contextmanager
def in_a_folder() -> Iterator[str]:
    """Run one in a folder that is gone afterwards; yield the folder."""
    with engines.temporary_folder("platform") as folder, running(folder):
        yield str(folder)


class Shared:
    """One platform for all tests that follow each other and ask for it."""

    def __init__(self) -> None:
        self._running: Platform | None = None
        self._ending = ExitStack()

    def use(self) -> Platform:
        """Return it; start it for the first who asks."""
        if self._running is None:
            folder = self._ending.enter_context(in_a_folder())
            self._running = Platform.of(Folder(Path(folder)))
        return self._running

    def end(self) -> None:
        """Stop it. Who asks afterwards gets another."""
        self._running = None
        self._ending.close()


def family(child: processes.Child) -> list[psutil.Process]:
    """Return the platform's own process and everything that it started."""
    parent = psutil.Process(child.pid)
    return [parent, *parent.children(recursive=True)]


def left(family: list[psutil.Process], seconds: float = 30.0) -> list[str]:
    """Return what still runs of a family that should be gone."""
    _, alive = psutil.wait_procs(family, timeout=seconds)
    return [
        " ".join(process.cmdline())
        for process in alive
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]
