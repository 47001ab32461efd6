"""Dead letters by command, on a real broker: looked at, put back once, passed by."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.structs import OffsetAndMetadata
from conftest import MakeTopic
from kit.commands import counterfoil, counterfoil_process
from kit.records import everything_since, produce_unparsable

from contracts import topics
from counterfoil.bench.odd_batches import a_batch, a_bomb, a_record, append
from counterfoil.dlq import replaying
from counterfoil.dlq.replayed import Replayed, parse
from counterfoil.dlq.shelf import opened
from servicekit.kafka import topics as kafka_topics
from servicekit.kafka.connection import Kafka

OWN = [("trace", b"1-2"), ("group", b"the sender's")]


class Desk(NamedTuple):
    """A topic, its dead letters, and a producer that writes both."""

    kafka: Kafka
    producer: AIOKafkaProducer
    topic: str
    letters: str

    async def letter(
        self,
        value: bytes | None,
        *,
        key: bytes | None = b"k",
        offset: int = 0,
        facts: Mapping[str, str] | None = None,
    ) -> int:
        """Set a record aside as the services do; return the letter's offset."""
        told = {
            "original-topic": self.topic,
            "original-partition": "1",
            "original-offset": str(offset),
            "original-timestamp": "1700000000000",
            "group": "redemption",
            "error-class": "ValidationError",
            "error-text": "what is this\x1b[31m",
            **(facts or {}),
        }
        headers = [*OWN, *((name, text.encode()) for name, text in told.items())]
        sent = await self.producer.send_and_wait(self.letters, value, key, 0, headers=headers)
        return int(sent.offset)

    async def arrived(self, topic: str) -> list[ConsumerRecord]:
        return await everything_since(
            self.kafka, {TopicPartition(topic, 0): 0, TopicPartition(topic, 1): 0}
        )

    def type(self, *words: str, status: int = 0) -> Any:
        done = counterfoil("dlq", *words, "--json", **self.kafka.environment())
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if done.stdout else done.stderr


@asynccontextmanager
async def consuming(kafka: Kafka, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(**kafka.options(), enable_auto_commit=False, **options)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


@pytest.fixture
async def desk(kafka_servers: Kafka, kafka_topic: MakeTopic) -> AsyncIterator[Desk]:
    # What is put back keeps its old moment: Kafka would throw it away whenever it next looks.
    topic = await kafka_topic("requests", partitions=2, retention_ms=-1)
    letters = topics.dead_letters(topic, "redemption")
    await kafka_topics.ensure(
        kafka_servers, [topics.Topic(letters, "as it came", "redemption", (), topics.MONTH, 2)]
    )
    producer = AIOKafkaProducer(**kafka_servers.options())
    await producer.start()
    yield Desk(kafka_servers, producer, topic, letters)
    await producer.stop()


def became(told: Any) -> list[tuple[int, str]]:
    return [(letter["offset"], letter["became"]) for letter in told["letters"]]


async def test_topics_are_listed_with_their_counts_newest_first(desk: Desk) -> None:
    await desk.letter(b"one")
    await desk.letter(b"two")

    [newest, *_] = desk.type("list")["topics"]

    assert (newest["topic"], newest["letters"], newest["replayed"]) == (desk.letters, 2, 0)
    assert newest["newest_at"]


async def test_the_letters_of_a_topic_are_listed_with_the_newest_first(desk: Desk) -> None:
    for value in (b"one", b"two", b"three"):
        await desk.letter(value)

    listed = desk.type("list", desk.letters)["letters"]
    two = desk.type("list", desk.letters, "--limit", "2")["letters"]

    assert [letter["offset"] for letter in listed] == [2, 1, 0]
    assert {letter["error_class"] for letter in listed} == {"ValidationError"}
    assert two == listed[:2]


async def test_a_letter_tells_where_it_came_from_why_and_what_it_holds(desk: Desk) -> None:
    await desk.letter(b"first", offset=7)
    await desk.letter(b"\xff\x00")

    first = desk.type("show", desk.letters, "--partition", "0", "--offset", "0")
    newest = desk.type("show", desk.letters)

    assert first["facts"]["original-offset"] == "7"
    assert first["facts"]["error-class"] == "ValidationError"
    assert first["value"] == {"text": "first"}
    assert first["headers"] == [
        {"name": "trace", "text": "1-2"},
        {"name": "group", "text": "the sender's"},
    ]
    assert newest["value"] == {"hex": "ff00"}


async def test_a_letter_for_people_moves_no_cursor(desk: Desk) -> None:
    await desk.letter(b"\x1b[2J")

    done = counterfoil_process("dlq", "show", desk.letters, **desk.kafka.environment())

    assert done.returncode == 0
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("key", "value"), [(b"k", b"{}"), (None, b"\xff"), (b"k", None)], ids=["text", "no-key", "null"]
)
async def test_a_letter_is_put_back_as_it_came(
    desk: Desk, key: bytes | None, value: bytes | None
) -> None:
    await desk.letter(value, key=key)

    told = desk.type("replay", desk.letters, "--partition", "0", "--offset", "0")

    [record] = await desk.arrived(desk.topic)
    assert (record.key, record.value, record.partition) == (key, value, 1)
    assert (list(record.headers), record.timestamp) == (OWN, 1_700_000_000_000)
    assert told["letters"][0]["to_offset"] == record.offset


async def test_a_letter_is_put_back_once_unless_told_again(desk: Desk) -> None:
    for value in (b"0", b"1", b"2"):
        await desk.letter(value)
    one = ["replay", desk.letters, "--partition", "0", "--offset", "1"]

    assert became(desk.type(*one)) == [(1, "replayed")]
    assert became(desk.type(*one)) == [(1, "already replayed")]
    assert became(desk.type("replay", desk.letters, "--all")) == [
        (0, "replayed"),
        (1, "already replayed"),
        (2, "replayed"),
    ]
    assert desk.type("list")["topics"][0]["replayed"] == 3
    assert became(desk.type(*one, "--again")) == [(1, "replayed")]
    assert sorted(record.value for record in await desk.arrived(desk.topic)) == [
        b"0",
        b"1",
        b"1",
        b"2",
    ]


async def test_a_letter_that_only_refers_is_fetched_from_where_it_came(desk: Desk) -> None:
    large = b"x" * 2_000
    sent = await desk.producer.send_and_wait(desk.topic, large, b"key", 1, headers=[("h", b"1")])
    await desk.letter(None, key=b"", offset=sent.offset, facts={"value-omitted-bytes": "2000"})

    desk.type("replay", desk.letters, "--all")

    _, again = await desk.arrived(desk.topic)
    assert (again.key, again.value, list(again.headers)) == (b"key", large, [("h", b"1")])


async def test_a_letter_that_refers_to_a_batch_is_put_back_once_that_can_be_read(
    desk: Desk,
) -> None:
    good = a_batch(a_record(0, b"0"), a_record(1, b"1"))
    await append(desk.kafka, desk.topic, a_bomb(100, "zstd"), good, partition=1)
    refers = {"value-omitted-bytes": "2000"}
    await desk.letter(None, key=b"", offset=0, facts=refers)
    await desk.letter(None, key=b"", offset=1, facts=refers | {"original-last-offset": "2"})

    told = desk.type("replay", desk.letters, "--all", status=1)

    assert became(told) == [(0, "unparsable"), (1, "replayed")]
    assert [r.value for r in (await desk.arrived(desk.topic))[-2:]] == [b"0", b"1"]


async def test_a_letter_of_records_that_are_alike_puts_back_as_many(desk: Desk) -> None:
    await desk.letter(b"{", offset=4, facts={"original-last-offset": "6"})

    told = desk.type("replay", desk.letters, "--all")

    assert became(told) == [(0, "replayed")]
    assert [record.value for record in await desk.arrived(desk.topic)] == [b"{"] * 3


async def test_a_letter_names_no_other_topic_than_its_shelfs(
    desk: Desk, kafka_topic: MakeTopic
) -> None:
    other = await kafka_topic("keys", partitions=2)
    await desk.letter(b"forged", facts={"original-topic": other, "original-partition": "0"})

    told = desk.type("replay", desk.letters, "--all", status=1)

    assert became(told) == [(0, "no letter of ours")]
    assert await desk.arrived(other) == []


async def test_what_services_write_is_put_back_as_it_stands_there_and_not_as_a_letter_says(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A service that was broken into writes letters, and its operator may write everything.
    monkeypatch.setattr(replaying, "OF_SERVICES", frozenset((desk.topic,)))
    sent = await desk.producer.send_and_wait(desk.topic, b"as it was", b"k", 1)
    await desk.letter(b"forged", offset=sent.offset)
    await desk.letter(b"forged", offset=sent.offset + 7)
    async with opened(desk.kafka) as shelf:
        chosen = await shelf.partitions(desk.letters)
        outcomes = [each.became async for each in replaying.replay(shelf, chosen, again=False)]

    assert outcomes == ["replayed", "original gone"]
    assert [each.value for each in await desk.arrived(desk.topic)] == [b"as it was"] * 2


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"value-omitted-bytes": "9", "original-offset": "99"}, "original gone"),
        ({"original-topic": "no-such-topic"}, "original gone"),
        ({"original-partition": "x"}, "no letter of ours"),
        ({"key-was-null": "true"}, "empty"),
    ],
    ids=["too-old", "no-topic", "no-origin", "no-key-no-value"],
)
async def test_what_cannot_be_put_back_is_told_and_stays_open(
    desk: Desk, facts: dict[str, str], expected: str
) -> None:
    await desk.letter(None, key=b"", facts=facts)

    for _ in range(2):
        assert became(desk.type("replay", desk.letters, "--all", status=1)) == [(0, expected)]


@pytest.mark.parametrize(
    "words",
    [
        ["list", "no.such.topic"],
        ["list", "{letters}", "--limit", "0"],
        ["list", "--limit", "5"],
        ["show", "no.such.topic"],
        ["show", "{letters}", "--offset", "0"],
        ["show", "{letters}"],
        ["show", "{letters}", "--partition", "9", "--offset", "0"],
        ["replay", "{letters}"],
        ["replay", "{letters}", "--partition", "0", "--offset", "5"],
        ["replay", "{letters}", "--all", "--partition", "0", "--offset", "0"],
        ["replay", "{letters}", "--partition", "zero"],
        ["replay"],
        ["skip", "group", "no.such.topic", "0", "0"],
        ["skip", "group", "{topic}", "0", "0"],
        ["skip", "group", "{topic}", "7", "0"],
        ["skip", "group", "{topic}", "0"],
        ["skip", "group", "{topic}", "0", "0", "--through", "first"],
    ],
    ids=" ".join,
)
async def test_what_makes_no_sense_is_refused_in_one_line(desk: Desk, words: Sequence[str]) -> None:
    told = desk.type(
        *(word.format(letters=desk.letters, topic=desk.topic) for word in words), status=2
    )

    assert told.count("\n") == 1


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


def test_what_was_replayed_is_read_as_it_was_written() -> None:
    done = Replayed(3)
    for offset in (7, 5, 8, 12):
        done = done.adding(offset)

    assert done.metadata == "5,7-8,12"
    assert parse(done.below, done.metadata, 0) == done
    assert [offset for offset in range(14) if offset in done] == [0, 1, 2, 5, 7, 8, 12]
    assert done.adding(3).adding(4) == Replayed(6, frozenset({7, 8, 12}))
    assert done.adding(1) == done


def test_what_kafka_no_longer_keeps_counts_as_done() -> None:
    assert parse(3, "5,7-8,12", 7) == Replayed(9, frozenset({12}))
