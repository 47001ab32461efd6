"""Which records of a real broker a handler gets first."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from conftest import MakeTopic

from counterfoil.bench.odd_batches import a_batch, a_record, append
from servicekit.kafka.connection import Kafka
from servicekit.kafka.fetching import Tuning, fetch_by


async def test_a_partition_that_is_far_behind_keeps_no_other_waiting(
    kafka_servers: Kafka, kafka_topic: MakeTopic
) -> None:
    topic = await kafka_topic("requests", partitions=3)
    thousand = a_batch(*map(a_record, range(1000)))
    for partition in range(3):
        await append(kafka_servers, topic, thousand, partition=partition)
    fetch = fetch_by(Tuning(max_records=120, poll_ms=10_000))

    consumer = AIOKafkaConsumer(
        **kafka_servers.options(), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    async with consumer:
        consumer.assign([TopicPartition(topic, partition) for partition in range(3)])
        found = [await fetch(consumer) for _ in range(25)]

    assert [{r.partition for r in records} for records in found[:20]] == [{0, 1, 2}] * 20
    for partition in range(3):
        offsets = [r.offset for records in found for r in records if r.partition == partition]
        assert offsets == [*range(1000)]
