"""Looks up what redemption set aside."""

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts import topics
from servicekit.kafka.connection import Kafka

TOPIC = topics.dead_letters(topics.REDEMPTION_REQUESTS_HISTORY.name, "redemption")
POLL_MILLISECONDS = 500


async def set_aside(kafka: Kafka, marker: str) -> list[dict[str, Any]]:
    """Return the dead letters that bear the marker, once each, though a crash may repeat them."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    partition = TopicPartition(TOPIC, 0)
    consumer = AIOKafkaConsumer(
        **kafka.options(), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        while await consumer.position(partition) < end:
            batch = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
            for record in batch.get(partition, []):
                headers = {name: value.decode("utf-8", "replace") for name, value in record.headers}
                if record.value is not None and marker.encode() in record.value:
                    origin = tuple(
                        headers.get(f"original-{part}", "")
                        for part in ("topic", "partition", "offset")
                    )
                    found.setdefault(origin, {"value": record.value, **headers})
    finally:
        await consumer.stop()
    return list(found.values())
