"""Who calls: X-App-Id names the key, X-App-Token proves it.

A key that was found is remembered for a moment, so that a revoked one is refused that much later at
the latest. A key that is not there is never remembered as missing: it may be there in a moment, and
guesses would fill the memory.
"""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from starlette.requests import Request

from servicekit.http.errors import forbidden, unauthorized

# Beyond the way of the change to the service that checks the key.
REVOKED_WITHIN_SECONDS: Final = 1.0
MOST_REMEMBERED: Final = 10_000
LONGEST_ID: Final = 100
NO_DIGEST: Final = hashlib.sha256(b"").digest()  # compared in place of a key that is not there


class HasScopes(Protocol):
    """What a caller is, as far as the cache asks."""

    @property
    def scopes(self) -> Collection[str]: ...


C = TypeVar("C", bound=HasScopes)


class Caller(NamedTuple):
    """A key that was proven, and the project that it may act for."""

    key_id: str
    project_id: str
    scopes: frozenset[str]


class KnownKey(NamedTuple, Generic[C]):
    """A key in force: SHA-256 of its secret, and who has it."""

    digest: bytes
    caller: C


LookUp = Callable[[str], Awaitable[KnownKey[C] | None]]


class KeyCache(Generic[C]):
    """Checks keys against what `look_up` finds; a class because it remembers."""

    def __init__(self, look_up: LookUp[C]) -> None:
        self._look_up = look_up
        self._found: dict[str, tuple[float, KnownKey[C]]] = {}

    async def caller(self, request: Request, scope: str) -> C:
        """Return who calls. Raises ApiError: 401 for a wrong key, 403 for one without the scope."""
        headers = request.headers
        key = await self._key(headers.get("x-app-id", ""))
        digest = hashlib.sha256(headers.get("x-app-token", "").encode()).digest()
        # Compared in any case: how long it takes must not tell which ids there are.
        proven = hmac.compare_digest(digest, NO_DIGEST if key is None else key.digest)
        if key is None or not proven:
            raise unauthorized()
        if scope not in key.caller.scopes:
            raise forbidden(scope)
        return key.caller

    async def _key(self, key_id: str) -> KnownKey[C] | None:
        # What is no id of ours must not reach a database: some cannot even hold it.
        if not 0 < len(key_id) <= LONGEST_ID or not key_id.isascii() or not key_id.isprintable():
            return None
        now = time.monotonic()
        seen, found = self._found.get(key_id, (-REVOKED_WITHIN_SECONDS, None))
        if found is not None and now - seen < REVOKED_WITHIN_SECONDS:
            return found
        looked_up = await self._look_up(key_id)
        if looked_up is None:
            self._found.pop(key_id, None)
            return None
        if len(self._found) >= MOST_REMEMBERED:
            self._found.clear()
        self._found[key_id] = (now, looked_up)
        return looked_up
