"""The requests of a benchmark: encoded beforehand, so that making them costs no measured time."""

import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson
from aiokafka import AIOKafkaProducer

CHUNK = 1000
SHOPPERS = 50_000


class Load(NamedTuple):
    """A named stream of requests: the codes are used in turn, by as many shoppers as a town has."""

    name: str
    codes: Sequence[str]


class Wanted(NamedTuple):
    """A request that waits to be appended."""

    code: bytes
    value: bytes


def requests(project_id: str, run: str, codes: Sequence[str], count: int) -> list[Wanted]:
    """Encode `count` different requests; `run` tells those of two runs apart."""
    step = 7919 % len(codes) or 1  # a prime: neighbours in the stream are strangers
    return [
        Wanted(code.encode(), _request(project_id, f"{run}-{number}", number, code))
        for number in range(count)
        for code in [codes[number * step % len(codes)]]
    ]


def _request(project_id: str, request_id: str, number: int, code: str) -> bytes:
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
                "customer": {"source_id": f"shopper-{number % SHOPPERS}"},
                "order": {
                    "id": f"order-{request_id}",
                    "amount_minor": amount,
                    "items": [{"product_id": "p-1", "quantity": 1, "amount_minor": amount}],
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
