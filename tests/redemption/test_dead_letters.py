"""Which letter a record becomes that aiokafka itself would refuse to send; Kafka is not asked."""

from dataclasses import dataclass, field
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.errors import MessageSizeTooLargeError
from redemption.dead_letters import Unreadable, set_aside

WHY = ValueError("odd")


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
    return ConsumerRecord("requests", 3, 7, 0, 1, key, value, None, 0, 0, headers)


async def letter_of(record: ConsumerRecord[Any, Any], producer: Producer) -> tuple[Any, ...]:
    await set_aside(producer, "redemption", [Unreadable(record, WHY)])
    [sent] = producer.sent
    return sent


async def test_a_record_of_nothing_is_set_aside_all_the_same() -> None:
    topic, value, key, partition, headers = await letter_of(a_record(None, None), Producer())

    assert (topic, value, key, partition) == ("requests.dlq.redemption", None, b"", 3)
    assert headers["key-was-null"] == b"true"
    assert headers["original-offset"] == b"7"


async def test_what_is_too_large_leaves_a_reference_whatever_made_it_large() -> None:
    record = a_record(None, b"x" * 1000, (("own", b"y" * 1000),))
    _, value, key, _, headers = await letter_of(record, Producer())

    assert (value, key) == (None, b"")
    assert headers["value-omitted-bytes"] == b"1000"
    assert "own" not in headers


async def test_a_topic_made_by_hand_with_fewer_partitions_takes_it_anywhere() -> None:
    _, value, _, partition, _ = await letter_of(a_record(b"k", b"v"), Producer(partitions=1))

    assert (value, partition) == (b"v", None)
