"""Brings a batch of records into ClickHouse: judge one by one, store by the block.

Order of effects: insert, set aside, and only then does the caller commit. A crash anywhere before
the commit repeats the batch: stored facts collapse, letters are set aside a second time, and
nothing is missing.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from aiokafka import ConsumerRecord

from analytics import store
from analytics.dead_letters import DeadLetters, Letter
from analytics.metrics import Metrics
from analytics.reading import Read, Unreadable
from analytics.rows import Row
from analytics.tables import Table

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
    read: Read
    table: Table


@dataclass(slots=True)
class Sorted:
    """A batch, judged: blocks to store, letters to set aside."""

    blocks: list[tuple[str, list[Row]]] = field(default_factory=list)
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
        client = await self._warehouse.client()
        for token, rows in batch.blocks:
            with self._metrics.insert_seconds.labels(source.table.name).time():
                await store.insert(client, source.table, rows, token)
        await self._dead_letters.set_aside(batch.letters)
        self._unreadable_in_a_row[source.topic] = batch.unreadable_in_a_row
        self._report(source, batch)

    def _report(self, source: Source, batch: Sorted) -> None:
        stored = sum(len(rows) for _, rows in batch.blocks)
        counted = {"stored": stored, "dead_letter": len(batch.letters)}
        for outcome, number in counted.items():
            self._metrics.records.labels(source.topic, outcome).inc(number)
        log.info("batch stored", topic=source.topic, blocks=len(batch.blocks), **counted)
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
    for block in by_partition(records):
        rows: list[Row] = []
        for record in block:
            reading = source.read(record.value, record.partition, record.offset)
            if isinstance(reading, Unreadable):
                batch.letters.append(Letter(record, reading))
                batch.unreadable_in_a_row += 1
                if batch.unreadable_in_a_row >= UNREADABLE_LIMIT:
                    raise UnreadableLimitError(source.topic, batch.letters[-1])
                continue
            batch.unreadable_in_a_row = 0
            rows.append(reading)
        batch.blocks.append((token(block, len(rows)), rows))
    return batch


def by_partition(records: Iterable[ConsumerRecord]) -> list[list[ConsumerRecord]]:
    """Part a batch into what each partition sent, in its order."""
    blocks: dict[tuple[str, int], list[ConsumerRecord]] = {}
    for record in records:
        blocks.setdefault((record.topic, record.partition), []).append(record)
    return list(blocks.values())


def token(block: Sequence[ConsumerRecord], rows: int) -> str:
    """Name a block: the same records, and nothing else, give the same token.

    The server drops a block whose token it knows without looking at it, so a token that two blocks
    shared would lose the second. Offsets alone are shared with a topic that was made anew, and with
    the same range read by a better reader that makes more rows of it.
    """
    first, last = block[0], block[-1]
    return (
        f"{first.topic}:{first.partition}:{first.offset}-{last.offset}"
        f":{first.timestamp}-{last.timestamp}:{rows}"
    )
