"""Setting aside on real Kafka: whatever the record, its letter arrives and the next one too."""

import os
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from kit import records

from campaigns import dead_letters
from campaigns.dead_letters import Unreadable, set_aside
from contracts import topics

GROUP = "campaigns"
LARGE = os.urandom(1_048_500)  # no compression makes room beside it for a reason
NO_JSON = ValueError("no JSON")


@pytest.fixture
async def topic(kafka_servers: str) -> AsyncIterator[str]:
    """The name of a topic, of whose dead letters somebody made one partition only."""
    name = f"applied-{uuid4().hex[:12]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_servers)
    await admin.start()
    await admin.create_topics([NewTopic(topics.dead_letters(name, GROUP), 1, 1)])
    yield name
    await admin.delete_topics([topics.dead_letters(name, GROUP)])
    await admin.close()


@pytest.fixture
async def producer(kafka_servers: str) -> AsyncIterator[AIOKafkaProducer]:
    """The worker's own."""
    async with dead_letters.producer(kafka_servers) as producer:
        yield producer


def a_record(
    topic: str,
    key: bytes | None,
    value: bytes | None,
    *headers: tuple[str, bytes],
    partition: int = 0,
) -> ConsumerRecord:
    return ConsumerRecord(topic, partition, 7, 0, 1, key, value, None, 0, 0, headers)


async def letters(servers: str, topic: str, number: int) -> list[ConsumerRecord]:
    return await records.dead_letters(servers, topics.dead_letters(topic, GROUP), number)


async def test_a_record_of_nothing_is_set_aside(
    kafka_servers: str, topic: str, producer: AIOKafkaProducer
) -> None:
    await set_aside(producer, GROUP, [Unreadable(a_record(topic, None, None), NO_JSON)])

    [letter] = await letters(kafka_servers, topic, 1)
    assert (letter.key, letter.value) == (b"", None)
    assert dict(letter.headers)["key-was-null"] == b"true"


async def test_a_topic_with_fewer_partitions_takes_letters_too(
    kafka_servers: str, topic: str, producer: AIOKafkaProducer
) -> None:
    record = a_record(topic, b"k", b"{", partition=3)
    await set_aside(producer, GROUP, [Unreadable(record, NO_JSON)])

    [letter] = await letters(kafka_servers, topic, 1)
    assert letter.value == b"{"
    assert dict(letter.headers)["original-partition"] == b"3"


async def test_what_leaves_no_room_for_a_reason_becomes_a_reference(
    kafka_servers: str, topic: str, producer: AIOKafkaProducer
) -> None:
    large = {
        "value": a_record(topic, b"k", LARGE),
        "value-without-key": a_record(topic, None, LARGE),
        "key": a_record(topic, LARGE, None),
        "headers": a_record(topic, b"k", b"{", ("own", LARGE)),
        "beyond-the-client": a_record(topic, b"k", LARGE * 5),
    }
    for record in large.values():
        await set_aside(producer, GROUP, [Unreadable(record, NO_JSON)])
    last = a_record(topic, b"last", b"{", ("own", b"\xff"))
    await set_aside(producer, GROUP, [Unreadable(last, NO_JSON)])

    *references, letter = await letters(kafka_servers, topic, len(large) + 1)
    for name, reference in zip(large, references, strict=True):
        told = dict(reference.headers)
        assert (reference.key, reference.value, "own" in told) == (b"", None, False), name
        assert told["original-offset"] == b"7"
        assert told["value-omitted-bytes"] == str(len(large[name].value or b"")).encode()
        assert ("key-was-null" in told) is (large[name].key is None)
    assert (letter.key, letter.value, letter.headers[0]) == (b"last", b"{", ("own", b"\xff"))
