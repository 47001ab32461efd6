"""What goes on while a switch is thrown: `python -m counterfoil.bench.crowd <kind>`.

A process of its own, so that it delays nobody but by the cores that it takes. It says when it is at
work, and how much it has done when it is told to end.
"""

import asyncio
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from contracts.ids import uuid7
from counterfoil.bench import odd_batches
from counterfoil.bench.hammer import encoded
from counterfoil.bench.load import Load, append, requests
from servicekit.kafka.connection import Kafka

TOLD = "COUNTERFOIL_BENCH_CROWD"  # by environment: arguments are visible to everybody
AT_WORK = "at work"

GROUP = "redemption"
AHEAD, AT_ONCE = 20_000, 2_000
LOOK_SECONDS = 0.02

BODIES, BODY_BYTES = 8, (9_600_000, 990_000)  # what once was the largest, and what is now
CLOSE = {"Connection": "close"}
DOORS = ("/v1/campaigns", "/management/v1/projects", "/v1/redemptions", "/v1/partners")
READERS = 50
PAGES = (
    "/docs",
    *(f"/docs/{name}" for name in ("campaigns", "redemption", "analytics")),
    *(f"/openapi/{name}.json" for name in ("campaigns", "redemption", "analytics")),
    *(f"/asyncapi/{name}" for name in ("campaigns", "redemption", "analytics")),
)
PATIENCE_SECONDS = 60.0
BOMB_MEGABYTES = 800
PARTITIONS = 4
ROUND_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Told:
    """Where the crowd goes: the gateway, and the topic that is its own, with the way in."""

    gateway: str
    project_id: str
    topic: str
    code: str
    vendor: Kafka
    operator: Kafka
    lines: int = 1  # of a basket

    def as_json(self) -> str:
        return json.dumps(
            {
                "gateway": self.gateway,
                "project_id": self.project_id,
                "topic": self.topic,
                "code": self.code,
                "vendor": self.vendor.as_dict(),
                "operator": self.operator.as_dict(),
                "lines": self.lines,
            }
        )

    @classmethod
    def of_json(cls, text: str) -> "Told":
        told: dict[str, Any] = json.loads(text)
        for name in ("vendor", "operator"):
            told[name] = Kafka(**told[name])
        return cls(**told)


class Tally:
    """How much was done."""

    def __init__(self) -> None:
        self.done = 0

    def add(self, number: int = 1) -> None:
        if not self.done:
            print(AT_WORK, flush=True)  # noqa: T201
        self.done += number


async def load(told: Told, tally: Tally) -> None:
    """Keep redemption busy: always have it some requests behind, and never many."""
    admin = AIOKafkaAdminClient(**told.operator.options())
    await admin.start()
    try:
        async with AIOKafkaProducer(**told.vendor.options(), max_batch_size=131_072) as producer:
            before = await decided(admin, told.topic)
            wanted_load = Load("crowd", [told.code], told.lines)
            while True:
                behind = before + tally.done - await decided(admin, told.topic)
                if behind > AHEAD - AT_ONCE:
                    await asyncio.sleep(LOOK_SECONDS)
                    continue
                wanted = requests(told.project_id, f"load-{uuid7()}", wanted_load, AT_ONCE)
                with suppress(KafkaError):  # a broker that is busy is what we are here for
                    await append(producer, told.topic, wanted)
                    tally.add(AT_ONCE)
    finally:
        await admin.close()


async def decided(admin: AIOKafkaAdminClient, topic: str) -> int:
    """Count the requests of a topic that redemption has done with."""
    partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    committed = await admin.list_consumer_group_offsets(GROUP, partitions=partitions)
    return sum(max(found.offset, 0) for found in committed.values())


async def bodies(told: Told, tally: Tally) -> None:
    """Post the largest bodies without a key, eight at a time."""
    largest = [b'{"name":[' + b"0," * (size // 2 - 20) + b"0]}" for size in BODY_BYTES]
    doors = itertools.cycle(
        [encoded(told.gateway, door, CLOSE, body) for body in largest for door in DOORS]
    )
    await together(BODIES, lambda: call(told.gateway, next(doors)), tally)


async def pages(told: Told, tally: Tally) -> None:
    """Open every page, fifty readers in turn."""
    host = urlsplit(told.gateway).netloc
    gets = itertools.cycle(
        [f"GET {page} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n" for page in PAGES]
    )
    await together(READERS, lambda: call(told.gateway, next(gets).encode()), tally)


async def together(number: int, once: Callable[[], Awaitable[None]], tally: Tally) -> None:
    async def again_and_again() -> None:
        while True:
            await once()
            tally.add()

    async with asyncio.TaskGroup() as crowd:
        for _ in range(number):
            crowd.create_task(again_and_again())


async def call(url: str, request: bytes) -> None:
    """Send it on a connection of its own; whether it is answered or cut off, it was sent."""
    address = urlsplit(url)
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            try:
                writer.write(request)
                async for _ in answer(reader):
                    pass
            finally:
                writer.transport.abort()


async def answer(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Read until the other side has nothing to say any more; of a refusal the beginning will do."""
    first = True
    while piece := await reader.read(65_536):
        yield piece
        if first and piece[9:10] == b"4":
            return
        first = False


async def records(told: Told, tally: Tally) -> None:
    """Send bombs, and records that no client parses, on every partition of a vendor's topic."""
    bomb, odd = odd_batches.a_bomb(BOMB_MEGABYTES, "gzip"), odd_batches.an_unparsable_batch()
    largest = odd_batches.LARGEST_REQUEST
    producer = AIOKafkaProducer(**told.vendor.options(), max_request_size=largest)
    async with producer:
        for number in itertools.count():
            with suppress(KafkaError):
                for partition in range(PARTITIONS):
                    await odd_batches.send(producer, told.topic, odd, partition)
                    tally.add()
                await odd_batches.send(producer, told.topic, bomb, number % PARTITIONS)
                tally.add()
            await asyncio.sleep(ROUND_SECONDS)


KINDS: dict[str, Callable[[Told, Tally], Awaitable[None]]] = {
    "load": load,
    "bodies": bodies,
    "pages": pages,
    "records": records,
}


async def main(kind: str) -> None:
    """Go on until told to end, and say how much was done."""
    task, tally = asyncio.current_task(), Tally()
    assert task is not None  # noqa: S101  # we run inside one
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await KINDS[kind](Told.of_json(os.environ[TOLD]), tally)
    except asyncio.CancelledError:
        print(tally.done, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
