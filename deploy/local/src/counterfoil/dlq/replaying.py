"""Puts dead letters back where they came from, each once.

A letter is appended, acknowledged, and then noted (`shelf.GROUP`). A crash in between repeats that
one at the next replay: harmless, since requests have identities and snapshots have versions.

Whoever replays may write everything, and who wrote the letter may not: a service that was broken
into could set aside a project's keys as it likes them. So a letter goes to the topic of its shelf
alone, and to one that a service writes only as the record that still stands there.
"""

from collections.abc import AsyncIterator
from typing import Literal, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from contracts.principals import SERVICES
from contracts.topics import TOPICS
from counterfoil.dlq import shelf as shelves
from counterfoil.dlq.letters import Headers, Letter, of_record
from counterfoil.dlq.shelf import Shelf
from counterfoil.partitions import Kept
from servicekit.kafka.distrust import Unparsable

OF_SERVICES = frozenset(topic.name for topic in TOPICS if topic.writer in SERVICES)
LARGEST = 64 * 1024 * 1024  # the broker decides what is too large, not the client

Became = Literal[
    "replayed", "already replayed", "no letter of ours", "original gone", "empty", "unparsable"
]


class Outcome(NamedTuple):
    """What became of one letter; where it went is None unless it was replayed."""

    partition: int
    offset: int
    became: Became
    to_topic: str | None = None
    to_partition: int | None = None
    to_offset: int | None = None


class Content(NamedTuple):
    """What is to be appended."""

    key: bytes | None
    value: bytes | None
    headers: Headers


async def replay(
    shelf: Shelf, chosen: dict[TopicPartition, Kept], *, again: bool
) -> AsyncIterator[Outcome]:
    """Append the letters between these offsets to their original topics, in their order."""
    # Not idempotent: a record that the broker refuses as too large would leave the rest stuck.
    producer = AIOKafkaProducer(
        **shelf.kafka.options(),
        enable_idempotence=False,
        acks="all",
        compression_type="lz4",
        max_request_size=LARGEST,
    )
    noting = AIOKafkaConsumer(
        **shelf.kafka.options(), group_id=shelves.GROUP, enable_auto_commit=False
    )
    try:
        await producer.start()
        await noting.start()
        # Once: changed while its coordinator is looked up, it would fail when it is stopped.
        noting.assign(list(chosen))
        for partition, between in chosen.items():
            kept = (await shelf.kept([partition]))[partition]
            done = await shelf.replayed(partition, kept)
            async for record in shelf.records(partition, between):
                letter = of_record(record)
                if letter.offset in done and not again:
                    yield Outcome(letter.partition, letter.offset, "already replayed")
                    continue
                after = done.adding(letter.offset)
                note = OffsetAndMetadata(after.below, after.metadata)
                outcome = await _replay(shelf, producer, letter)
                if outcome.became == "replayed":
                    await noting.commit({partition: note})
                    done = after
                yield outcome
    finally:
        await noting.stop()
        await producer.stop()


async def _replay(shelf: Shelf, producer: AIOKafkaProducer, letter: Letter) -> Outcome:
    place = letter.partition, letter.offset
    if (origin := letter.origin) is None:
        return Outcome(*place, "no letter of ours")
    source, offset = origin
    if source.topic not in await shelf.consumer.topics():
        return Outcome(*place, "original gone")
    if source.topic != letter.shelved_from:
        return Outcome(*place, "no letter of ours")
    contents = [Content(letter.key, letter.value, letter.headers)] * letter.records
    if letter.is_reference or source.topic in OF_SERVICES:
        if await shelf.record(source, offset) is None:
            return Outcome(*place, "original gone")
        until = max(offset, letter.last_offset) + 1
        originals = [record async for record in shelf.records(source, Kept(offset, until))]
        if any(isinstance(record, Unparsable) for record in originals):
            return Outcome(*place, "unparsable")
        contents = [Content(record.key, record.value, record.headers) for record in originals]
    if any(content.key is None and content.value is None for content in contents):
        return Outcome(*place, "empty")  # Kafka's client can write no such record
    there = source.partition in await producer.partitions_for(source.topic)
    sent = [
        await producer.send_and_wait(
            source.topic,
            content.value,
            content.key,
            source.partition if there else None,
            # History is judged by it; elsewhere the broker stamps anew.
            timestamp_ms=letter.original_timestamp,
            headers=list(content.headers),
        )
        for content in contents
    ]
    last = sent[-1]
    return Outcome(*place, "replayed", last.topic, last.partition, last.offset)
