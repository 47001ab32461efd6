"""Which letter a record becomes that aiokafka itself would refuse to send; Kafka is not asked."""

from dataclasses import dataclass, field
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.errors import MessageSizeTooLargeError

from contracts import topics
from servicekit.kafka.dead_letters import dead_letter, dlq_topic, send


@dataclass
class Producer:
    """Refuses what aiokafka refuses, and what is larger than the broker takes."""

    partitions: int = 4
    largest: int = 100
    sent: list[tuple[Any, ...]] = field(default_factory=list)

    async def partitions_for(self, _topic: str) -> set[int]:
        return set(range(self.partitions))

    async def send_and_wait(
        self, topic: str, value: bytes | None, key: bytes | None, partition: int | None, **more: Any
    ) -> None:
        assert not (key is None and value is None), "Need at least one: key or value"
        if len(value or b"") + len(key or b"") > self.largest:
            raise MessageSizeTooLargeError
        self.sent.append((topic, value, key, partition, dict(more["headers"])))


def a_record(
    key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()
) -> ConsumerRecord[Any, Any]:
    return ConsumerRecord("requests", 3, 7, 86_400_000, 1, key, value, None, 0, 0, headers)


async def letter_of(
    record: ConsumerRecord[Any, Any], producer: Producer, why: str = "odd"
) -> tuple[Any, ...]:
    await send(producer, "redemption", dead_letter(record, ValueError(why)))
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

    assert (value, partition) == (b"v", None)


async def test_a_reason_that_is_no_text_does_not_stop_its_letter() -> None:
    *_, headers = await letter_of(a_record(b"k", b"v"), Producer(), "half a pair: \ud800" * 200)

    assert headers["error-text"].startswith(b"half a pair: ?")
    assert len(headers["error-text"]) == 1000


def test_the_topic_is_the_one_that_contracts_create() -> None:
    assert dlq_topic("t", "g") == topics.dead_letters("t", "g")
