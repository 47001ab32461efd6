"""A group is moved past what it cannot get past by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata
from kit.commands import counterfoil
from kit.desks import Desk
from kit.records import produce_unparsable

from counterfoil.bench.odd_batches import a_bomb, append
from servicekit.kafka.connection import Kafka


@asynccontextmanager
async def consuming(kafka: Kafka, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(**kafka.options(), enable_auto_commit=False, **options)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def test_a_group_is_moved_past_the_record_where_it_stands(desk: Desk) -> None:
    group = f"group-{uuid4().hex}"
    place = TopicPartition(desk.topic, 1)
    for value in (b"0", b"1", b"2"):
        await desk.producer.send_and_wait(desk.topic, value, partition=1)
    async with consuming(desk.kafka, group_id=group) as consumer:
        consumer.assign([place])
        await consumer.commit({place: OffsetAndMetadata(1, "")})

    elsewhere = desk.type("skip", group, desk.topic, "1", "2", status=2)
    told = desk.type("skip", group, desk.topic, "1", "1")

    assert "stands at 1" in elsewhere
    assert (told["skipped"], told["stands_at"]) == ({"first": 1, "last": 1, "count": 1}, 2)
    async with consuming(desk.kafka, group_id=group) as consumer:
        consumer.assign([place])
        assert await consumer.committed(place) == 2


async def test_a_group_that_never_committed_stands_at_the_first_record(desk: Desk) -> None:
    await desk.producer.send_and_wait(desk.topic, b"poison", partition=1)

    assert desk.type("skip", f"group-{uuid4().hex}", desk.topic, "1", "0")["stands_at"] == 1


async def test_a_group_is_moved_past_its_record_whatever_stands_behind_it(desk: Desk) -> None:
    group = f"group-{uuid4().hex}"
    await desk.producer.send_and_wait(desk.topic, b"0", partition=1)
    await produce_unparsable(desk.kafka, desk.topic, 1, before=1, behind=1)
    await append(desk.kafka, desk.topic, a_bomb(100, "zstd"), partition=1)

    told = [desk.type("skip", group, desk.topic, "1", str(offset)) for offset in range(5)]

    assert [each["stands_at"] for each in told] == [1, 2, 3, 4, 5]
    assert {each["skipped"]["count"] for each in told} == {1}


async def test_a_group_is_moved_past_as_many_records_as_it_is_told(desk: Desk) -> None:
    group = f"group-{uuid4().hex}"
    for value in (b"0", b"1", b"2"):
        await desk.producer.send_and_wait(desk.topic, value, partition=1)

    skip = ["skip", group, desk.topic, "1"]
    first = desk.type(*skip, "0", "--through", "0")
    below = desk.type(*skip, "1", "--through", "0", status=2)
    beyond = desk.type(*skip, "1", "--through", "3", status=2)
    words = counterfoil("dlq", *skip, "1", "--through", "2", **desk.kafka.environment()).stdout

    assert first["stands_at"] == 1
    assert "0 is no place to stop" in below
    assert "the last record is 2" in beyond
    assert words.splitlines() == [
        "passed over: 2 records, 1 to 2",
        f"{group} stands at 3 in partition 1 of {desk.topic}",
    ]


async def test_a_group_with_members_is_not_moved(desk: Desk) -> None:
    group = f"group-{uuid4().hex}"
    await desk.producer.send_and_wait(desk.topic, b"0", partition=1)
    consumer = AIOKafkaConsumer(
        desk.topic,
        **desk.kafka.options(),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    await consumer.getone()
    try:
        told = desk.type("skip", group, desk.topic, "1", "0", status=2)
        assert "stop its processes" in told
    finally:
        await consumer.stop()
