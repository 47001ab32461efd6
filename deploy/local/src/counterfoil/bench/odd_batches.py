"""Batches as a stranger may send them: by the letter of Kafka's format, or nearly."""

import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from struct import Struct
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.codec import lz4_encode, snappy_encode, zstd_encode
from aiokafka.record.util import calc_crc32c, encode_varint

from servicekit.kafka.connection import Kafka

HEADER: Final = Struct(">qiibIhiqqqhii")
CRC_AT, CHECKED_FROM = 17, 21
BEFORE_THE_LENGTH_COUNTS: Final = 12
LARGEST_REQUEST: Final = 4_000_000
MEGABYTE: Final = bytes(1_000_000)
GZIP: Final = zlib.MAX_WBITS | 16

Headers = Sequence[tuple[bytes, bytes | None]]
Pack = Callable[[Iterable[bytes]], bytes]


def _gzip(pieces: Iterable[bytes]) -> bytes:
    """Pack piece by piece: a bomb is never here as a whole."""
    packing = zlib.compressobj(9, zlib.DEFLATED, GZIP)
    return b"".join([*map(packing.compress, pieces), packing.flush()])


PACKED: Final[dict[str, tuple[int, Pack]]] = {
    "plain": (0, b"".join),
    "gzip": (1, _gzip),
    "snappy": (2, lambda pieces: bytes(snappy_encode(b"".join(pieces), xerial_compatible=False))),
    "xerial": (2, lambda pieces: bytes(snappy_encode(b"".join(pieces)))),
    "lz4": (3, lambda pieces: bytes(lz4_encode(b"".join(pieces)))),
    "zstd": (4, lambda pieces: bytes(zstd_encode(b"".join(pieces)))),
}


def a_record(
    number: int, value: bytes | None = b"{}", headers: Headers = (), key: bytes | None = b"k"
) -> bytes:
    """Write the record with this place in its batch."""
    return b"".join(_record(number, None if value is None else [value], headers, key))


def a_batch(*records: bytes, packed: str = "plain", base_offset: int = 0) -> bytes:
    """Put records together; what `records` holds need not be any."""
    return _batch(records, len(records), packed, base_offset)


def an_unparsable_batch() -> bytes:
    """Make a record with a header whose name is no text."""
    return a_batch(a_record(0, headers=[(b"\xff\xfe", b"x")]))


def a_bomb(megabytes: int, packed: str) -> bytes:
    """Make a batch of one record: small to send, so large to unpack."""
    return _batch(_record(0, [MEGABYTE] * megabytes, (), b"k"), 1, packed, 0)


def checked(raw: bytearray) -> bytes:
    """Write the checksum, without which the broker takes no batch."""
    raw[CRC_AT:CHECKED_FROM] = calc_crc32c(bytes(raw[CHECKED_FROM:])).to_bytes(4, "big")
    return bytes(raw)


async def append(kafka: Kafka, topic: str, *batches: bytes, partition: int = 0) -> list[int]:
    """Send batches as they are, and return where each begins; this raises what the broker does."""
    producer = AIOKafkaProducer(**kafka.options(), max_request_size=LARGEST_REQUEST)
    async with producer:
        return [await send(producer, topic, raw, partition) for raw in batches]


async def send(producer: AIOKafkaProducer, topic: str, raw: bytes, partition: int) -> int:
    """Send a batch as it is, and return where it begins; this raises what the broker does."""
    carrier: Any = producer.create_batch()
    carrier.append(timestamp=None, key=b"k", value=b"{}")
    carrier.close()
    carrier._buffer = bytearray(raw)  # noqa: SLF001  # no client offers to send nonsense
    at = await (await producer.send_batch(carrier, topic, partition=partition))
    return int(at.offset)


def _record(
    number: int, value: Sequence[bytes] | None, headers: Headers, key: bytes | None
) -> list[bytes]:
    size = -1 if value is None else sum(map(len, value))
    # Attributes, its time after the batch's, its place.
    before = _varint(0) + _varint(0) + _varint(number) + _field(key) + _varint(size)
    behind = _varint(len(headers)) + b"".join(map(_field, (f for pair in headers for f in pair)))
    length = _varint(len(before) + max(size, 0) + len(behind))
    return [length + before, *(value or ()), behind]


def _field(content: bytes | None) -> bytes:
    return _varint(-1) if content is None else _varint(len(content)) + content


def _varint(number: int) -> bytes:
    encoded = bytearray()
    encode_varint(number, encoded.append)
    return bytes(encoded)


def _batch(pieces: Iterable[bytes], count: int, packed: str, base_offset: int) -> bytes:
    codec, pack = PACKED[packed]
    content = pack(pieces)
    now = int(time.time() * 1000)
    length = HEADER.size - BEFORE_THE_LENGTH_COUNTS + len(content)
    last = count - 1
    header = HEADER.pack(base_offset, length, 0, 2, 0, codec, last, now, now, -1, -1, -1, count)
    return checked(bytearray(header + content))
