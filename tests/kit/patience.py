"""Waiting for a condition, with a deadline and an answer to why it was in vain."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import httpx
from aiokafka.errors import KafkaError
from clickhouse_connect.driver.exceptions import ClickHouseError

T = TypeVar("T")


class NotYetError(Exception):
    """Raised by who is asked, to say what is still not so."""


# What a place raises while it is away; waiting for it to come back is what tests of faults do.
AWAY: tuple[type[Exception], ...] = (
    *(NotYetError, OSError, TimeoutError, httpx.HTTPError, KafkaError),
    *(asyncpg.PostgresError, asyncpg.InterfaceError, ClickHouseError),
)


async def until(
    ask: Callable[[], Awaitable[T | None]],
    seconds: float = 30,
    *,
    every: float = 0.05,
    what: str = "",
) -> T:
    """Ask until the answer is truthy, and return it."""
    gives_up = time.monotonic() + seconds
    while True:
        last: object
        try:
            answer = await ask()
        except AWAY as error:
            last = error
        else:
            if answer:
                return answer
            last = answer
        assert time.monotonic() < gives_up, f"{what} not within {seconds:g} s, at last: {last!r}"
        await asyncio.sleep(every)


async def until_true(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for what can be seen from here, without asking anybody."""

    async def ask() -> bool:
        return condition()

    await until(ask, seconds, every=0.01)
