"""Who asks: X-App-Id names the key, X-App-Token proves it."""

import hashlib
import hmac
import time
from typing import NamedTuple

import asyncpg
from starlette.requests import Request

from redemption.api.errors import forbidden, unauthorized
from redemption.lookups import api_key

SCOPE = "redemptions"
FRESH_SECONDS = 1.0  # a revoked key is refused this much later at the latest
MOST_REMEMBERED = 10_000


class Caller(NamedTuple):
    """A key that was proven, and the project that it may act for."""

    key_id: str
    project_id: str


class Keys:
    """Checks keys against our copy of the projects, remembered for a second."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._known: dict[str, tuple[float, tuple[str, bytes, list[str]] | None]] = {}

    async def caller(self, request: Request) -> Caller:
        """Return who asks. Raises ApiError 401 for a wrong key, 403 for one without the scope."""
        key_id = request.headers.get("x-app-id", "")
        secret = request.headers.get("x-app-token", "")
        if not key_id or not secret or "\0" in key_id:
            raise unauthorized()
        found = await self._look_up(key_id)
        digest = hashlib.sha256(secret.encode()).digest()
        if found is None or not hmac.compare_digest(digest, found[1]):
            raise unauthorized()
        if SCOPE not in found[2]:
            raise forbidden(SCOPE)
        return Caller(key_id, found[0])

    async def _look_up(self, key_id: str) -> tuple[str, bytes, list[str]] | None:
        now = time.monotonic()
        seen, found = self._known.get(key_id, (-FRESH_SECONDS, None))
        if now - seen < FRESH_SECONDS and found is not None:
            return found
        found = await api_key(self._pool, key_id)
        if found is not None:  # what is not there may be there in a moment, and costs no memory
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key_id] = (now, found)
        return found
