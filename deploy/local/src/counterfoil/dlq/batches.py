"""Which records Kafka's client cannot parse: always a batch, as its producer sent it, as a whole.

The client parses a batch from its beginning: whoever stands within one that it cannot parse reads
none of it. And it forgets the good batches before that one, if the same fetch brought them.
"""

from typing import NamedTuple

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords

from servicekit.kafka.connection import Kafka

AT_ONCE_BYTES = 8 * 1024 * 1024  # of one partition; no reader of ours fetches more


class Batch(NamedTuple):
    """The offsets of its first and its last record."""

    first: int
    last: int


async def first_unparsable(kafka: Kafka, partition: TopicPartition, offset: int) -> Batch | None:
    """Return the first such batch of those that a reader who stands here fetches at once."""
    fetched = MemoryRecords(await _fetched(kafka, partition, offset))
    while fetched.has_next():
        batch = fetched.next_batch()
        if not _parses(batch):
            return Batch(batch.base_offset, batch.next_offset - 1)
    return None


def _parses(batch: DefaultRecordBatch) -> bool:
    try:
        records = [*batch] if batch.validate_crc() else None
    except Exception:  # noqa: BLE001 - a service's process ends at whatever it is
        return False
    return records is not None


async def _fetched(kafka: Kafka, partition: TopicPartition, offset: int) -> bytes:
    """Fetch as consumers do, and leave it as it came: with the batch that contains the offset."""
    client = AIOKafkaClient(**kafka.options())
    wanted = [(partition.topic, [(partition.partition, offset, AT_ONCE_BYTES)])]
    try:
        await client.bootstrap()
        await client.set_topics([partition.topic])
        leader = client.cluster.leader_for_partition(partition)
        request = FetchRequest(0, 0, AT_ONCE_BYTES, 0, wanted)
        [(_, [(_, error, *_, records)])] = (await client.send(leader, request)).topics
    finally:
        await client.close()
    if error:
        raise for_code(error)
    return bytes(records)
