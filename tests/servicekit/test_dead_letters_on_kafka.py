"""Setting aside on real Kafka: whatever the record, its letter arrives and the next one too."""

import os
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import structlog.testing
from aiokafka import ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from kit import records

from servicekit.kafka.connection import Kafka
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.letters import dead_letter, dlq_topic
from servicekit.metrics import Metrics

GROUP = "group"
LARGE = os.urandom(1_048_500)  # no compression makes room beside it for a reason
NO_JSON = ValueError("no JSON")


@pytest.fixture
async def topic(kafka_servers: Kafka) -> AsyncIterator[str]:
    """The name of a topic, of whose dead letters somebody made one partition only."""
    name = f"records-{uuid4().hex[:12]}"
    admin = AIOKafkaAdminClient(**kafka_servers.options())
    await admin.start()
    await admin.create_topics([NewTopic(dlq_topic(name, GROUP), 1, 1)])
    yield name
    await admin.delete_topics([dlq_topic(name, GROUP)])
    await admin.close()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("kit", "test")


@pytest.fixture
async def aside(kafka_servers: Kafka, metrics: Metrics) -> AsyncIterator[DeadLetters]:
    aside = DeadLetters(kafka_servers, GROUP, metrics)
    yield aside
    await aside.stop()


def a_record(
    topic: str,
    key: bytes | None,
    value: bytes | None,
    *headers: tuple[str, bytes],
    partition: int = 0,
    offset: int = 7,
) -> ConsumerRecord:
    return ConsumerRecord(topic, partition, offset, 0, 1, key, value, None, 0, 0, headers)


async def letters(kafka: Kafka, topic: str, number: int) -> list[ConsumerRecord]:
    return await records.dead_letters(kafka, dlq_topic(topic, GROUP), number)


async def test_a_letter_from_a_partition_that_its_topic_lacks_arrives_and_is_counted(
    kafka_servers: Kafka, topic: str, aside: DeadLetters, metrics: Metrics
) -> None:
    await aside.send_to_dlq(
        [
            dead_letter(a_record(topic, b"k", b"{", partition=3), NO_JSON),
            dead_letter(a_record(topic, None, None), NO_JSON),
        ]
    )

    [letter, nothing] = await letters(kafka_servers, topic, 2)
    assert letter.value == b"{"
    assert dict(letter.headers)["original-partition"] == b"3"
    assert (nothing.key, nothing.value) == (b"", None)
    assert f'topic="{topic}"}} 2.0' in metrics.page().decode()


async def test_what_leaves_no_room_for_a_reason_becomes_a_reference(
    kafka_servers: Kafka, topic: str, aside: DeadLetters
) -> None:
    large = {
        "value": a_record(topic, b"k", LARGE),
        "value-without-key": a_record(topic, None, LARGE),
        "key": a_record(topic, LARGE, None),
        "headers": a_record(topic, b"k", b"{", ("own", LARGE)),
        "beyond-the-client": a_record(topic, b"k", LARGE * 5),
    }
    for record in large.values():
        await aside.send_to_dlq([dead_letter(record, NO_JSON)])
    await aside.send_to_dlq([dead_letter(a_record(topic, b"last", b"{"), NO_JSON)])

    *references, letter = await letters(kafka_servers, topic, len(large) + 1)
    for name, reference in zip(large, references, strict=True):
        told = dict(reference.headers)
        assert (reference.key, reference.value, "own" in told) == (b"", None, False), name
        assert told["original-offset"] == b"7"
        assert told["value-omitted-bytes"] == str(len(large[name].value or b"")).encode()
        assert ("key-was-null" in told) is (large[name].key is None)
    assert (letter.key, letter.value) == (b"last", b"{")


async def test_many_records_at_once_are_a_few_lines_in_the_log_whatever_they_hold(
    kafka_servers: Kafka, topic: str, aside: DeadLetters, metrics: Metrics
) -> None:
    empty = [a_record(topic, None, None, offset=offset) for offset in range(2000)]
    odd = [
        a_record(topic, None, str(offset).encode(), offset=offset) for offset in range(2000, 4000)
    ]

    with structlog.testing.capture_logs() as lines:
        await aside.send_to_dlq([dead_letter(record, NO_JSON) for record in empty + odd])

    [of_all, *each] = await letters(kafka_servers, topic, 2001)
    assert dict(of_all.headers)["original-last-offset"] == b"1999"
    assert [letter.value for letter in each] == [record.value for record in odd]
    assert [(line["offset"], line["last_offset"], line["records"]) for line in lines] == [
        (0, 3999, 4000)
    ]
    assert f'topic="{topic}"}} 4000.0' in metrics.page().decode()


async def test_letters_of_many_partitions_at_once_are_never_more_than_a_broker_takes(
    kafka_servers: Kafka, aside: DeadLetters
) -> None:
    name = f"records-{uuid4().hex[:12]}"
    admin = AIOKafkaAdminClient(**kafka_servers.options())
    await admin.start()
    await admin.create_topics([NewTopic(dlq_topic(name, GROUP), 16, 1)])
    large = os.urandom(480_000)  # 16 of them in one request are 7.7 MB
    try:
        await aside.send_to_dlq(
            [dead_letter(a_record(name, b"k", large, partition=i), NO_JSON) for i in range(16)]
        )

        found = await letters(kafka_servers, name, 16)
        assert sorted(letter.partition for letter in found) == [*range(16)]
        assert {letter.value for letter in found} == {large}
    finally:
        await admin.delete_topics([dlq_topic(name, GROUP)])
        await admin.close()
