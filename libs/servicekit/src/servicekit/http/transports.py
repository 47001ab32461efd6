"""What the protocol's answers are written to, in place of the connection itself."""

import asyncio

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class Lingering(asyncio.Transport):
    """A transport that is not closed before the body is at its end, then or by the protocol.

    Its sender is still sending, and would lose the answer.
    """

    def __init__(self, transport: asyncio.Transport, cycle: RequestResponseCycle) -> None:
        super().__init__()
        self._transport = transport
        self._cycle = cycle

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._transport.write(data)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        if not self._cycle.more_body:
            self._transport.close()


class Together(asyncio.Transport):
    """A transport that sends the head of an answer with the beginning of its body.

    By one system call, which takes as long as to judge a code. Of an answer whose body comes later
    the head is sent in the same turn of the loop.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._head: bytes | bytearray | memoryview | None = None
        self._is_sent = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._is_sent:
            self._transport.write(data)
        elif self._head is None:
            self._head = data
            self._loop.call_soon(self._send)
        else:
            head, self._head, self._is_sent = self._head, None, True
            self._transport.writelines([head, data])

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        head, self._head, self._is_sent = self._head, None, True
        if head is not None and not self._transport.is_closing():
            self._transport.write(head)
