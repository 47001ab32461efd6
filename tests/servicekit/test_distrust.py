"""What a consumer gets of what strangers wrote: every record, or its place and a reason."""

from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.bench.odd_batches import PACKED, a_batch, a_bomb, a_record, checked
from servicekit.kafka.batches import MOST_HEADERS, MOST_RECORDS, RECORD_BYTES, Batches
from servicekit.kafka.distrust import Records, Unparsable, distrust
from servicekit.kafka.unpacking import BATCH_BYTES

PARTITION = TopicPartition("topic", 3)
READ_COMMITTED = 1
NOT_TEXT = [(b"text", b"kept"), (b"a\xffb", b"\xfe"), (b"none", None)]


def read(fetched: bytes, position: int = 0, aborted: Sequence[tuple[int, int]] = ()) -> list[Any]:
    arguments: Any = Batches(fetched), aborted, position, None, None, True, READ_COMMITTED
    return [*Records(PARTITION, *arguments)]


def reasons(records: list[Any]) -> list[str | None]:
    return [type(r.error).__name__ if isinstance(r, Unparsable) else None for r in records]


@pytest.mark.parametrize("packed", PACKED)
def test_good_batches_are_read_as_aiokafka_reads_them(packed: str) -> None:
    records = [a_record(n, b"v" * n, [(b"name", b"\xff"), (b"none", None)]) for n in range(50)]
    tombstone = a_record(0, None, key=None)
    fetched = a_batch(*records, packed=packed) + a_batch(tombstone, base_offset=50, packed=packed)
    ends_within_a_batch = fetched + fetched[:70]

    found = read(ends_within_a_batch)

    assert len(found) == 51
    assert [r.offset for r in found] == [*range(51)]
    assert [r.value for r in found] == [b"v" * n for n in range(50)] + [None]
    theirs: Any = Records.__base__
    arguments: Any = MemoryRecords(ends_within_a_batch), [], 0, None, None, True, READ_COMMITTED
    assert found == [*theirs(PARTITION, *arguments)]


@pytest.mark.parametrize("packed", PACKED)
def test_a_header_name_that_is_not_text_costs_its_own_record_alone(packed: str) -> None:
    good = [a_record(n) for n in range(3)]
    odd = a_record(3, b"the value", NOT_TEXT, key=b"\x00")
    behind = [a_record(4, None), a_record(5, headers=[(b"a", b"b")])]

    batch = a_batch(*good, odd, *behind, packed=packed, base_offset=40)
    found = read(batch + a_batch(a_record(0), base_offset=46))

    assert reasons(found) == [None, None, None, "HeaderNameError", None, None, None]
    assert [r.offset for r in found[:6]] == [*range(40, 46)]
    unparsable = found[3]
    assert isinstance(unparsable, Unparsable)
    assert (unparsable.first, unparsable.omitted_bytes) == (43, None)
    assert (unparsable.key, unparsable.value) == (b"\x00", b"the value")
    assert unparsable.headers == (("text", b"kept"), (r"a\xffb", b"\xfe"), ("none", None))
    assert (found[4].value, found[5].headers) == (None, (("a", b"b"),))
    assert len({(r.timestamp, r.timestamp_type) for r in found[:6]}) == 1


def test_reading_goes_on_in_the_middle_of_a_batch_behind_its_odd_record() -> None:
    batch = a_batch(a_record(0), a_record(1, headers=NOT_TEXT), a_record(2), a_record(3))

    assert [r.offset for r in read(batch, position=3)] == [3]
    assert reasons(read(batch, position=1)) == ["HeaderNameError", None, None]


@pytest.mark.parametrize("packed", ["gzip", "snappy", "xerial", "lz4", "zstd"])
def test_a_batch_that_unpacks_to_too_much_is_passed_with_its_place(packed: str) -> None:
    bomb, behind = a_bomb(100, packed), a_batch(a_record(0), base_offset=1)
    assert len(bomb) < BATCH_BYTES // 4

    odd, good = read(bomb + behind)

    assert isinstance(odd, Unparsable)
    assert reasons([odd, good]) == ["UnpackedTooLargeError", None]
    assert (odd.first, odd.offset, odd.value) == (0, 0, None)
    assert odd.omitted_bytes == len(bomb)


@pytest.mark.parametrize("packed", PACKED)
def test_a_record_that_is_too_large_is_passed_alone(packed: str) -> None:
    large, fits = bytes(RECORD_BYTES), bytes(RECORD_BYTES - 100)

    found = read(a_batch(a_record(0), a_record(1, large), a_record(2, fits), packed=packed))

    assert reasons(found) == [None, "UnpackedTooLargeError", None]
    assert [r.offset for r in found] == [0, 1, 2]


def test_a_record_of_too_many_headers_is_passed_alone() -> None:
    many = [(b"", b"")] * (MOST_HEADERS + 1)
    odd = [(b"\xff", b"")] * (MOST_HEADERS + 1)

    found = read(a_batch(a_record(0, headers=many), a_record(1, headers=odd), a_record(2)))

    assert reasons(found) == ["UnpackedTooLargeError"] * 2 + [None]


def test_a_batch_of_too_many_records_is_passed_as_one() -> None:
    found = read(a_batch(*[a_record(0)] * (MOST_RECORDS + 1), packed="zstd"))

    [odd] = found
    assert reasons(found) == ["UnpackedTooLargeError"]
    assert isinstance(odd, Unparsable)
    assert (odd.first, odd.offset) == (0, MOST_RECORDS)


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),  # on its way
        lambda raw: a_batch(raw[61:-4], b"", base_offset=7),  # by who made it: too short
        lambda _: a_batch(a_record(0), b"\x7f" * 9, base_offset=7),
        lambda _: a_batch(a_record(0), b"\xff" * 12, base_offset=7),  # no number
    ],
    ids=["checksum", "cut", "no-record", "no-length"],
)
def test_what_is_no_batch_of_records_is_passed_to_its_end(damage: Any) -> None:
    raw = damage(a_batch(a_record(0), a_record(1), base_offset=7))

    found = read(raw + a_batch(a_record(0), base_offset=9))

    assert reasons(found)[-2:] == ["BrokenBatchError", None]
    assert [r.offset for r in found][-2:] == [8, 9]


@pytest.mark.parametrize("odd", [[], NOT_TEXT], ids=["fast", "one-by-one"])
@pytest.mark.parametrize(
    ("places", "read_before"),
    [
        ([0, 1_000_000, 2], [100]),  # committed, it would be past the log's end
        ([0, -5, 2], [100]),  # below where the reader stands: dropped without a word
        ([0, 0, 2], [100]),
        ([1, 2, 2], []),  # leaves no room for those behind it
        ([2**62, 1, 2], []),
    ],
    ids=["beyond", "below", "twice", "late", "overflow"],
)
def test_an_offset_that_is_not_the_records_own_is_passed_with_all_behind_it(
    places: list[int], read_before: list[int], odd: Any
) -> None:
    first, *behind = places
    raw = a_batch(a_record(first, headers=odd), *map(a_record, behind), base_offset=100)

    found = read(raw + a_batch(a_record(0), base_offset=103), position=100)

    *before, rest, next_batch = found
    assert [r.offset for r in before] == read_before
    assert reasons([rest, next_batch]) == ["BrokenBatchError", None]
    assert (rest.first, rest.offset, next_batch.offset) == (100 + len(read_before), 102, 103)


def test_a_batch_that_was_compacted_has_gaps() -> None:
    whole = a_batch(a_record(1), a_record(3), base_offset=100)
    raw = checked(bytearray(whole[:23] + (4).to_bytes(4, "big") + whole[27:]))

    assert [r.offset for r in read(raw, position=100)] == [101, 103]


def test_what_a_vendor_took_back_in_its_transaction_is_not_read() -> None:
    def of_producer(number: int, raw: bytes, attributes: int) -> bytes:
        return checked(
            bytearray(
                raw[:22] + bytes([attributes]) + raw[23:43] + number.to_bytes(8, "big") + raw[51:]
            )
        )

    transactional, control, abort = 0x10, 0x20, bytes([0, 0, 0, 0])
    taken_back = of_producer(7, a_batch(a_record(0, b"no")), transactional)
    end = a_batch(a_record(0, bytes(6), key=abort), base_offset=1)
    kept = of_producer(8, a_batch(a_record(0, b"yes"), base_offset=2), transactional)
    later = of_producer(7, a_batch(a_record(0, b"yes"), base_offset=3), transactional)
    fetched = taken_back + of_producer(7, end, transactional | control) + kept + later

    assert [r.value for r in read(fetched, aborted=[(7, 0)])] == [b"yes", b"yes"]


@given(codec=st.integers(0, 7), content=st.binary(max_size=200), count=st.integers(-1, 3))
def test_no_bytes_stop_a_partition(codec: int, content: bytes, count: int) -> None:
    raw = bytearray(a_batch(content, b"", b""))
    raw[22] = codec
    raw[57:61] = count.to_bytes(4, "big", signed=True)

    found = read(checked(raw) + a_batch(a_record(0), base_offset=3))

    assert reasons(found)[-1] is None
    assert found[-1].offset == 3


def test_every_consumer_of_the_process_reads_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetcher, "MemoryRecords", MemoryRecords)
    monkeypatch.setattr(fetcher, "PartitionRecords", Records.__base__)

    distrust()

    assert fetcher.MemoryRecords is Batches
    assert fetcher.PartitionRecords is Records
