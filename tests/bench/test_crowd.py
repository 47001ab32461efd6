"""The crowds of `bench switch`: each does what it says, until it is told to end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from kit.patience import until

from counterfoil.bench import crowd
from servicekit.kafka.connection import Kafka

NOWHERE = Kafka("127.0.0.1:1", "PLAINTEXT")


@asynccontextmanager
async def serving(status: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answer every connection at its first bytes, as one does that looks at keys first."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if request := await reader.read(1_000):  # nothing, if it is cut off as all ends
            heard.append(request)
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nno".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard


def told(gateway: str) -> crowd.Told:
    return crowd.Told(gateway, "proj_a", "a-topic", "CODE", NOWHERE, NOWHERE)


def test_a_crowd_is_told_by_environment_where_to_go() -> None:
    sent = crowd.Told("http://here", "proj_a", "t", "C", NOWHERE.acting_as("a", "b"), NOWHERE)

    assert crowd.Told.of_json(sent.as_json()) == sent


@pytest.mark.parametrize(
    ("kind", "status", "wanted"),
    [
        ("bodies", "401 Unauthorized", {f"POST {door}" for door in crowd.DOORS}),
        ("pages", "200 OK", {f"GET {page}" for page in crowd.PAGES}),
    ],
)
async def test_strangers_knock_at_every_door_again_and_again(
    kind: str, status: str, wanted: set[str]
) -> None:
    tally = crowd.Tally()
    async with serving(status) as (gateway, heard):
        knocking = asyncio.ensure_future(crowd.KINDS[kind](told(gateway), tally))

        async def often() -> bool:
            return tally.done > 2 * len(wanted)

        await until(often, 30, what="each door twice")
        knocking.cancel()
        await asyncio.wait([knocking])

    assert {request.split(b" HTTP")[0].decode() for request in heard} == wanted
    assert all(b"X-App" not in request for request in heard)


async def test_a_crowd_does_not_end_when_nobody_listens() -> None:
    await crowd.call("http://127.0.0.1:1", b"GET / HTTP/1.1\r\n\r\n")
