"""Whether a project exists, asked where every service hears of it: on Kafka."""

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topics import PROJECTS
from counterfoil.errors import PlatformError
from servicekit.kafka.connection import Kafka

POLL_MILLISECONDS = 1000


async def require(operator: Kafka, project_id: str) -> None:
    """Refuse a project that nobody has opened: what was made for it would wait for ever."""
    if project_id not in await opened(operator):
        raise PlatformError(f"there is no project {project_id}")


async def opened(operator: Kafka) -> set[str]:
    """Return the ids of all projects: the keys of their snapshots."""
    partition = TopicPartition(PROJECTS.name, 0)
    found: set[str] = set()
    consumer = AIOKafkaConsumer(**operator.options(), enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        while await consumer.position(partition) < end:
            batches = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
            found |= {record.key.decode() for record in batches.get(partition, []) if record.key}
    finally:
        await consumer.stop()
    return found
