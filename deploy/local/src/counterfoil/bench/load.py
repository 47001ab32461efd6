"""The requests of a benchmark: encoded beforehand, so that making them costs no measured time."""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson
from aiokafka import AIOKafkaProducer

CHUNK = 1000
SHOPPERS = 50_000


class Load(NamedTuple):
    """A named stream of requests: the codes are used in turn, by as many shoppers as a town has.

    With `lines` a basket says as much as the terms of a typical campaign ask for.
    """

    name: str
    codes: Sequence[str]
    lines: int = 1

    @property
    def is_typical(self) -> bool:
        """Tell whether what typical terms ask for is said."""
        return self.lines > 1


class Wanted(NamedTuple):
    """A request that waits to be appended."""

    code: bytes
    value: bytes


def requests(project_id: str, run: str, load: Load, count: int) -> list[Wanted]:
    """Encode `count` different requests; `run` tells those of two runs apart."""
    codes = load.codes
    step = 7919 % len(codes) or 1  # a prime: neighbours in the stream are strangers
    return [
        Wanted(code.encode(), _request(project_id, f"{run}-{number}", number, code, load))
        for number in range(count)
        for code in [codes[number * step % len(codes)]]
    ]


def customer(number: int, load: Load) -> dict[str, Any]:
    """Name the shopper of a request, as HTTP and Kafka both spell it."""
    named: dict[str, Any] = {"source_id": f"shopper-{number % SHOPPERS}"}
    return named | {"metadata": {"tier": "gold"}} if load.is_typical else named


def shares(amount: int, load: Load) -> list[int]:
    """Divide an order's amount among its lines."""
    return [(amount + n) // load.lines for n in range(load.lines)]


def _request(project_id: str, request_id: str, number: int, code: str, load: Load) -> bytes:
    amount = 2_000 + number % 5_000
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": request_id,
            "source": "/bench",
            "type": "coupons.redemption.requested.v1",
            "subject": code,
            "time": "2026-01-01T00:00:00.000Z",
            "projectid": project_id,
            "data": {
                "request_id": request_id,
                "code": code,
                "customer": customer(number, load),
                "order": {
                    "id": f"order-{request_id}",
                    "amount_minor": amount,
                    "items": [
                        {"product_id": f"p-{n}", "quantity": 1, "amount_minor": share}
                        for n, share in enumerate(shares(amount, load), 1)
                    ],
                },
            },
        }
    )


async def append(producer: AIOKafkaProducer, topic: str, wanted: Iterable[Wanted]) -> None:
    """Append requests keyed by code, in batches per partition, and wait for the last ack."""
    partitions = len(await producer.partitions_for(topic))
    batches = [producer.create_batch() for _ in range(partitions)]
    acks = []
    for code, value in wanted:
        partition = zlib.crc32(code) % partitions
        if batches[partition].append(key=code, value=value, timestamp=None) is None:
            acks.append(await producer.send_batch(batches[partition], topic, partition=partition))
            batches[partition] = producer.create_batch()
            batches[partition].append(key=code, value=value, timestamp=None)
    for partition, batch in enumerate(batches):
        if batch.record_count():
            acks.append(await producer.send_batch(batch, topic, partition=partition))
    for ack in acks:
        await ack
