"""Asks the API as one caller, who is told apart by a token that is renewed when it is refused."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx

from console.api import refusals
from console.api.refusals import NOT_FOUND, OutageError, RefusedError, SessionEndedError

CONNECT_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 12.0  # longer than the gateway lets a service take
MOST_CONNECTIONS: Final = 100
UNAUTHORIZED: Final = 401
UNDO_VERSION: Final = "X-Undo-Version"

# Gives a token that is good now; True: the last one was refused.
Authorize = Callable[[bool], Awaitable[str]]
Query = Mapping[str, str | int | Sequence[str] | None]


def http(url: str, public: str) -> httpx.AsyncClient:
    """Make the one client of a process: connections to the API are kept.

    It asks by the name that people use, wherever the API is: links in answers begin with that.
    """
    called = urlsplit(public)
    return httpx.AsyncClient(
        base_url=url,
        headers={"Host": called.netloc, "X-Forwarded-Proto": called.scheme},
        timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=20),
        trust_env=False,
    )


class Api:
    """The API as one caller; made for one request of a person, whose id it passes on."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        authorize: Authorize | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._client = client
        self._authorize = authorize
        self._headers = dict(headers or {})

    async def get(self, path: str, query: Query | None = None) -> Any:
        return await self._ask("GET", path, query)

    async def find(self, path: str) -> dict[str, Any] | None:
        """Get what may not be there, or no longer."""
        try:
            found: dict[str, Any] = await self.get(path)
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            return None
        return found

    async def post(
        self, path: str, body: Any = None, *, key: str | None = None, query: Query | None = None
    ) -> Any:
        """Send; the same `key` twice is done once, where the API keeps keys: redemption does."""
        return await self._ask("POST", path, query, body, key)

    async def put(self, path: str, body: Any, *, query: Query | None = None) -> Any:
        return await self._ask("PUT", path, query, body)

    async def delete(self, path: str, body: Any = None, *, query: Query | None = None) -> Any:
        return await self._ask("DELETE", path, query, body)

    async def discard(self, path: str) -> Any:
        """Put into the bin; what has no body says in a header which version undoes it."""
        answer = await self._taken("DELETE", path)
        if answer.content:
            return answer.json()
        version = answer.headers.get(UNDO_VERSION)
        return {"undo": None if version is None else {"body": {"version": int(version)}}}

    @contextlib.asynccontextmanager
    async def stream(
        self, path: str, query: Query, accept: str
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Pass on an answer of any length; what is refused is refused before the first byte."""
        for again in (False, True):
            request = self._client.build_request(
                "GET",
                path,
                params=_named(query),
                headers=await self._head(again) | {"Accept": accept},
            )
            answer = await self._sent(request, stream=True)
            try:
                if answer.status_code == UNAUTHORIZED and not again:
                    continue
                if not answer.is_success:
                    await answer.aread()
                    self._refuse(answer)
                yield answer.aiter_bytes()
                return
            finally:
                await answer.aclose()

    async def _ask(
        self, method: str, path: str, query: Query | None, body: Any = None, key: str | None = None
    ) -> Any:
        answer = await self._taken(method, path, query, body, key)
        return answer.json() if answer.content else None

    async def _taken(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Any = None,
        key: str | None = None,
    ) -> httpx.Response:
        answer = await self._answer(method, path, query, body, key, again=False)
        if answer.status_code == UNAUTHORIZED and self._authorize is not None:
            # Nothing was done, so nothing is done twice.
            answer = await self._answer(method, path, query, body, key, again=True)
        if not answer.is_success:
            self._refuse(answer)
        return answer

    async def _answer(
        self,
        method: str,
        path: str,
        query: Query | None,
        body: Any,
        key: str | None,
        *,
        again: bool,
    ) -> httpx.Response:
        headers = await self._head(again)
        if key is not None:
            headers["Idempotency-Key"] = key
        request = self._client.build_request(
            method, path, params=_named(query), json=body, headers=headers
        )
        return await self._sent(request)

    async def _head(self, again: bool) -> dict[str, str]:
        if self._authorize is None:
            return dict(self._headers)
        return self._headers | {"Authorization": f"Bearer {await self._authorize(again)}"}

    async def _sent(self, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
        try:
            return await self._client.send(request, stream=stream)
        except httpx.TransportError as error:
            told = {"key": "api_unreachable", "message": type(error).__name__}
            raise OutageError(503, told) from error

    def _refuse(self, answer: httpx.Response) -> None:
        if answer.status_code == UNAUTHORIZED and self._authorize is not None:
            raise SessionEndedError
        try:
            told = answer.json()
        except ValueError:
            told = {"key": "not_json", "message": answer.reason_phrase}
        raise refusals.of(answer.status_code, told)


def segment(text: str) -> str:
    """Write an id or a code as one segment of a path, also what would lead to another one."""
    return text.replace(".", "%2E") if text in (".", "..") else quote(text, safe="")


def _named(query: Query | None) -> httpx.QueryParams:
    pairs: list[tuple[str, str | int | float | bool | None]] = []
    for name, value in (query or {}).items():
        if isinstance(value, str | int):
            pairs.append((name, str(value)))
        elif value is not None:
            pairs.extend((name, each) for each in value)
    return httpx.QueryParams(pairs)
