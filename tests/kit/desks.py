"""A topic, its dead letters, and who types `counterfoil dlq` at them."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition

from kit.commands import counterfoil
from kit.records import everything_since
from servicekit.kafka.connection import Kafka

OWN = [("trace", b"1-2"), ("group", b"the sender's")]


class Desk(NamedTuple):
    """A topic, its dead letters, and a producer that writes both."""

    kafka: Kafka
    producer: AIOKafkaProducer
    topic: str
    letters: str

    async def letter(
        self,
        value: bytes | None,
        *,
        key: bytes | None = b"k",
        offset: int = 0,
        facts: Mapping[str, str] | None = None,
    ) -> int:
        """Set a record aside as the services do; return the letter's offset."""
        told = {
            "original-topic": self.topic,
            "original-partition": "1",
            "original-offset": str(offset),
            "original-timestamp": "1700000000000",
            "group": "redemption",
            "error-class": "ValidationError",
            "error-text": "what is this\x1b[31m",
            **(facts or {}),
        }
        headers = [*OWN, *((name, text.encode()) for name, text in told.items())]
        sent = await self.producer.send_and_wait(self.letters, value, key, 0, headers=headers)
        return int(sent.offset)

    async def arrived(self, topic: str) -> list[ConsumerRecord]:
        return await everything_since(
            self.kafka, {TopicPartition(topic, 0): 0, TopicPartition(topic, 1): 0}
        )

    def type(self, *words: str, status: int = 0) -> Any:
        done = counterfoil("dlq", *words, "--json", **self.kafka.environment())
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if done.stdout else done.stderr
