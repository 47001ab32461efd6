"""Moves a group past the record at which it stands: a bug of ours ends its processes there."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, UnknownMemberIdError
from aiokafka.structs import OffsetAndMetadata

from counterfoil.dlq.shelf import Shelf
from counterfoil.errors import PlatformError
from servicekit.kafka.connection import Kafka

WITHOUT_MEMBERS = {"Empty", "Dead"}  # "Dead" is also what Kafka calls a group that it does not know


class OccupiedError(PlatformError):
    """The group has members: they would go on from where they stand, and commit over us."""

    def __init__(self, group: str) -> None:
        super().__init__(
            f"the group {group} has live members: stop its processes, wait until Kafka has missed "
            "them (6 s), and say this again"
        )


async def skip(
    shelf: Shelf, group: str, partition: TopicPartition, offset: int, through: int | None = None
) -> int:
    """Move the group, if it stands exactly here and nobody is in it; return the last it passes."""
    where = f"partition {partition.partition} of {partition.topic}"
    if partition not in await shelf.partitions_of(partition.topic):
        raise PlatformError(f"there is no {where}")
    kept = (await shelf.kept([partition]))[partition]
    if not kept.first <= offset < kept.end:
        raise PlatformError(
            f"there is no record at {offset} in {where}: Kafka keeps from {kept.first} on, "
            f"and will write {kept.end} next"
        )
    committed = await shelf.committed(group, partition)
    # A group that has never committed begins with the first record.
    stands = committed.offset if committed else kept.first
    if stands != offset:
        raise PlatformError(f"{group} stands at {stands} in {where}, not at {offset}")
    if await shelf.state(group) not in WITHOUT_MEMBERS:
        raise OccupiedError(group)
    last = offset if through is None else through
    if not offset <= last < kept.end:
        raise PlatformError(
            f"{last} is no place to stop in {where}: {group} stands at {offset}, and the last "
            f"record is {kept.end - 1}"
        )
    await _commit(shelf.kafka, group, partition, last + 1)
    return last


async def _commit(kafka: Kafka, group: str, partition: TopicPartition, offset: int) -> None:
    """Commit as one who is no member: Kafka refuses that while the group has some."""
    consumer = AIOKafkaConsumer(**kafka.options(), group_id=group, enable_auto_commit=False)
    try:
        await consumer.start()
        consumer.assign([partition])
        await consumer.commit({partition: OffsetAndMetadata(offset, "")})
    except (CommitFailedError, UnknownMemberIdError) as error:
        raise OccupiedError(group) from error
    finally:
        await consumer.stop()
