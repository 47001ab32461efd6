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
from analytics.dead_letters import DeadLetters, Letter
from analytics.metrics import Metrics
from analytics.reading import Reader, Unreadable

log = structlog.get_logger()

# So many in a row are no accident of the data but a fault of this reader.
UNREADABLE_LIMIT = 1000


class UnreadableLimitError(Exception):
    """Nobody writes that much nonsense: stop, and let a person look."""

    def __init__(self, topic: str, letter: Letter) -> None:
        super().__init__(
            f"{UNREADABLE_LIMIT} records in a row of {topic} cannot be read, the last at partition "
            f"{letter.record.partition}, offset {letter.record.offset}: {letter.why.error_text}. "
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
    letters: list[Letter] = field(default_factory=list)
    unreadable_in_a_row: int = 0


class Ingestion:
    """The way from Kafka to ClickHouse. Remembers how many records in a row nobody could read."""

    def __init__(
        self, warehouse: store.Warehouse, dead_letters: DeadLetters, metrics: Metrics
    ) -> None:
        self._warehouse = warehouse
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
            client = await self._warehouse.client()
            with self._metrics.insert_seconds.labels(source.table.name).time():
                await store.insert(client, source.table, block, token(records, len(batch.events)))
        await self._dead_letters.set_aside(batch.letters)
        self._unreadable_in_a_row[source.topic] = batch.unreadable_in_a_row
        self._report(source, batch)

    def _report(self, source: Source, batch: Sorted) -> None:
        counted = {"stored": len(batch.events), "dead_letter": len(batch.letters)}
        for outcome, number in counted.items():
            self._metrics.records.labels(source.topic, outcome).inc(number)
        log.info("batch stored", topic=source.topic, **counted)
        for letter in batch.letters:
            log.warning(
                "set aside",
                topic=source.topic,
                partition=letter.record.partition,
                offset=letter.record.offset,
                error=letter.why.error_class,
            )


def sort(source: Source, records: Sequence[ConsumerRecord], in_a_row: int) -> Sorted:
    """Judge each record by itself; `in_a_row` is how many before these were unreadable."""
    batch = Sorted(unreadable_in_a_row=in_a_row)
    read = source.reader.read
    for record in records:
        event = read(record.value)
        if isinstance(event, Unreadable):
            batch.letters.append(Letter(record, event))
            batch.unreadable_in_a_row += 1
            if batch.unreadable_in_a_row >= UNREADABLE_LIMIT:
                raise UnreadableLimitError(source.topic, batch.letters[-1])
            continue
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
