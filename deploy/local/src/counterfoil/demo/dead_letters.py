"""Looks up what redemption set aside."""

from typing import Any

from aiokafka import TopicPartition

from contracts import topics
from counterfoil import partitions
from servicekit.kafka.connection import Kafka

TOPIC = topics.dead_letters(topics.REDEMPTION_REQUESTS_HISTORY.name, "redemption")


async def set_aside(kafka: Kafka, marker: str) -> list[dict[str, Any]]:
    """Return the dead letters that bear the marker, once each, though a crash may repeat them."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    async for record in partitions.records(kafka, TopicPartition(TOPIC, 0)):
        headers = {name: value.decode("utf-8", "replace") for name, value in record.headers}
        if record.value is not None and marker.encode() in record.value:
            parts = ("topic", "partition", "offset")
            origin = tuple(headers.get(f"original-{part}", "") for part in parts)
            found.setdefault(origin, {"value": record.value, **headers})
    return list(found.values())
