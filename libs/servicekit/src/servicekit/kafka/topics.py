"""Creates Kafka's topics as they are declared, and corrects what has drifted.

More partitions than asked are left alone (a cluster may have them, and Kafka cannot take any away);
fewer are added. Settings that somebody else put on a topic stay.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from servicekit.kafka.connection import Kafka

SET_ON_TOPIC = 1  # the source of a setting: the topic itself, not the broker's default
ALREADY_THERE = TopicAlreadyExistsError.errno


class Topic(Protocol):
    """A topic as it is declared. `kept` (retention) is None for a compacted one."""

    @property
    def name(self) -> str: ...
    @property
    def partitions(self) -> int: ...
    @property
    def cleanup_policy(self) -> str: ...
    @property
    def timestamps(self) -> str: ...
    @property
    def kept(self) -> timedelta | None: ...


@dataclass(slots=True)
class Changes:
    """What was done, by the topics' names."""

    created: list[str] = field(default_factory=list)
    altered: dict[str, dict[str, str]] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)


async def ensure(kafka: Kafka, wanted: Iterable[Topic], *, replicas: int = 1) -> Changes:
    """Make every topic what it must be; again is harmless."""
    admin = AIOKafkaAdminClient(**kafka.options())
    await admin.start()
    try:
        topics = {topic.name: topic for topic in wanted}
        changes = Changes()
        there = set(await admin.list_topics()) & topics.keys()
        missing = [topic for name, topic in topics.items() if name not in there]
        await create(admin, missing, replicas)
        changes.created = sorted(topic.name for topic in missing)
        for name in sorted(there):
            if drift := await correct(admin, topics[name]):
                changes.altered[name] = drift
            else:
                changes.unchanged.append(name)
        return changes
    finally:
        await admin.close()


def settings(topic: Topic) -> dict[str, str]:
    """Say in Kafka's words how a topic is kept."""
    wanted = {
        "cleanup.policy": topic.cleanup_policy,
        "message.timestamp.type": topic.timestamps,
    }
    if topic.kept is not None:
        wanted["retention.ms"] = str(topic.kept // timedelta(milliseconds=1))
    return wanted


async def create(admin: AIOKafkaAdminClient, missing: list[Topic], replicas: int) -> None:
    if not missing:
        return
    answer = await admin.create_topics(
        [
            NewTopic(topic.name, topic.partitions, replicas, topic_configs=settings(topic))
            for topic in missing
        ]
    )
    for name, code, *reason in answer.topic_errors:
        if code not in {0, ALREADY_THERE}:
            raise for_code(code)(f"{name}: {reason}")


async def correct(admin: AIOKafkaAdminClient, topic: Topic) -> dict[str, str]:
    """Bring one topic in line; return what was changed."""
    drift: dict[str, str] = {}
    [described] = await admin.describe_topics([topic.name])
    partitions = len(described["partitions"])
    if partitions < topic.partitions:
        await admin.create_partitions({topic.name: NewPartitions(topic.partitions)})
        drift["partitions"] = f"{partitions} -> {topic.partitions}"
    now = await set_on(admin, topic.name)
    wanted = settings(topic)
    wrong = {name: value for name, value in wanted.items() if now.get(name) != value}
    if wrong:
        await alter(admin, topic.name, now | wanted)
        drift |= {name: f"{now.get(name, 'default')} -> {value}" for name, value in wrong.items()}
    return drift


async def set_on(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    """Return the settings that a topic has of its own."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    [answer] = await admin.describe_configs([resource])
    [(code, message, _type, _name, entries)] = answer.resources
    if code:
        raise for_code(code)(f"{topic}: {message}")
    return {name: value for name, value, _, source, *_ in entries if source == SET_ON_TOPIC}


async def alter(admin: AIOKafkaAdminClient, topic: str, all_of_them: Mapping[str, str]) -> None:
    # This call replaces: what is not named falls back to the broker's default.
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict(all_of_them))
    [answer] = await admin.alter_configs([resource])
    for code, message, *_ in answer.resources:
        if code:
            raise for_code(code)(f"{topic}: {message}")
