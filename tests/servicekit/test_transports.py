"""What answers are written to: how often the connection itself is, and when."""

import asyncio
from collections.abc import Iterable

import pytest

from servicekit.http.transports import Together


class Connection(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.calls.append(bytes(data))

    def writelines(self, data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def connection() -> Connection:
    return Connection()


@pytest.fixture
async def together(connection: Connection) -> Together:
    return Together(connection, asyncio.get_running_loop())


async def test_a_head_and_the_body_behind_it_are_sent_by_one_call(
    connection: Connection, together: Together
) -> None:
    together.write(b"head ")
    assert connection.calls == []
    together.write(b"body")
    assert connection.calls == [b"head body"]
    await asyncio.sleep(0)
    assert connection.calls == [b"head body"]


async def test_a_head_does_not_wait_for_a_body_that_comes_later(
    connection: Connection, together: Together
) -> None:
    together.write(b"head")
    await asyncio.sleep(0)
    assert connection.calls == [b"head"]
    together.write(b"one")
    together.write(b"two")
    assert connection.calls == [b"head", b"one", b"two"]


async def test_a_head_is_sent_before_the_connection_is_closed(
    connection: Connection, together: Together
) -> None:
    together.write(b"head")
    together.close()
    assert (connection.calls, together.is_closing()) == ([b"head"], True)
    await asyncio.sleep(0)
    assert connection.calls == [b"head"]


async def test_a_head_whose_reader_has_gone_is_sent_to_nobody(
    connection: Connection, together: Together
) -> None:
    together.write(b"head")
    connection.close()
    await asyncio.sleep(0)
    assert connection.calls == []
