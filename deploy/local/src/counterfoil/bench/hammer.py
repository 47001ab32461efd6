"""Asks over HTTP as fast as it is answered, on connections that stay open, at little cost.

Requests are encoded beforehand; of an answer only its status and its length are read.
"""

import asyncio
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from counterfoil.errors import PlatformError

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
PATIENCE_SECONDS = 30.0


class Round(NamedTuple):
    """One round of questions: how long it took, and how many seconds each waited."""

    seconds: float
    waits: list[float]


class Pace(NamedTuple):
    """What was answered: how many a second, and within how many milliseconds."""

    per_second: float
    p50: float
    p99: float


def pace(rounds: Sequence[Round]) -> Pace:
    """Tell the pace of several rounds together."""
    waits = sorted(wait for each in rounds for wait in each.waits)
    return Pace(
        len(waits) / sum(each.seconds for each in rounds),
        waits[len(waits) // 2] * 1000,
        waits[len(waits) * 99 // 100] * 1000,
    )


class Connection(asyncio.Protocol):
    """One connection that sends the next request when it has the answer to the last."""

    def __init__(self, requests: Iterator[bytes], waits: list[float]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests, self._waits = requests, waits
        self._answer = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # TCP's are
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head = self._answer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = LENGTH.search(self._answer, 0, head + 2)
        if length is None or self._answer[9:10] != b"2":
            self._fail(f"answered {self._answer[:300]!r}")
        elif len(self._answer) >= head + 4 + int(length[1]):
            self._waits.append(time.perf_counter() - self._sent)
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self._fail(f"closed the connection ({error})")

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._answer = b""
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(PlatformError(f"the benchmark's server {why}"))
        self._transport.close()


def encoded(url: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Encode a POST of JSON."""
    told = {
        "Host": urlsplit(url).netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


async def hammer(url: str, requests: Sequence[bytes], connections: int) -> Round:
    """Send all the requests, each connection one after the other."""
    address = urlsplit(url)
    loop = asyncio.get_running_loop()
    left, waits = iter(requests), list[float]()
    began = time.perf_counter()
    opened = []
    for _ in range(connections):
        _, connection = await loop.create_connection(
            lambda: Connection(left, waits), address.hostname or "", address.port or 80
        )
        opened.append(connection)
    async with asyncio.timeout(PATIENCE_SECONDS + len(requests) / 50):
        await asyncio.gather(*(connection.done for connection in opened))
    return Round(time.perf_counter() - began, waits)
