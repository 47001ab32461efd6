"""Who calls: X-App-Id names the key, X-App-Token proves it.

All keys in force are in memory, in a table that is read anew once it is a moment old: so that much
later, at the latest, a revoked key is refused. A caller who is not proven by the table is refused
by one that was read after he came: a fresh key opens at once, and an id that is not there takes as
long as a wrong secret. Those who wait share a reading, and readings keep a distance: made-up keys,
however many, cost a few small questions a second and no look-up each.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from starlette.requests import Request

from servicekit.http.errors import forbidden, unauthorized

# Beyond the way of the change to the service that checks the key.
REVOKED_WITHIN_SECONDS: Final = 1.0
BETWEEN_READINGS_SECONDS: Final = 0.05
NO_DIGEST: Final = hashlib.sha256(b"").digest()  # compared in place of a key that is not there


class HasScopes(Protocol):
    """What a caller is, as far as the table asks."""

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


Stamp = Callable[[], Awaitable[object]]
Load = Callable[[], Awaitable[Mapping[str, KnownKey[C]]]]


class KeyTable(Generic[C]):
    """Checks keys; a class because it remembers.

    `load` reads all keys in force, by their ids. `stamp` is the cheap question: its answer is
    another one whenever a key was added or revoked.
    """

    def __init__(self, stamp: Stamp, load: Load[C]) -> None:
        self._stamp = stamp
        self._load = load
        self._keys: Mapping[str, KnownKey[C]] = {}
        self._stamped: object = None
        self._read_at = float("-inf")  # when the newest complete reading began
        self._reading: asyncio.Task[None] | None = None

    def admits(self, scope: str) -> Callable[[Request], Awaitable[C]]:
        """Return what a door asks: who calls, if he may do this."""
        return partial(self.caller, scope=scope)

    async def caller(self, request: Request, *, scope: str) -> C:
        """Return who calls. Raises ApiError: 401 for a wrong key, 403 for one without the scope."""
        key_id = request.headers.get("x-app-id")
        if not key_id:
            raise unauthorized()
        digest = hashlib.sha256(request.headers.get("x-app-token", "").encode()).digest()
        came = time.monotonic()
        if came - self._read_at > REVOKED_WITHIN_SECONDS:
            await self._read_since(came - REVOKED_WITHIN_SECONDS)
        caller = self._proven(key_id, digest)
        if caller is None:
            await self._read_since(came)
            caller = self._proven(key_id, digest)
        if caller is None:
            raise unauthorized()
        if scope not in caller.scopes:
            raise forbidden(scope)
        return caller

    def _proven(self, key_id: str, digest: bytes) -> C | None:
        key = self._keys.get(key_id)
        # Compared in any case: how long it takes must not tell which ids there are.
        proven = hmac.compare_digest(digest, NO_DIGEST if key is None else key.digest)
        return key.caller if key is not None and proven else None

    async def _read_since(self, moment: float) -> None:
        """Wait for a reading that began at that moment or later. An outage is raised."""
        while self._read_at < moment:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
                self._reading.add_done_callback(_seen)
            await asyncio.shield(self._reading)  # whoever goes away does not take it along

    async def _read(self) -> None:
        await asyncio.sleep(self._read_at + BETWEEN_READINGS_SECONDS - time.monotonic())
        began = time.monotonic()
        stamped = await self._stamp()
        if stamped != self._stamped:
            self._keys = await self._load()
            self._stamped = stamped  # of before the keys: what changed in between is read again
        self._read_at = began


def _seen(reading: asyncio.Task[None]) -> None:
    if not reading.cancelled():
        reading.exception()  # also where all who waited have gone away: nobody need complain
