"""Which letter a record becomes that aiokafka itself would refuse to send; Kafka is not asked."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from aiokafka.errors import MessageSizeTooLargeError

from contracts import topics
from servicekit.kafka.dead_letters import send
from servicekit.kafka.letters import DeadLetter, dead_letter, dlq_topic, put_together


class Batch:
    """Takes whatever is appended."""

    def __init__(self) -> None:
        self.letters: list[dict[str, Any]] = []

    def append(self, **letter: Any) -> None:
        self.letters.append(letter)


@dataclass
class Producer:
    """Refuses what aiokafka refuses, and what is larger than the broker takes."""

    partitions: int = 4
    largest: int = 100
    sent: list[tuple[Any, ...]] = field(default_factory=list)
    batches: int = 0

    async def partitions_for(self, _topic: str) -> set[int]:
        return set(range(self.partitions))

    def create_batch(self) -> Batch:
        self.batches += 1
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, partition: int) -> Awaitable[None]:
        async def acknowledged() -> None:
            for letter in batch.letters:
                self.check(letter["key"], letter["value"])
            for each in batch.letters:
                headers = dict(each["headers"])
                self.sent.append((topic, each["value"], each["key"], partition, headers))

        return acknowledged()

    async def send_and_wait(
        self, topic: str, value: bytes | None, key: bytes | None, partition: int, **more: Any
    ) -> None:
        self.check(key, value)
        self.sent.append((topic, value, key, partition, dict(more["headers"])))

    def check(self, key: bytes | None, value: bytes | None) -> None:
        assert not (key is None and value is None), "Need at least one: key or value"
        if len(value or b"") + len(key or b"") > self.largest:
            raise MessageSizeTooLargeError


def a_record(
    key: bytes | None,
    value: bytes | None,
    headers: tuple[tuple[str, bytes], ...] = (),
    *,
    offset: int = 7,
    partition: int = 3,
    timestamp: int = 86_400_000,
) -> ConsumerRecord[Any, Any]:
    return ConsumerRecord(
        "requests", partition, offset, timestamp, 1, key, value, None, 0, 0, headers
    )


async def letter_of(
    record: ConsumerRecord[Any, Any], producer: Producer, why: str = "odd"
) -> tuple[Any, ...]:
    await send(producer, "redemption", [dead_letter(record, ValueError(why))])
    [sent] = producer.sent
    return sent


async def test_a_letter_says_where_it_is_from_and_why() -> None:
    topic, value, key, partition, headers = await letter_of(
        a_record(b"k", b"{", (("own", b"\xff"),)), Producer()
    )

    assert (topic, value, key, partition) == ("requests.dlq.redemption", b"{", b"k", 3)
    assert headers.pop("failed-at").endswith(b"Z")
    assert headers == {
        "own": b"\xff",
        "original-topic": b"requests",
        "original-partition": b"3",
        "original-offset": b"7",
        "original-timestamp": b"86400000",
        "group": b"redemption",
        "error-class": b"ValueError",
        "error-text": b"odd",
    }


async def test_a_record_of_nothing_is_set_aside_all_the_same() -> None:
    _, value, key, _, headers = await letter_of(a_record(None, None), Producer())

    assert (value, key) == (None, b"")
    assert headers["key-was-null"] == b"true"


async def test_what_is_too_large_leaves_a_reference_whatever_made_it_large() -> None:
    record = a_record(None, b"x" * 1000, (("own", b"y" * 1000),))
    _, value, key, partition, headers = await letter_of(record, Producer())

    assert (value, key, partition) == (None, b"", 3)
    assert headers["value-omitted-bytes"] == b"1000"
    assert headers["key-was-null"] == b"true"
    assert "own" not in headers


async def test_a_topic_made_by_hand_with_fewer_partitions_takes_it_anywhere() -> None:
    _, value, _, partition, _ = await letter_of(a_record(b"k", b"v"), Producer(partitions=1))

    assert (value, partition) == (b"v", 0)


async def test_a_reason_that_is_no_text_does_not_stop_its_letter() -> None:
    *_, headers = await letter_of(a_record(b"k", b"v"), Producer(), "half a pair: \ud800" * 200)

    assert headers["error-text"].startswith(b"half a pair: ?")
    assert len(headers["error-text"]) == 1000


def test_the_topic_is_the_one_that_contracts_create() -> None:
    assert dlq_topic("t", "g") == topics.dead_letters("t", "g")


def together(*records: ConsumerRecord[Any, Any], why: str = "odd") -> list[tuple[int, int]]:
    """Return the first and the last offset of each letter that these records become."""
    letters = put_together([dead_letter(record, ValueError(why)) for record in records])
    return [(letter.first, letter.record.offset) for letter in letters]


def test_records_that_follow_each_other_and_are_alike_have_one_letter() -> None:
    alike = [a_record(None, None, offset=offset) for offset in range(3)]
    elsewhere = [a_record(None, None, offset=offset, partition=1) for offset in (7, 8)]

    assert together(*alike) == [(0, 2)]
    assert together(alike[0], elsewhere[0], alike[1], elsewhere[1]) == [(0, 1), (7, 8)]


@pytest.mark.parametrize(
    "other",
    [
        a_record(b"k", b"v", offset=2),
        a_record(b"k", b"v", offset=0),
        a_record(b"K", b"v", offset=1),
        a_record(None, b"v", offset=1),
        a_record(b"k", b"", offset=1),
        a_record(b"k", b"v", (("own", b""),), offset=1),
        a_record(b"k", b"v", offset=1, timestamp=0),
    ],
    ids=["a-gap", "again", "key", "no-key", "value", "headers", "timestamp"],
)
def test_whatever_differs_in_anything_has_a_letter_of_its_own(
    other: ConsumerRecord[Any, Any],
) -> None:
    assert len(together(a_record(b"k", b"v", offset=0), other)) == 2


def test_two_reasons_are_two_letters() -> None:
    one, other = a_record(b"k", b"v", offset=0), a_record(b"k", b"v", offset=1)

    assert len(put_together([DeadLetter(one, "A", "x"), DeadLetter(other, "A", "y")])) == 2
    assert len(put_together([DeadLetter(one, "A", "x"), DeadLetter(other, "B", "x")])) == 2


async def test_a_letter_of_several_records_says_up_to_where_and_holds_the_bytes_of_each() -> None:
    producer = Producer()
    records = [a_record(b"k", b"{", offset=offset) for offset in range(7, 10)]
    letters = put_together([dead_letter(record, ValueError("odd")) for record in records])

    await send(producer, "redemption", letters)

    [(_, value, key, _, headers)] = producer.sent
    assert (value, key) == (b"{", b"k")
    assert (headers["original-offset"], headers["original-last-offset"]) == (b"7", b"9")


async def test_letters_go_in_bulk_and_in_their_order_whatever_their_sizes() -> None:
    producer = Producer(largest=600_000)
    values = [
        bytes([n]) * size for n, size in enumerate([1, 300_000, 300_000, 700_000, 1] + [1] * 50)
    ]
    records = [a_record(b"k", value, offset=2 * n) for n, value in enumerate(values)]

    await send(producer, "redemption", [dead_letter(r, ValueError("odd")) for r in records])

    assert [int(headers["original-offset"]) for *_, headers in producer.sent[:3]] == [0, 2, 4]
    assert sorted(int(headers["original-offset"]) for *_, headers in producer.sent) == [
        2 * n for n in range(len(values))
    ]
    assert [headers.get("value-omitted-bytes") for *_, headers in producer.sent].count(
        b"700000"
    ) == 1
    assert producer.batches == 4
