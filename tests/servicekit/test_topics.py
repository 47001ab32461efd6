from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient
from conftest import MakeTopic
from kit.patience import until

from contracts.topics import Topic
from servicekit.kafka import topics
from servicekit.kafka.connection import Kafka


def a_topic(name: str, *, days: int | None = 7, partitions: int = 2) -> Topic:
    kept = None if days is None else timedelta(days=days)
    return Topic(name, "key", "writer", (), kept, partitions, "LogAppendTime")


async def test_a_topic_is_created_once_and_then_left_alone(
    kafka_servers: Kafka, kafka_topic: MakeTopic
) -> None:
    name = f"{await kafka_topic('sibling')}-made"

    first = await topics.ensure(kafka_servers, [a_topic(name)])
    second = await topics.ensure(kafka_servers, [a_topic(name)])

    assert (first.created, second.unchanged) == ([name], [name])


async def test_what_has_drifted_is_corrected_and_what_others_set_stays(
    kafka_servers: Kafka, kafka_topic: MakeTopic
) -> None:
    name = await kafka_topic("drifted", partitions=1, segment_bytes=2_000_000)
    admin = AIOKafkaAdminClient(**kafka_servers.options())
    await admin.start()

    async def listed() -> bool:  # a broker shows what it was told a moment later
        return name in await admin.list_topics()

    await until(listed, what="the topic that has drifted")
    changes = await topics.ensure(kafka_servers, [a_topic(name, days=None)])

    assert changes.altered[name]["partitions"] == "1 -> 2"
    assert changes.altered[name]["cleanup.policy"] == "default -> compact"

    async def corrected() -> bool:
        return await topics.set_on(admin, name) == {
            "segment.bytes": "2000000",
            "cleanup.policy": "compact",
            "message.timestamp.type": "LogAppendTime",
        }

    await until(corrected, what="the settings that are wanted, and the one that others set")
    await admin.close()


def test_a_topic_without_limit_says_so_in_kafkas_words() -> None:
    forever = Topic("history", "key", "writer", (), timedelta(milliseconds=-1))

    assert topics.settings(forever)["retention.ms"] == "-1"
