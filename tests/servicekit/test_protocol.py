"""What is no request, or does not come to its end, over a real connection."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from servicekit.http import protocol
from servicekit.http.protocol import Protocol

HEAD = b"POST %s HTTP/1.1\r\nHost: kit\r\n%s\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked"


class App:
    """Answers at /early before it has read a byte, at /never not at all, elsewhere what it read."""

    def __init__(self) -> None:
        self.read = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = scope["path"] != "/early"
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.read += len(message["body"])
            more = message["more_body"] or scope["path"] == "/never"
        body = str(self.read).encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)).decode()
        status, *lines = head.rstrip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        body = await self.reader.readexactly(int(headers["content-length"]))
        return int(status.split()[1]), headers, body

    async def is_hung_up(self) -> bool:
        with contextlib.suppress(ConnectionError):
            return await asyncio.wait_for(self.reader.read(), 10) == b""
        return True


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[], Any]]:
    config = uvicorn.Config(App(), http=Protocol, log_config=None, access_log=False, lifespan="off")
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Protocol(config, state, {}), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    clients: list[Client] = []

    async def connected() -> Client:
        clients.append(Client(*await asyncio.open_connection("127.0.0.1", port)))
        return clients[-1]

    yield connected
    for client in clients:
        client.writer.close()
    server.close()
    for connection in list(state.connections):
        connection.transport.close()
    await asyncio.sleep(0)


class Clock:
    """The event loop's: it stands still, so that no busy machine uses up anybody's time."""

    def __init__(self, now: float) -> None:
        self._now = now

    def __call__(self) -> float:
        return self._now

    async def passes(self, seconds: float) -> None:
        self._now += seconds
        for _ in range(5):  # whoever was waiting for this acts now
            await asyncio.sleep(0)


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    loop = asyncio.get_running_loop()
    stopped = Clock(loop.time())
    monkeypatch.setattr(loop, "time", stopped)
    return stopped


def error_of(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    status, headers, body = answer
    error = json.loads(body)
    assert error["code"] == status
    assert error["request_id"] == headers["x-request-id"]
    assert headers["content-type"] == "application/json"
    assert headers["x-content-type-options"] == "nosniff"
    return status, error["key"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(HEAD % (b"/", CHUNKED) + b"zz\r\nabc", id="malformed-chunk"),
        pytest.param(HEAD % (b"/", CHUNKED) + b"2\r\nabc\r\n", id="chunk-of-another-length"),
        pytest.param(HEAD % (b"/", b"Content-Length: x"), id="length-that-is-no-number"),
        pytest.param(b"\x16\x03\x01 is TLS\r\n\r\n", id="no-http"),
    ],
)
async def test_what_is_no_request_is_an_error_object(
    connect: Callable[[], Any], sent: bytes
) -> None:
    client = await connect()
    client.send(sent)
    assert error_of(await client.answer()) == (400, "invalid_request")
    assert await client.is_hung_up()


async def test_what_is_no_request_after_one_that_was_is_refused_as_well(
    connect: Callable[[], Any],
) -> None:
    client = await connect()
    client.send(HEAD % (b"/", b"Content-Length: 2") + b"ab")
    assert (await client.answer())[2] == b"2"
    client.send(b"nonsense\r\n\r\n")
    assert error_of(await client.answer()) == (400, "invalid_request")


@pytest.mark.parametrize(
    "behind",
    [
        b"nonsense\r\n\r\n",
        HEAD % (b"/", CHUNKED) + b"zz\r\nabc",
        HEAD % (b"/", b"Content-Length: x"),
    ],
    ids=["no-http", "malformed-chunk", "length-that-is-no-number"],
)
async def test_what_is_no_request_is_no_answer_to_the_one_before_it(
    connect: Callable[[], Any], behind: bytes
) -> None:
    client = await connect()
    client.send(HEAD % (b"/never", b"Content-Length: 2") + b"ab" + behind)
    assert await client.is_hung_up()


async def test_headers_that_trickle_in_are_cut_after_a_while(
    connect: Callable[[], Any], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 2.5)
    client = await connect()
    for total in (b"2", b"4", b"6"):  # a whole request, and the next one, have their own time
        client.send(HEAD % (b"/", b"Content-Length: 2") + b"ab")
        assert (await client.answer())[2] == total
        await clock.passes(1)
    client.send(b"GET / HTTP/1.1\r\n")
    for _ in range(4):
        client.send(b"X-More: x\r\n")
        await clock.passes(1)

    assert error_of(await client.answer()) == (408, "request_timeout")
    assert await client.is_hung_up()


async def test_who_connects_and_says_nothing_is_hung_up_on(
    connect: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)
    assert await (await connect()).is_hung_up()


async def test_a_body_that_trickles_in_is_cut_after_a_while(
    connect: Callable[[], Any], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BODY_SECONDS", 2.5)
    client = await connect()
    client.send(HEAD % (b"/", b"Content-Length: 100"))
    for _ in range(4):  # and no more: what comes behind the answer would reset the connection
        client.send(b".")
        await clock.passes(1)

    assert error_of(await client.answer()) == (408, "request_timeout")
    assert await client.is_hung_up()


async def test_a_body_in_two_parts_is_read_whole_and_the_next_has_its_own_time(
    connect: Callable[[], Any], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BODY_SECONDS", 2.5)
    client = await connect()
    for total in (b"2", b"4", b"6"):
        client.send(HEAD % (b"/", b"Content-Length: 2") + b"a")
        await clock.passes(1)
        client.send(b"b")
        assert (await client.answer())[2] == total


async def test_who_was_answered_early_may_finish_a_short_body_and_go_on(
    connect: Callable[[], Any],
) -> None:
    client = await connect()
    client.send(HEAD % (b"/early", b"Content-Length: 1000"))
    assert (await client.answer())[0] == 200
    client.send(b" " * 1000)
    client.send(HEAD % (b"/", b"Content-Length: 2") + b"ab")
    assert (await client.answer())[2] == b"2"


@pytest.mark.parametrize("announced", [b"Content-Length: 990000", CHUNKED], ids=["long", "open"])
async def test_who_is_answered_before_he_has_sent_a_long_body_is_told_that_nothing_may_follow(
    connect: Callable[[], Any], announced: bytes
) -> None:
    """A gateway whose buffers have taken it would send the next caller's request behind it."""
    client = await connect()
    client.send(HEAD % (b"/early", announced) + b"ffff0\r\n" + b" " * 100_000)

    _, headers, body = await client.answer()

    assert (headers["connection"], body) == ("close", b"0")


@pytest.mark.parametrize("announced", [b"Content-Length: 300000", CHUNKED], ids=["long", "open"])
async def test_who_has_sent_a_long_body_before_he_is_answered_may_go_on(
    connect: Callable[[], Any], announced: bytes
) -> None:
    sent = b"a" * 300_000
    if announced == CHUNKED:
        sent = b"493e0\r\n" + sent + b"\r\n0\r\n\r\n"
    client = await connect()
    client.send(HEAD % (b"/", announced) + sent)

    _, headers, body = await client.answer()

    assert ("connection" in headers, body) == (False, b"300000")
    client.send(HEAD % (b"/", b"Content-Length: 2") + b"ab")
    assert (await client.answer())[2] == b"300002"


async def test_a_long_body_that_was_answered_early_ends_its_connection(
    connect: Callable[[], Any],
) -> None:
    client = await connect()
    client.send(HEAD % (b"/early", CHUNKED))
    assert (await client.answer())[1]["connection"] == "close"
    client.send(b"2\r\nab\r\n0\r\n\r\n")
    assert await client.is_hung_up()


@pytest.mark.parametrize("sends", [True, False], ids=["goes-on", "falls-silent"])
async def test_who_was_answered_early_cannot_send_for_ever(
    connect: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, *, sends: bool
) -> None:
    monkeypatch.setattr(protocol, "UNREAD_SECONDS", 0.2)
    monkeypatch.setattr(protocol, "LINGER_SECONDS", 0.05)
    client = await connect()
    client.send(HEAD % (b"/early", b"Content-Length: 1000000000"))
    assert (await client.answer())[0] == 200
    if sends:
        with contextlib.suppress(ConnectionError):
            while not client.reader.at_eof():
                client.send(b" " * 100_000)
                await asyncio.wait_for(client.writer.drain(), 10)

    assert await client.is_hung_up()
