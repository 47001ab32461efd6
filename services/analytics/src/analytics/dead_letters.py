"""What happens to a record that nobody can read: set aside untouched, with the reason.

Written by a producer of its own and awaited: the caller commits only after the broker has
acknowledged. A crash before that commit sets the record aside twice, and never loses it.

Our headers may make the largest of records too large. Then the letter is a reference without its
value, key and headers: the original is still where ours say. Waiting for it to fit would stop its
partition for good.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from analytics.reading import Unreadable
from contracts import topics
from contracts.instants import to_rfc3339

GROUP = "analytics"
ACKNOWLEDGED_WITHIN_SECONDS = 30
STOPPED_WITHIN_SECONDS = 3
LARGEST_REQUEST = 4 * 1024 * 1024  # the broker decides what is too large, not the client


@dataclass(frozen=True, slots=True)
class Letter:
    """A record as it came, and why it is set aside."""

    record: ConsumerRecord
    why: Unreadable


class DeadLetters:
    """The way to `<topic>.dlq.analytics`; connects when there is something to send."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._producer: AIOKafkaProducer | None = None

    async def set_aside(self, letters: Sequence[Letter]) -> None:
        """Return when every letter is acknowledged; raise an outage otherwise."""
        if not letters:
            return
        try:
            async with asyncio.timeout(ACKNOWLEDGED_WITHIN_SECONDS):
                producer = await self._connected()
                for letter in letters:
                    await _send(producer, letter)
        except (KafkaError, OSError, TimeoutError):
            await self.stop()  # nothing of this attempt may linger when it is repeated
            raise

    async def stop(self) -> None:
        """Let go of the broker, in bounded time."""
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                await asyncio.wait_for(producer.stop(), STOPPED_WITHIN_SECONDS)
            except (KafkaError, TimeoutError):
                return  # nothing is pending that was not reported as failed

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap_servers,
                # Refused as too large, a letter leaves an idempotent producer stuck for good: a
                # gap in its sequence numbers. A letter that comes twice harms nobody.
                enable_idempotence=False,
                acks="all",
                compression_type="lz4",
                max_request_size=LARGEST_REQUEST,
            )
            await producer.start()
            self._producer = producer
        return self._producer


async def _send(producer: AIOKafkaProducer, letter: Letter) -> None:
    record, facts = letter.record, _facts(letter, datetime.now(UTC))
    topic = topics.dead_letters(record.topic, GROUP)
    key, headers = record.key, [*record.headers, *facts]
    without_key = [("key-was-null", b"true")] if key is None else []
    if key is None and record.value is None:  # Kafka has such records, its client sends none
        key, headers = b"", [*headers, *without_key]
    try:
        await producer.send_and_wait(topic, record.value, key, headers=headers)
    except MessageSizeTooLargeError:
        size = str(len(record.value or b"")).encode()
        reference = [*facts, ("value-omitted-bytes", size), *without_key]
        await producer.send_and_wait(topic, None, b"", headers=reference)


def _facts(letter: Letter, failed_at: datetime) -> list[tuple[str, bytes]]:
    """Say where the record came from and why it is here."""
    record, why = letter.record, letter.why
    told = {
        "original-topic": record.topic,
        "original-partition": str(record.partition),
        "original-offset": str(record.offset),
        "original-timestamp": str(record.timestamp),
        "group": GROUP,
        "error-class": why.error_class,
        "error-text": why.error_text,
        "failed-at": to_rfc3339(failed_at),
    }
    return [(name, text.encode(errors="replace")) for name, text in told.items()]
