"""Batches as a stranger may send them: by the letter of Kafka's format, or nearly."""

import gzip
import time
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.codec import lz4_encode, snappy_encode, zstd_encode
from aiokafka.record.util import calc_crc32c, encode_varint

from servicekit.kafka.connection import Kafka

HEADER = Struct(">qiibIhiqqqhii")
CRC_AT, CHECKED_FROM = 17, 21
LARGEST_REQUEST = 4_000_000

Pack = Callable[[bytes], bytes]
PACKED: dict[str, tuple[int, Pack]] = {
    "plain": (0, bytes),
    "gzip": (1, lambda plain: gzip.compress(plain, 1)),
    "snappy": (2, lambda plain: bytes(snappy_encode(plain, xerial_compatible=False))),
    "xerial": (2, lambda plain: bytes(snappy_encode(plain))),
    "lz4": (3, lambda plain: bytes(lz4_encode(plain))),
    "zstd": (4, lambda plain: bytes(zstd_encode(plain))),
}


def a_record(
    number: int,
    value: bytes | None = b"{}",
    headers: Sequence[tuple[bytes, bytes | None]] = (),
    key: bytes | None = b"k",
) -> bytes:
    """Write the record with this place in its batch."""
    body = bytearray([0])  # attributes
    encode_varint(0, body.append)  # its time after the batch's
    encode_varint(number, body.append)
    for field in (key, value):
        _write(body, field)
    encode_varint(len(headers), body.append)
    for name, content in headers:
        _write(body, name)
        _write(body, content)
    return _prefixed(body)


def _write(body: bytearray, field: bytes | None) -> None:
    encode_varint(-1 if field is None else len(field), body.append)
    body += field or b""


def _prefixed(body: bytearray) -> bytes:
    prefix = bytearray()
    encode_varint(len(body), prefix.append)
    return bytes(prefix + body)


def a_batch(*records: bytes, packed: str = "plain", base_offset: int = 0) -> bytes:
    """Put records together; what `records` holds need not be any."""
    codec, pack = PACKED[packed]
    content = pack(b"".join(records))
    now, last = int(time.time() * 1000), len(records) - 1
    sizes = (HEADER.size - 12 + len(content), 0, 2, 0, codec)
    raw = bytearray(
        HEADER.pack(base_offset, *sizes, last, now, now, -1, -1, -1, len(records)) + content
    )
    return checked(raw)


def checked(raw: bytearray) -> bytes:
    """Write the checksum, without which the broker takes no batch."""
    raw[CRC_AT:CHECKED_FROM] = calc_crc32c(bytes(raw[CHECKED_FROM:])).to_bytes(4, "big")
    return bytes(raw)


def a_bomb(megabytes: int, packed: str) -> bytes:
    """Make a batch of one record: small to send, so large to unpack."""
    return a_batch(a_record(0, bytes(megabytes * 1_000_000)), packed=packed)


async def append(kafka: Kafka, topic: str, *batches: bytes, partition: int = 0) -> list[int]:
    """Send batches as they are, and return where each begins; this raises what the broker does."""
    producer = AIOKafkaProducer(**kafka.options(), max_request_size=LARGEST_REQUEST)
    await producer.start()
    begins = []
    try:
        for raw in batches:
            carrier: Any = producer.create_batch()
            carrier.append(timestamp=None, key=b"k", value=b"{}")
            carrier.close()
            carrier._buffer = bytearray(raw)
            at = await (await producer.send_batch(carrier, topic, partition=partition))
            begins.append(int(at.offset))
        return begins
    finally:
        await producer.stop()
