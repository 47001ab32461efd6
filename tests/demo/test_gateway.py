"""Against a real server on a socket, because that is what fails in real life."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest

from counterfoil.demo import gateway
from counterfoil.demo.gateway import Gateway, UnexpectedAnswerError


@asynccontextmanager
async def answering(statuses: Iterator[int | None]) -> AsyncIterator[str]:
    """Serve these statuses one by one; None hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        status = next(statuses)
        if status is not None:
            head = f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\nConnection: close\r\n"
            writer.write(f"{head}Content-Type: application/json\r\n\r\n{{}}".encode())
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


async def test_a_service_that_restarts_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "PAUSE_SECONDS", 0.0)
    async with answering(iter([503, None, 502, 200])) as url, Gateway(url, {}) as asked:
        assert await asked.call("GET", "/v1/partners") == (200, {})


async def test_a_refusal_is_not_asked_again() -> None:
    async with answering(iter([400, 200])) as url, Gateway(url, {}) as asked:
        with pytest.raises(UnexpectedAnswerError, match="POST /v1/partners answered 400"):
            await asked.call("POST", "/v1/partners")


async def test_a_conflict_is_an_answer_where_it_is_accepted() -> None:
    async with answering(iter([409])) as url, Gateway(url, {}) as asked:
        status, _ = await asked.call(
            "POST", "/v1/partners", accepting=frozenset({HTTPStatus.CONFLICT})
        )
        assert status == HTTPStatus.CONFLICT
