"""What the processes of one test run share: a Postgres, a ClickHouse, a template of each schema.

The first that needs a thing makes it, and ends it when every other process of the run is done.
Locks of files say who is there; the kernel takes them back from whoever dies.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import IO


class Run:
    """This process's part in a test run; `name` is what all processes of the run call it."""

    def __init__(self, name: str) -> None:
        self._folder = Path(tempfile.gettempdir()) / f"counterfoil-run-{os.getuid()}-{name}"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._present = (self._folder / "present").open("w")
        fcntl.flock(self._present, fcntl.LOCK_SH)
        self._ours = ExitStack()

    def shared(self, name: str, make: Callable[[], AbstractContextManager[str]]) -> str:
        """Return the address of a thing that lasts as long as the run, and make it if need be."""
        address = self._folder / f"{name}.address"
        with (self._folder / f"{name}.making").open("w") as making, _locked(making):
            if not address.exists():
                made = self._ours.enter_context(make())
                address.write_text(made)
                self._ours.callback(address.unlink)
            return address.read_text()

    def once(self, name: str, make: Callable[[], str]) -> str:
        """Return what was made once for the whole run, and goes with the engine that it is in."""
        return self.shared(name, lambda: nullcontext(make()))

    def close(self) -> None:
        """End what this process made, once it is the last that is there."""
        fcntl.flock(self._present, fcntl.LOCK_UN)  # two that wait for each other would wait long
        with self._present, _locked(self._present):
            self._ours.close()
            if not any(self._folder.glob("*.address")):
                shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def _locked(file: IO[str]) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
