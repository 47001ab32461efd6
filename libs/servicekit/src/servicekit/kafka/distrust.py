"""Has aiokafka hand out what it cannot parse, instead of standing at it for good.

It reads the batches of a fetch one after the other: a header whose name is no text is enough, and
the partition stands, and with it whoever reads it. Nor does it bound what a batch unpacks to. Here
an `Unparsable` comes in the record's place, which becomes a dead letter, and the partition goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher

from servicekit.kafka.batches import Batches, Odd
from servicekit.kafka.unpacking import UnparsableError


@dataclass
class Unparsable(ConsumerRecord[bytes, bytes]):  # type: ignore[misc]  # untyped to mypy
    """A record that nobody can read, or several, `first` to `offset`, of which none is known.

    `omitted_bytes` is their size where they are not in here: the original is still on Kafka.
    """

    first: int
    error: UnparsableError
    omitted_bytes: int | None


# Faster than `super()`, for every record of all.
as_ever: Final[Callable[..., ConsumerRecord[bytes, bytes]]] = (
    fetcher.PartitionRecords._consumer_record  # noqa: SLF001
)


class Records(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka is not typed here
    """The records of a fetch, and in their places those that are none."""

    def _consumer_record(
        self, tp: TopicPartition, record: Any
    ) -> ConsumerRecord[bytes, bytes] | Unparsable:
        if type(record) is not Odd:
            return as_ever(self, tp, record)
        return Unparsable(
            topic=tp.topic,
            partition=tp.partition,
            offset=record.offset,
            timestamp=record.timestamp,
            timestamp_type=record.timestamp_type,
            key=record.key,
            value=record.value,
            checksum=None,
            serialized_key_size=len(record.key or b""),
            serialized_value_size=len(record.value or b""),
            headers=tuple(record.headers),
            first=record.first,
            error=record.error,
            omitted_bytes=record.omitted_bytes,
        )


def distrust() -> None:
    """Have all consumers of this process read this way: aiokafka has no seam of its own for it."""
    fetcher.MemoryRecords = Batches
    fetcher.PartitionRecords = Records
