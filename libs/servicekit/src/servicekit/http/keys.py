"""Who calls: X-App-Id names the key, X-App-Token proves it; a person sends a token instead.

All keys in force are in memory, in a table that is read anew once it is a moment old: so that much
later, at the latest, a revoked key is refused. A caller who is not proven by the table is refused
by one that was read after he came: a fresh key opens at once, and an id that is not there takes as
long as a wrong secret. Those who wait share a reading, and readings keep a distance: made-up keys,
however many, cost a few small questions a second and no look-up each.

A token proves itself; the table says whether the session and the grant that it came from have been
ended, and is as old at most.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from starlette.requests import Request

from servicekit.http import tokens
from servicekit.http.errors import ApiError, forbidden, unauthorized
from servicekit.http.tokens import Claims, InvalidTokenError

# Beyond the way of the change to the service that checks the key.
REVOKED_WITHIN_SECONDS: Final = 1.0
BETWEEN_READINGS_SECONDS: Final = 0.05
KEY_HEADERS: Final = ("x-app-id", "x-app-token")
READS: Final = frozenset({"GET", "HEAD"})
BEARER: Final = "bearer "
NO_DIGEST: Final = hashlib.sha256(b"").digest()  # compared in place of a key that is not there


class HasScopes(Protocol):
    """What a caller is, as far as the table asks."""

    @property
    def scopes(self) -> Collection[str]: ...


C = TypeVar("C", bound=HasScopes)


class Caller(NamedTuple):
    """Who has proven a key or a token, and the project that he may act for.

    `key_id` is the key's or, of a token, its bearer's; `partner_id` is whom he stands for, if he
    may do nothing but that.
    """

    key_id: str
    project_id: str
    scopes: frozenset[str]
    partner_id: str | None = None


class KnownKey(NamedTuple, Generic[C]):
    """A key in force: SHA-256 of its secret, who has it, and until when (in seconds)."""

    digest: bytes
    caller: C
    expires_at: float | None = None


def _nobody(_claims: Claims) -> None:
    return None


class InForce(NamedTuple, Generic[C]):
    """Who may come in: keys by their ids, and whoever has a token.

    `ended` has the ids of sessions and grants whose tokens open nothing any more; `bearer` makes a
    caller of a token, or None where its project is not known.
    """

    keys: Mapping[str, KnownKey[C]]
    ended: Collection[str] = ()
    bearer: Callable[[Claims], C | None] = _nobody


Stamp = Callable[[], Awaitable[object]]
Load = Callable[[], Awaitable[InForce[C]]]


class KeyTable(Generic[C]):
    """Checks keys and tokens; a class because it remembers.

    `load` reads who may come in. `stamp` is the cheap question: its answer is another one whenever
    a key was added or revoked, or a session or a grant ended. `signed_by` are the public keys of
    whoever signs tokens.
    """

    def __init__(
        self, stamp: Stamp, load: Load[C], signed_by: tokens.Keys = tokens.OF_NOBODY
    ) -> None:
        self._stamp = stamp
        self._load = load
        self._signed_by = signed_by
        self._in_force: InForce[C] = InForce({})
        self._stamped: object = None
        self._read_at = float("-inf")  # when the newest complete reading began
        self._reading: asyncio.Task[None] | None = None

    def admits(self, *change: str, read: tuple[str, ...] = ()) -> Callable[[Request], Awaitable[C]]:
        """Return what a door asks: who calls, if he may do this.

        Any one of the scopes of `change` lets him do all; who has one of `read` may only look.
        """
        return partial(self.caller, change=change, read=read)

    async def caller(
        self, request: Request, *, change: tuple[str, ...], read: tuple[str, ...] = ()
    ) -> C:
        """Return who calls. Raises ApiError: 401 for who is not proven, 403 without the scope."""
        caller = await self.bearer(request) or await self.owner_of_key(request)
        enough = change + read if request.method in READS else change
        if not any(scope in caller.scopes for scope in enough):
            raise forbidden(enough)
        return caller

    async def bearer(self, request: Request) -> C | None:
        """Return who has a token, whatever its scopes, or None for who sends none."""
        sent = request.headers.get("authorization")
        if sent is None or not sent.lower().startswith(BEARER):
            return None
        if "x-app-id" in request.headers:  # whose wish would it be?
            raise unauthorized("send a key or a token, not both")
        try:
            claims = tokens.verify(sent[len(BEARER) :].strip(), self._signed_by)
        except InvalidTokenError as error:
            raise unauthorized(str(error)) from error
        came = time.monotonic()
        await self._read_since(came - REVOKED_WITHIN_SECONDS)
        caller = self._in_force.bearer(claims)
        if caller is None:  # a project that was opened a moment ago
            await self._read_since(came)
            caller = self._in_force.bearer(claims)
        ended = self._in_force.ended
        if caller is None or claims.session_id in ended or claims.grant_id in ended:
            raise unauthorized("the token is in force no more: ask for another, or sign in again")
        return caller

    async def owner_of_key(self, request: Request, headers: tuple[str, str] = KEY_HEADERS) -> C:
        """Return whose key is in these headers, whatever its scopes. Raises ApiError 401."""
        key_id, token = [request.headers.get(name, "") for name in headers]
        if not key_id:
            raise _unproven(headers)
        digest = hashlib.sha256(token.encode()).digest()
        came = time.monotonic()
        await self._read_since(came - REVOKED_WITHIN_SECONDS)
        caller = self._proven(key_id, digest)
        if caller is None:
            await self._read_since(came)
            caller = self._proven(key_id, digest)
        if caller is None:
            raise _unproven(headers)
        return caller

    def _proven(self, key_id: str, digest: bytes) -> C | None:
        key = self._in_force.keys.get(key_id)
        # Compared in any case: how long it takes must not tell which ids there are.
        proven = hmac.compare_digest(digest, NO_DIGEST if key is None else key.digest)
        if key is None or not proven:
            return None
        return key.caller if key.expires_at is None or time.time() < key.expires_at else None

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
            self._in_force = await self._load()
            self._stamped = stamped  # of before the keys: what changed in between is read again
        self._read_at = began


def _unproven(headers: tuple[str, str]) -> ApiError:
    """Refuse who has no key in force, by the headers that this door asks for one."""
    if headers == KEY_HEADERS:
        return unauthorized()
    return unauthorized(f"send a valid {' and '.join(each.title() for each in headers)}")


def _seen(reading: asyncio.Task[None]) -> None:
    if not reading.cancelled():
        reading.exception()  # also where all who waited have gone away: nobody need complain
