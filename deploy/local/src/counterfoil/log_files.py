"""Logs of bounded size: what a part said last, and once as much before that in `<name>.log.1`.

The programs hold their logs open and append. So a log that has grown too large is copied and then
emptied, under their hands; what they say between the last look and the cut, microseconds, is lost.
"""

import asyncio
from collections import deque
from contextlib import suppress
from pathlib import Path

LARGEST = 10_000_000
CHECK_EVERY_SECONDS = 2.0
CHUNK = 1_000_000


def older(log: Path) -> Path:
    return log.with_name(f"{log.name}.1")


def rotate(log: Path, largest: int = LARGEST) -> None:
    """Put the end of a log that is too large aside, and empty it."""
    size = log.stat().st_size
    if size <= largest:
        return
    unfinished = log.with_name(f"{log.name}.new")
    with log.open("r+b") as full, unfinished.open("wb") as aside:
        full.seek(size - largest)
        copied = 0
        # Until nothing is left, or somebody writes faster than we read.
        while copied <= 2 * largest and (read := full.read(min(CHUNK, largest))):
            copied += aside.write(read)
        full.truncate(0)
    unfinished.replace(older(log))


async def keep_bounded(
    folder: Path, largest: int = LARGEST, every: float = CHECK_EVERY_SECONDS
) -> None:
    """Look after all logs of a folder, until cancelled."""
    while True:
        await asyncio.to_thread(rotate_all, folder, largest)
        await asyncio.sleep(every)


def rotate_all(folder: Path, largest: int) -> None:
    for log in folder.glob("*.log"):
        with suppress(OSError):  # a full disk, say: no reason to stop the platform
            rotate(log, largest)


def tail(log: Path, lines: int) -> str:
    """Return the last lines, across the cut."""
    last = deque[str](maxlen=lines)
    for file in (older(log), log):
        if file.exists():
            with file.open(errors="replace") as said:
                last.extend(said)
    return "".join(last).rstrip()
