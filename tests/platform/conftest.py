from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer
from conftest import MakeTopic
from kit.desks import Desk

from contracts import topics
from servicekit.kafka import topics as kafka_topics
from servicekit.kafka.connection import Kafka


@pytest.fixture
async def desk(kafka_servers: Kafka, kafka_topic: MakeTopic) -> AsyncIterator[Desk]:
    # What is put back keeps its old moment: Kafka would throw it away whenever it next looks.
    topic = await kafka_topic("requests", partitions=2, retention_ms=-1)
    letters = topics.dead_letters(topic, "redemption")
    await kafka_topics.ensure(
        kafka_servers, [topics.Topic(letters, "as it came", "redemption", (), topics.MONTH, 2)]
    )
    producer = AIOKafkaProducer(**kafka_servers.options())
    await producer.start()
    yield Desk(kafka_servers, producer, topic, letters)
    await producer.stop()
