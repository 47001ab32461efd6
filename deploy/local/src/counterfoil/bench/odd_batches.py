"""Batches that no client of ours would write: a record that cannot be parsed, and a bomb."""

import time
import zlib
from collections.abc import Iterator
from struct import Struct
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c, encode_varint

HEADER = Struct(">qiibIhiqqqhii")
CRC_AT, CHECKED_FROM = 17, 21
BEFORE_THE_LENGTH_COUNTS = 12
PLAIN, GZIP = 0, 1
CHUNK = 1_000_000
LARGEST_REQUEST = 2_000_000


def unparsable() -> bytes:
    """Make a record with a header whose name is no text."""
    header = varint(1) + varint(2) + b"\xff\xfe" + varint(1) + b"x"
    return batch(record(b"{}", header), PLAIN)


def bomb(megabytes: int) -> bytes:
    """Make a record of zeros: a thousandth of its size while it is packed."""
    size = megabytes * CHUNK
    fields = bytes(3) + varint(1) + b"k" + varint(size)  # attributes, time, place in the batch
    beginning = varint(len(fields) + size + 1) + fields
    packing = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    pieces = [packing.compress(piece) for piece in unpacked(beginning, megabytes)]
    return batch(b"".join([*pieces, packing.flush()]), GZIP)


def unpacked(beginning: bytes, megabytes: int) -> Iterator[bytes]:
    yield beginning
    for _ in range(megabytes):
        yield bytes(CHUNK)
    yield varint(0)  # headers


def record(value: bytes, headers: bytes) -> bytes:
    body = bytes(3) + varint(1) + b"k" + varint(len(value)) + value + headers
    return varint(len(body)) + body


def batch(content: bytes, codec: int) -> bytes:
    """Put one record into an envelope that the broker takes."""
    now = int(time.time() * 1000)
    length = HEADER.size - BEFORE_THE_LENGTH_COUNTS + len(content)
    header = HEADER.pack(0, length, 0, 2, 0, codec, 0, now, now, -1, -1, -1, 1)
    raw = bytearray(header + content)
    raw[CRC_AT:CHECKED_FROM] = calc_crc32c(bytes(raw[CHECKED_FROM:])).to_bytes(4, "big")
    return bytes(raw)


def varint(number: int) -> bytes:
    encoded = bytearray()
    encode_varint(number, encoded.append)
    return bytes(encoded)


async def send(producer: AIOKafkaProducer, topic: str, raw: bytes, partition: int) -> None:
    """Send a batch as it is; the broker takes it, or this raises."""
    carrier: Any = producer.create_batch()
    carrier.append(timestamp=None, key=b"k", value=b"{}")
    carrier.close()
    carrier._buffer = bytearray(raw)  # noqa: SLF001  # no client offers to send nonsense
    await (await producer.send_batch(carrier, topic, partition=partition))
