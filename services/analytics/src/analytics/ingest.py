"""Brings a batch of records into ClickHouse: judge one by one, store as one block.

Order of effects: insert, set aside, and only then does the caller commit. A crash anywhere before
the commit repeats the batch: stored facts collapse, letters are set aside a second time, and
nothing is missing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import ConsumerRecord

from analytics import store
from analytics.columns import Table
from analytics.metrics import Metrics
from analytics.reading import UNREADABLE, Reader
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.letters import DeadLetter, dead_letter
from servicekit.kafka.reading import parsed

log = structlog.get_logger()

# So many in a row are no accident of the data but a fault of this reader.
UNREADABLE_LIMIT = 1000


class UnreadableLimitError(Exception):
    """Nobody writes that much nonsense: stop, and let a person look."""

    def __init__(self, letter: DeadLetter) -> None:
        at = letter.record
        super().__init__(
            f"{UNREADABLE_LIMIT} records in a row of {at.topic} cannot be read, the last at "
            f"partition {at.partition}, offset {at.offset}: {letter.error_text}. "
            "Compare this version of analytics with the writer's before it goes on."
        )


@dataclass(frozen=True, slots=True)
class Source:
    """A topic, how its records are read, and the table that they go to."""

    topic: str
    reader: Reader[Any]
    table: Table[Any]


@dataclass(slots=True)
class Sorted:
    """A batch, judged: events to store with the records they came from, letters to set aside."""

    events: list[Any] = field(default_factory=list)
    records: list[ConsumerRecord] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    unreadable_in_a_row: int = 0


class Ingestion:
    """The way from Kafka to ClickHouse. Remembers how many records in a row nobody could read."""

    def __init__(
        self, clickhouse: store.ClickHouse, dead_letters: DeadLetters, metrics: Metrics
    ) -> None:
        self._clickhouse = clickhouse
        self._dead_letters = dead_letters
        self._metrics = metrics
        self._unreadable_in_a_row: Counter[str] = Counter()

    async def take(self, source: Source, records: Sequence[ConsumerRecord]) -> None:
        """Return when every record is stored or set aside; an outage propagates."""
        if not records:
            return
        batch = sort(source, records, self._unreadable_in_a_row[source.topic])
        if batch.events:
            block = source.table.block(batch.events, batch.records)
            client = await self._clickhouse.client()
            with self._metrics.insert_seconds.labels(source.table.name).time():
                await store.insert(client, source.table, block, token(records, len(batch.events)))
        await self._dead_letters.send_to_dlq(batch.letters)
        self._unreadable_in_a_row[source.topic] = batch.unreadable_in_a_row
        self._metrics.records_stored.labels(source.topic).inc(len(batch.events))
        log.info("batch_stored", topic=source.topic, rows=len(batch.events))


def sort(source: Source, records: Sequence[ConsumerRecord], in_a_row: int) -> Sorted:
    """Judge each record by itself; `in_a_row` is how many before these were unreadable."""
    batch = Sorted(unreadable_in_a_row=in_a_row)
    read = source.reader.read
    for record in records:
        try:
            event = read(parsed(record).value)
        except UNREADABLE as error:
            batch.letters.append(dead_letter(record, error))
            batch.unreadable_in_a_row += 1
            if batch.unreadable_in_a_row >= UNREADABLE_LIMIT:
                raise UnreadableLimitError(batch.letters[-1]) from error
        else:
            batch.unreadable_in_a_row = 0
            batch.events.append(event)
            batch.records.append(record)
    return batch


def token(records: Sequence[ConsumerRecord], rows: int) -> str:
    """Name a block by the range of each partition in it: other records, another token.

    The server drops a block whose token it knows without looking at it, so a token that two blocks
    shared would lose the second. Offsets alone are shared with a topic that was made anew, and with
    the same ranges read by a better reader that makes more rows of them.
    """
    first: dict[int, ConsumerRecord] = {}
    last: dict[int, ConsumerRecord] = {}
    for record in records:
        first.setdefault(record.partition, record)
        last[record.partition] = record
    ranges = [
        f"{number}:{own.offset}-{last[number].offset}:{own.timestamp}-{last[number].timestamp}"
        for number, own in sorted(first.items())
    ]
    return f"{records[0].topic} {' '.join(ranges)} {rows}"
