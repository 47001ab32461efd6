"""What clients asked for and what they heard, while things break around them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer

from contracts import topics
from kit.shops import Shop, requested

EVERY_SECONDS = 0.05
HTTP_SECONDS = 20.0
UNREADABLE_EVERY = 20  # requests by Kafka
DECIDED = (200, 400, 404)

Answer = tuple[int, bytes]


@dataclass
class History:
    """Requests by their keys. An unknown outcome is asked again with the same key."""

    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    answered: dict[str, Answer] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    appended: set[str] = field(default_factory=set)
    unreadable: set[bytes] = field(default_factory=set)

    def heard(self) -> int:
        return len(self.answered)


class Clients:
    """Checkouts that ask at a steady rate, each request with a key of its own."""

    def __init__(self, shop: Shop, codes: list[str], producer: AIOKafkaProducer) -> None:
        self._shop = shop
        self._codes = codes
        self._producer = producer
        self.history = History()

    def wish(self, number: int) -> tuple[str, dict[str, Any]]:
        key = uuid4().hex
        wish = {
            "code": self._codes[number % len(self._codes)],
            "customer": f"customer-{number % 40}",
            "amount": 1000 + number,
        }
        self.history.asked[key] = wish
        return key, wish

    async def by_http(self, key: str) -> None:
        try:
            answer = await self._shop.redeem(key=key, **self.history.asked[key])
        except httpx.TransportError:
            self.history.unknown.add(key)
            return
        if answer.status_code not in DECIDED:
            assert answer.status_code in (502, 503, 504), answer.text  # and never a 500
            self.history.unknown.add(key)
            return
        given = (answer.status_code, answer.content)
        assert self.history.answered.setdefault(key, given) == given
        self.history.unknown.discard(key)

    async def by_kafka(self, key: str) -> None:
        request = requested(self._shop.project_id, request_id=key, **self.history.asked[key])
        await self._append(request.data.codes[0].encode(), request.encode())
        self.history.appended.add(key)

    async def nonsense(self) -> None:
        value = b"\xff" + uuid4().bytes
        await self._append(b"nonsense", value)
        self.history.unreadable.add(value)

    async def _append(self, key: bytes, value: bytes) -> None:
        topic = topics.REDEMPTION_REQUESTS.name
        await self._producer.send_and_wait(topic, value, key)

    async def settle(self) -> None:
        """Ask again for everything whose outcome nobody heard, and everything a second time."""
        for key in list(self.history.unknown) + list(self.history.answered):
            await self.by_http(key)


@asynccontextmanager
async def steady_load(shop: Shop, codes: list[str]) -> AsyncIterator[Clients]:
    """Let clients ask by HTTP and by Kafka while the block breaks things.

    Afterwards everything that was sent to Kafka is there, however long it took.
    """
    producer = AIOKafkaProducer(
        **shop.platform.principals["checkout"].options(), enable_idempotence=True, acks="all"
    )
    await producer.start()
    clients, over = Clients(shop, codes, producer), asyncio.Event()

    async def asking() -> None:
        number = 0
        async with asyncio.TaskGroup() as asked:
            while not over.is_set():
                number += 1
                asked.create_task(clients.by_http(clients.wish(number)[0]))
                asked.create_task(clients.by_kafka(clients.wish(number)[0]))
                if number % UNREADABLE_EVERY == 0:
                    asked.create_task(clients.nonsense())
                await asyncio.sleep(EVERY_SECONDS)

    load = asyncio.create_task(asking())
    try:
        yield clients
        over.set()
        await asyncio.wait_for(load, 90)
    finally:
        load.cancel()
        await asyncio.gather(load, return_exceptions=True)
        await producer.stop()
