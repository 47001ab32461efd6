"""Before a request is one, and after its answer: uvicorn's protocol, less patient.

What is no HTTP, such as a malformed chunk, gets an error object, and so does whoever lets headers
or body trickle in; who connects and says nothing is hung up on. Who was answered before his body
was at its end, as whoever has no key, may finish it if it is short, so that his connection can be
used again; of a long one nothing more is read, and he is told that the connection ends with it. Or
a gateway, which has sent the body as far as its buffers go, would have the next caller wait behind
it.
"""

import asyncio
import json
import secrets
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from servicekit.http.transports import Lingering, Together

HEAD_SECONDS: Final = 10.0
BODY_SECONDS: Final = 10.0
UNREAD_BYTES: Final = 256 * 1024
UNREAD_SECONDS: Final = 5.0
LINGER_SECONDS: Final = 1.0  # until the answer was read: closing discards what is on its way
CLOSE: Final = (b"connection", b"close")


class Protocol(HttpToolsProtocol):
    """One connection."""

    _head_due: asyncio.TimerHandle | None = None
    _in_head = False
    _body_due: asyncio.TimerHandle | None = None
    _discarded = 0

    @property
    def _begun(self) -> RequestResponseCycle | None:
        """Return the newest request whose headers are complete."""
        return self.cycle  # None at first, whatever its type says

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._expect_no_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # Most heads and bodies are complete by now, and need no clock.
        if self._in_head and self._head_due is None:
            self._expect_a_head()
        cycle = self._begun
        if self._body_due is None and cycle is not None and cycle.more_body:
            self._body_due = self.loop.call_later(BODY_SECONDS, self._give_up, cycle)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._expect_no_head()
        super().on_headers_complete()
        cycle = self._begun
        if cycle is None:
            return
        if _announces_a_long_body(self.headers):
            cycle.transport = Lingering(self.transport, cycle)
            cycle.default_headers = [*cycle.default_headers, CLOSE]  # unless it is read in time
        elif self.scope["method"] != "HEAD":  # whose answer has a head alone
            cycle.transport = Together(self.transport, self.loop)

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if self.cycle.response_complete:
            self._discarded += len(body)
            if self._discarded > UNREAD_BYTES:
                self.flow.pause_reading()
                self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.cycle.more_body = False
        if not self.cycle.response_started:
            self.cycle.default_headers = self.server_state.default_headers
        elif self.cycle.response_complete and not self.cycle.keep_alive:
            self.transport.close()
        self._discarded = 0
        if self._body_due is not None:
            self._body_due.cancel()
            self._body_due = None

    def on_response_complete(self) -> None:
        super().on_response_complete()
        answered = self.cycle
        if answered.response_complete and answered.more_body:
            self.loop.call_later(UNREAD_SECONDS, self._give_up, answered)

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, "invalid_request", msg)

    def _expect_a_head(self) -> None:
        self._head_due = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _expect_no_head(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _hang_up(self) -> None:
        if self.transport.is_closing():
            return
        if self._in_head:
            details = f"the headers were not complete within {HEAD_SECONDS:g} seconds"
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "request_timeout", details)
        else:
            self.transport.close()

    def _give_up(self, waiting: object) -> None:
        if self.cycle is waiting and self.cycle.more_body and not self.transport.is_closing():
            details = f"the body was not complete within {BODY_SECONDS:g} seconds"
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "request_timeout", details)

    def _is_next(self) -> bool:
        """Tell whether the next answer that the client awaits is that of what was sent last.

        It may have been sent while the one before is still at work: its refusal would be taken for
        that one's answer.
        """
        newest = self._begun
        if newest is None:
            return True
        if newest.more_body:  # its own body is what was sent last
            return not newest.response_started and not self.pipeline
        return newest.response_complete

    def _refuse(self, status: HTTPStatus, key: str, details: str) -> None:
        """Answer, if it is this one's turn, and hang up; the application hears of that."""
        if self._is_next():
            request_id = f"v-{secrets.token_hex(9)}"
            error = {
                "code": status,
                "key": key,
                "message": status.phrase,
                "details": details,
                "request_id": request_id,
            }
            body = json.dumps(error).encode()
            head = (
                f"HTTP/1.1 {status} {status.phrase}\r\n"
                "content-type: application/json\r\n"
                f"content-length: {len(body)}\r\n"
                f"x-request-id: {request_id}\r\n"
                "x-content-type-options: nosniff\r\n"
                "connection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()


def _announces_a_long_body(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    told = dict(headers)
    return b"transfer-encoding" in told or int(told.get(b"content-length", 0)) > UNREAD_BYTES
