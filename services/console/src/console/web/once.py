"""A form that is sent twice is done once: double clicks, Enter twice, Back and send again.

What a form led to is remembered by the key that was made when it was rendered, in this process and
for a while: another replica knows nothing of it. A session's secret is never kept here.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.responses import RedirectResponse, Response

from console.session import cookies
from console.web.visit import PRIVATE, SEE_OTHER

REMEMBERED_SECONDS: Final = 600.0
MOST: Final = 5_000
REFUSED: Final = 400


class Once:
    """Remembers what forms led to; a class because it remembers."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Future[Response]] = {}
        self._done: dict[str, tuple[float, Response]] = {}

    async def answer(
        self, key: str, path: str, make: Callable[[], Awaitable[Response]]
    ) -> Response:
        """Do it, or wait for the same that is under way, or lead to where it led."""
        done = self._done.get(key)
        if done is not None and time.monotonic() - done[0] < REMEMBERED_SECONDS:
            return done[1]
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = asyncio.ensure_future(make())
            running.add_done_callback(lambda _done: self._running.pop(key, None))
        response = await asyncio.shield(running)  # who hangs up does not take it along
        if response.status_code < REFUSED and not cookies.begins_session(response):
            self._remember(key, path, response)
        return response

    def _remember(self, key: str, path: str, response: Response) -> None:
        if len(self._done) >= MOST:
            self._done.clear()
        if response.status_code != SEE_OTHER:  # it shows a secret, which is shown once
            response = RedirectResponse(path, SEE_OTHER, PRIVATE)
        self._done[key] = (time.monotonic(), response)
