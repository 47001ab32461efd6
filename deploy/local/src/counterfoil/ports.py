"""Which port each part listens on: the usual one, another when it is taken, the same next time."""

import fcntl
import os
import random
import socket
import stat
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from counterfoil.errors import PlatformError

HOST = "127.0.0.1"
# Below the range that the kernel hands out to outgoing connections (32768 and up): a port that is
# free now is then not taken by some client's connection a moment later.
FREE_RANGE = range(18_000, 32_000)


class Ports:
    """Ports that are ours while this context lasts.

    A port is free until its program listens, seconds from now; another platform that starts in the
    meantime must not choose it too. Hence a lock file per port, which all platforms of a user see.
    """

    def __init__(self) -> None:
        self._locks = ExitStack()
        self._folder = Path(tempfile.gettempdir()) / f"counterfoil-ports-{os.getuid()}"

    def __enter__(self) -> Self:
        self._folder.mkdir(exist_ok=True, mode=0o700)
        found = self._folder.lstat()
        # Anybody may have been first in a folder that is everybody's, with links for us to follow.
        if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode):
            raise PlatformError(f"{self._folder} is somebody else's: remove it, or set TMPDIR")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._locks.close()

    def choose(self, *preferred: int | None) -> int:
        """Return the first preferred port that is free, else any that is."""
        wanted = [port for port in preferred if port is not None]
        for port in (*wanted, *random.sample(FREE_RANGE, len(FREE_RANGE))):
            if self._reserve(port):
                return port
        raise OSError("no free port between 18000 and 32000")

    def _reserve(self, port: int) -> bool:
        lock: IO[str] = (self._folder / str(port)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        if not is_free(port):
            lock.close()
            return False
        self._locks.enter_context(lock)
        return True


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
