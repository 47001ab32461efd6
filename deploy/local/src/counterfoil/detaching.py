"""A platform that goes on after the command that started it has returned."""

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import IO

from counterfoil.errors import PlatformError
from counterfoil.folder import Folder

STARTED_SECONDS = 600.0


def detach_up(folder: Folder) -> None:
    """Start `counterfoil up` in a session of its own and pass on what it says until it is up."""
    if folder.is_locked():
        return
    folder.make()
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


def arriving(folder: Folder, process: subprocess.Popen[bytes], said: IO[str]) -> Iterator[str]:
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
