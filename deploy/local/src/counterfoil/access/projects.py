"""Whether a project exists, asked where every service hears of it: on Kafka."""

from aiokafka import TopicPartition

from contracts.topics import PROJECTS
from counterfoil import partitions
from counterfoil.errors import PlatformError
from servicekit.kafka.connection import Kafka


async def require(operator: Kafka, project_id: str) -> None:
    """Refuse a project that nobody has opened: what was made for it would wait for ever."""
    if project_id not in await opened(operator):
        raise PlatformError(f"there is no project {project_id}")


async def opened(operator: Kafka) -> set[str]:
    """Return the ids of all projects: the keys of their snapshots."""
    snapshots = partitions.records(operator, TopicPartition(PROJECTS.name, 0))
    return {record.key.decode() async for record in snapshots if record.key}
