"""The question whether Kafka is there; it needs no FastStream."""

from aiokafka.client import AIOKafkaClient

from servicekit.health import Probe
from servicekit.kafka.connection import Kafka


def kafka_answers(kafka: Kafka) -> Probe:
    """Ask with a fresh connection: a connected client notices an absent broker late."""
    options = kafka.options()

    async def probe() -> str | None:
        client = AIOKafkaClient(**options, client_id="probe")
        try:
            await client.bootstrap()
        finally:
            await client.close()
        return None

    return probe
