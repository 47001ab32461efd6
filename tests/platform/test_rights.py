"""Every principal, on every topic, by every operation, asked of the real broker."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kit import engines

from contracts import ids
from contracts.principals import CHECKOUT, OPERATOR, PRINCIPALS, Right, rights
from contracts.topics import PROJECTS, REDEMPTION_REQUESTS, of_project, with_dead_letters
from counterfoil.access import granting, vendors
from counterfoil.errors import PlatformError
from servicekit.kafka import topics as kafka_topics
from servicekit.kafka.answering import kafka_answers
from servicekit.kafka.connection import Kafka, Mechanism

TOPIC_DENIED, GROUP_DENIED, CHECKSUM_AT = 29, 30, 17
EVERYBODY_ELSE: Final = [name for name in PRINCIPALS if name != OPERATOR]
GROUPS: Final = [*EVERYBODY_ELSE, "redemption-snapshots", "analytics-2-definitions", "a-stranger's"]


@pytest.fixture(scope="session")
def vendor(kafka_servers: Kafka) -> Kafka:
    """The way in of a vendor, whose project is known on Kafka."""
    project_id = ids.new("proj_")

    async def made() -> Kafka:
        await kafka_topics.ensure(kafka_servers, with_dead_letters())
        await open_project(kafka_servers, project_id)
        return await vendors.add(kafka_servers, project_id)

    return asyncio.run(made())


async def open_project(kafka: Kafka, project_id: str) -> None:
    async with AIOKafkaProducer(**kafka.options()) as producer:
        await producer.send_and_wait(PROJECTS.name, b"{}", project_id.encode())


@asynccontextmanager
async def speaking_as(kafka: Kafka) -> AsyncIterator[Callable[[Any], Any]]:
    """Send requests of Kafka's protocol, as no client of ours would."""
    client = AIOKafkaClient(**kafka.options())
    await client.bootstrap()
    try:
        yield lambda request: client.send(client.get_random_node(), request)
    finally:
        await client.close()


async def may_read(kafka: Kafka, names: Iterable[str]) -> set[str]:
    wanted = [(name, [(0, 0, 1)]) for name in names]
    async with speaking_as(kafka) as ask:
        answer = await ask(FetchRequest(0, 0, 1, 0, wanted))
    return {name for name, [(_, error, *_)] in answer.topics if error != TOPIC_DENIED}


async def may_write(kafka: Kafka, names: Iterable[str]) -> set[str]:
    """Send a record with a wrong checksum: who may write is told that, and nobody's topic grows."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1000)
    builder.append(0, timestamp=0, key=b"", value=b"", headers=[])
    broken = bytearray(builder.build())
    broken[CHECKSUM_AT] ^= 0xFF
    async with speaking_as(kafka) as ask:
        wanted = [(name, [(0, bytes(broken))]) for name in names]
        answer = await ask(ProduceRequest(None, -1, 5000, wanted))
    told = {name: error for name, [(_, error, *_)] in answer.topics}
    assert 0 not in told.values()
    return {name for name, error in told.items() if error != TOPIC_DENIED}


async def may_join(kafka: Kafka, groups: Iterable[str]) -> set[str]:
    async with speaking_as(kafka) as ask:
        answers = {group: await ask(FindCoordinatorRequest(group, 0)) for group in groups}
    return {group for group, answer in answers.items() if answer.error_code != GROUP_DENIED}


def held(principal: str, declared: Iterable[Right], operation: str, resource: str) -> list[Right]:
    kind = (principal, operation, resource)
    return [each for each in declared if (each.principal, each.operation, each.resource) == kind]


async def test_each_principal_may_what_is_declared_on_each_topic_and_nothing_else(
    kafka_servers: Kafka, vendor: Kafka
) -> None:
    assert vendor.username is not None
    every = [*with_dead_letters(), *of_project(vendor.username)]
    declared, names = rights(every), sorted(topic.name for topic in every)
    ways = [vendor, *(engines.acting_as(kafka_servers, name) for name in PRINCIPALS)]

    for way in ways:
        who = str(way.username)
        if who == OPERATOR:
            wanted = {"READ": set(names), "WRITE": set(names), "group": set(GROUPS)}
        else:
            prefixes = [right.name for right in held(who, declared, "READ", "group")]
            wanted = {
                "READ": {right.name for right in held(who, declared, "READ", "topic")},
                "WRITE": {right.name for right in held(who, declared, "WRITE", "topic")},
                "group": {each for each in GROUPS if each.startswith(tuple(prefixes))},
            }
        found = {
            "READ": await may_read(way, names),
            "WRITE": await may_write(way, names),
            "group": await may_join(way, GROUPS),
        }
        assert found == wanted, who


def test_nobody_but_the_operator_administers_anything(kafka_servers: Kafka, vendor: Kafka) -> None:
    names = [topic.name for topic in with_dead_letters()]
    for way in [vendor, *(engines.acting_as(kafka_servers, name) for name in EVERYBODY_ELSE)]:
        admin = AdminClient(way.librdkafka() | {"log_level": 0})
        asked = {
            f"{what} {name}": answer
            for what, answers in attempts(admin, names).items()
            for name, answer in answers.items()
        }
        assert {what: denial(answer) for what, answer in asked.items()} == dict.fromkeys(
            asked, "denied"
        ), way.username
    assert (
        set(names)
        <= AdminClient(kafka_servers.librdkafka() | {"log_level": 0})
        .list_topics(timeout=10)
        .topics.keys()
    )


def attempts(admin: AdminClient, names: list[str]) -> Mapping[str, Mapping[Any, Future[Any]]]:
    altered = [
        ConfigResource(
            ResourceType.TOPIC,
            name,
            incremental_configs=[
                ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)
            ],
        )
        for name in names
    ]
    everything = AclBinding(
        *(ResourceType.TOPIC, "coupons", ResourcePatternType.PREFIXED, "User:checkout", "*"),
        *(AclOperation.ALL, AclPermissionType.ALLOW),
    )
    hashed = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, granting.ITERATIONS)
    forged = UserScramCredentialUpsertion(OPERATOR, hashed, b"guessed")
    return {
        "create": admin.create_topics([NewTopic("coupons.forged.v1", 1, 1)]),
        "delete": admin.delete_topics(names),
        "grow": admin.create_partitions([NewPartitions(name, 9) for name in names]),
        "alter": admin.incremental_alter_configs(altered),
        "look at": admin.describe_configs([ConfigResource(ResourceType.TOPIC, n) for n in names]),
        "grant": admin.create_acls([everything]),
        "let in": admin.alter_user_scram_credentials([forged]),
    }


def denial(answer: Future[Any]) -> str:
    try:
        answer.result(60)
    except KafkaException as refused:
        code = refused.args[0].code()
        denied = {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED}
        return "denied" if code in denied else str(refused)
    return "done"


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param({"protocol": "PLAINTEXT"}, id="without-a-name"),
        pytest.param({"password": "guessed"}, id="with-a-wrong-password"),
        pytest.param({"username": "nobody"}, id="under-a-name-that-nobody-has"),
        pytest.param({"mechanism": "PLAIN"}, id="by-a-mechanism-that-is-the-brokers-own"),
    ],
)
async def test_strangers_do_not_come_in(kafka_servers: Kafka, stranger: dict[str, Any]) -> None:
    client = AIOKafkaClient(**replace(kafka_servers, **stranger).options(), request_timeout_ms=2000)

    with pytest.raises(KafkaConnectionError):
        await client.bootstrap()
    await client.close()


async def test_a_vendor_that_is_removed_may_do_nothing_at_once_and_comes_in_no_more(
    kafka_servers: Kafka,
) -> None:
    project_id = ids.new("proj_")
    await kafka_topics.ensure(kafka_servers, with_dead_letters())
    await open_project(kafka_servers, project_id)
    way = await vendors.add(kafka_servers, project_id)
    [own, *_] = of_project(project_id)
    async with AIOKafkaProducer(**way.options(), enable_idempotence=True) as producer:
        await producer.send_and_wait(own.name, b"{}")
        assert project_id in await vendors.listed(kafka_servers)

        await vendors.remove(kafka_servers, project_id)

        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(own.name, b"{}")
    with pytest.raises(KafkaConnectionError):
        await AIOKafkaClient(**way.options()).bootstrap()
    assert project_id not in await vendors.listed(kafka_servers)
    assert project_id not in {each.principal for each in await granting.declared(kafka_servers)}
    redemptions = {r.name for r in await granting.declared(kafka_servers) if r.name == own.name}
    assert redemptions == {own.name}  # what it had asked for is still decided


async def test_a_vendors_new_password_replaces_the_old_one(
    kafka_servers: Kafka,
) -> None:
    project_id = ids.new("proj_")
    await kafka_topics.ensure(kafka_servers, with_dead_letters())
    await open_project(kafka_servers, project_id)
    old = await vendors.add(kafka_servers, project_id)
    with pytest.raises(PlatformError, match="vendors rotate"):
        await vendors.add(kafka_servers, project_id)

    new = await vendors.rotate(kafka_servers, project_id)

    assert await may_write(new, [of_project(project_id)[0].name])
    with pytest.raises(KafkaConnectionError):
        await AIOKafkaClient(**old.options()).bootstrap()


async def test_a_password_holds_as_soon_as_it_is_told(kafka_servers: Kafka) -> None:
    for number in range(20):
        passwords = {"somebody": f"password {number}"}

        await granting.ensure(kafka_servers, passwords, (), only=())

        assert await kafka_answers(kafka_servers.acting_as(*passwords.popitem()))() is None
    await granting.shut_out(kafka_servers, "somebody")


async def test_nobody_gets_a_way_in_for_a_project_that_there_is_not(kafka_servers: Kafka) -> None:
    await kafka_topics.ensure(kafka_servers, with_dead_letters())
    for work in (vendors.add, vendors.prepare):
        with pytest.raises(PlatformError, match="there is no project proj_typo"):
            await work(kafka_servers, "proj_typo")
    for work in (vendors.rotate, vendors.remove):
        with pytest.raises(PlatformError, match="has no vendor"):
            await work(kafka_servers, "proj_typo")


async def test_rights_that_drifted_are_brought_back_and_other_peoples_stay(
    kafka_servers: Kafka,
) -> None:
    stranger = Right("somebody", "READ", "topic", "elsewhere")
    surplus = Right(CHECKOUT, "WRITE", "topic", PROJECTS.name)
    missing = Right(CHECKOUT, "WRITE", "topic", REDEMPTION_REQUESTS.name)
    declared = await granting.declared(kafka_servers)
    await granting.ensure(
        kafka_servers, {}, declared - {missing} | {surplus, stranger}, only=[CHECKOUT]
    )
    checkout = engines.acting_as(kafka_servers, CHECKOUT)
    assert await may_write(checkout, [surplus.name, missing.name]) == {surplus.name}

    await granting.ensure(kafka_servers, {}, declared, only=PRINCIPALS)

    assert await may_write(checkout, [surplus.name, missing.name]) == {missing.name}


@pytest.mark.parametrize(
    ("operators", "others"),
    [
        ("SCRAM-SHA-256", "SCRAM-SHA-256"),
        ("SCRAM-SHA-512", "SCRAM-SHA-512"),
        ("PLAIN", "SCRAM-SHA-512"),
    ],
)
def test_who_is_let_in_comes_in_as_the_operator_does_and_never_by_plain(
    operators: Mechanism, others: Mechanism
) -> None:
    assert granting.mechanism(replace(engines.NO_KAFKA, mechanism=operators)) == others
