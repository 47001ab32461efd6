"""Talks to the platform as marketing does, over HTTP, and does not mind a service that restarts.

Every call may be repeated: what it creates has a name, and a name that exists is looked up.
"""

import asyncio
from http import HTTPStatus
from time import monotonic
from types import TracebackType
from typing import Any, Self

import httpx

from counterfoil.demo.target import StuckError

PAUSE_SECONDS = 0.3
PATIENCE_SECONDS = 120.0
CALL_SECONDS = 30.0
AT_ONCE = 100

Body = dict[str, Any]


class UnexpectedAnswerError(Exception):
    """An answer that no repetition would change."""

    def __init__(self, method: str, path: str, answer: httpx.Response) -> None:
        super().__init__(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")


class Gateway:
    """The public API, with the keys of one project."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._http = httpx.AsyncClient(
            base_url=url, headers=headers, timeout=CALL_SECONDS, trust_env=False
        )
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def call(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        accepting: frozenset[HTTPStatus] = frozenset(),
    ) -> tuple[int, Any]:
        """Return status and body; raise for a refusal that is not among those accepted."""
        trouble = ""
        deadline = monotonic() + PATIENCE_SECONDS
        while monotonic() < deadline:
            try:
                async with self._slots:
                    answer = await self._http.request(method, path, json=body)
            except httpx.TransportError as error:
                trouble = f"{type(error).__name__}: {error}"
            else:
                if answer.is_success or answer.status_code in accepting:
                    return answer.status_code, answer.json() if answer.content else None
                if not _passing(answer.status_code):
                    raise UnexpectedAnswerError(method, path, answer)
                trouble = f"{answer.status_code}: {answer.text[:200]}"
            await asyncio.sleep(PAUSE_SECONDS)
        raise StuckError(f"{method} {path}", trouble, ("gateway", "campaigns", "analytics"))


def _passing(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
