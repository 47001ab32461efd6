"""Kafka's batches, read without trust in who wrote them.

They have what aiokafka asks of its own, and read with its fast reader as far as that gets. What it
does not like, and what would unpack to too much, comes out as an `Odd` in its place.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from struct import Struct
from typing import Any, Final, NamedTuple

from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.util import decode_varint

from servicekit.kafka.unpacking import (
    BrokenBatchError,
    UnpackedTooLargeError,
    UnparsableError,
    unpack,
)

RECORD_BYTES: Final = 2 * 1024 * 1024  # twice what Kafka takes of a record that is not compressed
MOST_RECORDS: Final = 100_000  # of one batch: a kilobyte may unpack to a million of them
MOST_HEADERS: Final = 100  # one of two bytes costs a hundred once it is an object

LENGTH: Final = Struct(">i")
LENGTH_AT: Final = 8
BEFORE_LENGTH: Final = 12
MAGIC_AT: Final = 16
MAGIC: Final = 2  # the only format since Kafka 4.0
ATTRIBUTES_AT: Final = 22  # the lower of two bytes
COUNT: Final = Struct(">i")
COUNT_AT: Final = 57
HEADER_BYTES: Final = 61
CODEC: Final = 0b111


class HeaderNameError(UnparsableError):
    """A header's name is not UTF-8, as Kafka's protocol demands."""


class Odd(NamedTuple):
    """What stands where no record can be read: for one, or for all from `first` to `offset`.

    `omitted_bytes` is their size where they are not in here.
    """

    offset: int
    timestamp: int
    timestamp_type: int
    first: int
    error: UnparsableError
    omitted_bytes: int | None
    key: bytes | None = None
    value: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()


class Plain(NamedTuple):
    """A record behind an odd one."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    checksum: None = None


class Batch:
    """One batch, as its producer sent it; has what aiokafka asks a batch for."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._batch = DefaultRecordBatch(raw)
        self.base_offset = self._batch.base_offset
        self.next_offset = self._batch.next_offset
        self.producer_id = self._batch.producer_id
        self.is_transactional = self._batch.is_transactional
        self.is_control_batch = self._batch.is_control_batch

    def validate_crc(self) -> bool:
        """Leave it to the reading: what aiokafka would do is stop."""
        return True

    def __next__(self) -> Any:
        return next(self._batch)  # of a control batch, which the broker wrote

    def __iter__(self) -> Iterator[Any]:
        try:
            plain = self._unpacked()
        except UnparsableError as error:
            yield self._rest(self.base_offset, error)
            return
        done, first, latest = 0, self.base_offset, self.next_offset - _count(plain)
        if _has_only_small_records(plain):
            try:
                for record in DefaultRecordBatch(plain):
                    offset = record.offset
                    if not first <= offset <= latest:
                        break
                    few = len(record.headers) <= MOST_HEADERS
                    yield record if few else self._too_large(offset, record.timestamp)
                    done, first, latest = done + 1, offset + 1, latest + 1
                else:
                    return
            except Exception:  # noqa: BLE001, S110 - whatever it does not like of a stranger's bytes
                pass
        yield from self._one_by_one(bytearray(plain), done, first)

    def _unpacked(self) -> bytes:
        """Return the batch as if it had not been compressed; aiokafka's own reader takes it."""
        if not self._batch.validate_crc():
            raise BrokenBatchError("its checksum is wrong: it was damaged on its way or on disk")
        if (records := _count(self._raw)) > MOST_RECORDS:
            raise UnpackedTooLargeError(f"it has more than {MOST_RECORDS:,} records: {records:,}")
        if not (codec := self._batch.compression_type):
            return self._raw
        attributes = bytes([self._raw[ATTRIBUTES_AT] & ~CODEC])
        header = (
            self._raw[:ATTRIBUTES_AT] + attributes + self._raw[ATTRIBUTES_AT + 1 : HEADER_BYTES]
        )
        return header + unpack(codec, self._raw[HEADER_BYTES:])

    def _one_by_one(self, plain: bytearray, done: int, first: int) -> Iterator[Plain | Odd]:
        """Give the records behind the first ones; aiokafka did not parse the next, or must not.

        The broker has counted them, no more: what offsets they claim is up to who wrote them. One
        that leaves no room for those before it, or behind it, would be dropped without a word, or
        have the group commit what there is not.
        """
        latest = self.next_offset - _count(plain) + done
        try:
            for begin, end in islice(_records(plain), done, None):
                record = self._read(plain, begin, end)
                if not first <= record.offset <= latest:
                    raise BrokenBatchError(f"a record of it claims offset {record.offset}")
                yield record
                first, latest = record.offset + 1, latest + 1
        except (ValueError, IndexError) as error:
            yield self._rest(first, BrokenBatchError(f"it is no batch of records: {error}"))

    def _read(self, plain: bytearray, begin: int, end: int) -> Plain | Odd:
        """Read a record by the letter of Kafka's format, but for the names of its headers."""
        delta, at = decode_varint(plain, begin + 1)  # behind the attributes, which nobody uses
        offset, at = decode_varint(plain, at)
        offset += self.base_offset
        by_broker = self._batch.timestamp_type
        timestamp = self._batch.max_timestamp if by_broker else self._batch.first_timestamp + delta
        if end - begin > RECORD_BYTES:
            return self._too_large(offset, timestamp)
        record, at = plain[begin:end], at - begin
        key, at = _bytes(record, at)
        value, at = _bytes(record, at)
        count, at = decode_varint(record, at)
        if count > MOST_HEADERS:
            return self._too_large(offset, timestamp)
        headers, error = [], None
        for _ in range(count):
            name, at = _bytes(record, at)
            content, at = _bytes(record, at)
            text = (name or b"").decode(errors="backslashreplace")
            if name is None or text.encode() != name:
                error = HeaderNameError(f"the name of a header is not UTF-8: {text}")
            headers.append((text, content))
        place = offset, timestamp, by_broker
        if error is None:
            return Plain(*place, key, value, headers)
        return Odd(*place, offset, error, None, key, value, headers)

    def _too_large(self, offset: int, timestamp: int) -> Odd:
        most = f"more than {RECORD_BYTES:,} bytes or {MOST_HEADERS} headers"
        error = UnpackedTooLargeError(f"the record has {most}")
        return Odd(offset, timestamp, self._batch.timestamp_type, offset, error, len(self._raw))

    def _rest(self, first: int, error: UnparsableError) -> Odd:
        """Stand for everything from here on: only the batch's own header can be relied upon."""
        batch = self._batch
        place = self.next_offset - 1, batch.max_timestamp, batch.timestamp_type
        return Odd(*place, first, error, len(self._raw))


def _count(batch: bytes | bytearray) -> int:
    count: int = COUNT.unpack_from(batch, COUNT_AT)[0]
    return count


def _has_only_small_records(plain: bytes) -> bool:
    if len(plain) <= RECORD_BYTES:
        return True
    try:
        return all(end - begin <= RECORD_BYTES for begin, end in _records(bytearray(plain)))
    except (ValueError, IndexError):
        return False


def _records(plain: bytearray) -> Iterator[tuple[int, int]]:
    """Say where each record begins and ends; raise ValueError or IndexError where none does."""
    at = HEADER_BYTES
    for _ in range(_count(plain)):
        length, begin = decode_varint(plain, at)
        at = begin + length
        if not begin < at <= len(plain):
            raise BrokenBatchError("a record ends outside its batch")
        yield begin, at


def _bytes(record: bytearray, at: int) -> tuple[bytes | None, int]:
    length, at = decode_varint(record, at)
    if length < 0:
        return None, at
    if at + length > len(record):
        raise BrokenBatchError("a field ends outside its record")
    return bytes(record[at : at + length]), at + length


class Batches:
    """What a fetch brought of one partition; has what aiokafka asks a `MemoryRecords` for."""

    def __init__(self, fetched: bytes) -> None:
        self._fetched = fetched
        self._at = 0

    def size_in_bytes(self) -> int:
        return len(self._fetched)

    def has_next(self) -> bool:
        """Tell whether there is another whole batch: a fetch may end in the middle of one."""
        return self._end() <= len(self._fetched)

    def next_batch(self) -> Batch:
        begin, self._at = self._at, self._end()
        raw = self._fetched[begin : self._at]
        if len(raw) < HEADER_BYTES or raw[MAGIC_AT] != MAGIC:
            raise BrokenBatchError("this is no batch in the format of Kafka 0.11 and later")
        return Batch(raw)

    def _end(self) -> int:
        if self._at + BEFORE_LENGTH > len(self._fetched):
            return len(self._fetched) + 1
        length: int = LENGTH.unpack_from(self._fetched, self._at + LENGTH_AT)[0]
        return self._at + BEFORE_LENGTH + length
