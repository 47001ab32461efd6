"""Passwords: hashed with argon2id, one at a time and outside the event loop.

A hash takes 20 ms of a core and 19 MiB on purpose. So nobody can keep the machine busy with them:
tries are throttled before, of those that are let through one is hashed at a time, some wait, and
others are told to come again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from servicekit.http.errors import unavailable

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
LANES: Final = 1
MOST_WAITING: Final = 50  # served within a second
HASHER: Final = PasswordHasher(PASSES, MEMORY_KIB, LANES)


@cache
def _of_nobody() -> str:
    """Return what is checked where there is no password, so that saying no takes as long."""
    return HASHER.hash("nobody's")


class Passwords:
    """Hashes and checks; a class because it counts who waits."""

    def __init__(self) -> None:
        self._of_nobody = _of_nobody()
        self._turn = asyncio.Semaphore(1)
        self._within = 0

    async def hash(self, password: str) -> str:
        """Return what is stored in place of a password."""
        async with self._taken():
            return await asyncio.to_thread(HASHER.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Tell whether it is the right one. Raises ApiError 503 where too many wait."""
        async with self._taken():
            return await asyncio.to_thread(self._matches, password_hash, password)

    def _matches(self, password_hash: str | None, password: str) -> bool:
        try:
            HASHER.verify(password_hash or self._of_nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    @asynccontextmanager
    async def _taken(self) -> AsyncIterator[None]:
        if self._within > MOST_WAITING:
            raise unavailable("too many sign in at this moment: try again")
        self._within += 1
        try:
            async with self._turn:
                yield
        finally:
            self._within -= 1
