"""Who may log in to a Kafka, and what each may do there: brought in line with what is declared.

By confluent-kafka, because aiokafka knows neither users nor rights. Its calls block: in a thread.
"""

import asyncio
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Final, TypeVar

from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from contracts.principals import PRINCIPALS, Right, rights
from contracts.topics import REQUEST_TOPICS_PATTERN, of_project, project_of, with_dead_letters
from counterfoil.errors import PlatformError
from counterfoil.hints import named_by_shell
from servicekit.kafka.answering import kafka_answers
from servicekit.kafka.connection import Kafka, Mechanism

ANSWER_SECONDS: Final = 30.0
ASK_EVERY_SECONDS: Final = 0.02
ITERATIONS: Final = 4096  # slow log-ins protect passwords that people choose; nobody chose these

T = TypeVar("T")


async def ensure(
    kafka: Kafka, passwords: Mapping[str, str], wanted: Collection[Right], *, only: Collection[str]
) -> None:
    """Let users in by these passwords, and grant what is wanted, which holds when this returns.

    The principals in `only` have no other rights afterwards; those of others stay.
    """
    hashed = ScramCredentialInfo(_scram(kafka), ITERATIONS)

    def work(admin: AdminClient) -> None:
        _alter(
            admin,
            [
                UserScramCredentialUpsertion(name, hashed, password.encode())
                for name, password in passwords.items()
            ],
        )
        there, wished = _granted(admin), {_binding(right) for right in wanted}
        names = {f"User:{name}" for name in only}
        _revoke(admin, {each for each in there - wished if each.principal in names})
        _grant(admin, wished - there)
        # Brokers hear of it a moment after the controller has agreed.
        _until(lambda: _granted(admin) >= wished)

    await _administer(kafka, work)
    for name, password in passwords.items():
        await _opens(replace(kafka.acting_as(name, password), mechanism=mechanism(kafka)))


async def _opens(way: Kafka) -> None:
    """Wait until somebody comes in: of passwords a broker tells nothing."""
    async with asyncio.timeout(ANSWER_SECONDS):
        while True:
            try:
                await kafka_answers(way)()
            except KafkaError:
                await asyncio.sleep(ASK_EVERY_SECONDS)
            else:
                return


async def declared(kafka: Kafka) -> frozenset[Right]:
    """Return all rights there should be: of the contracts' topics, and of each vendor's there is.

    A vendor that was shut out gets none back: it is no user.
    """
    found = set(rights(with_dead_letters()))
    known = {*PRINCIPALS, *await users(kafka)}
    for topic in await topics(kafka):
        if re.match(REQUEST_TOPICS_PATTERN, topic) and (project_id := project_of(topic)):
            found |= {each for each in rights(of_project(project_id)) if each.principal in known}
    return frozenset(found)


async def users(kafka: Kafka) -> set[str]:
    """Return who may log in."""
    return await _administer(kafka, _users)


async def topics(kafka: Kafka) -> set[str]:
    """Return the names of all topics."""
    return await _administer(
        kafka, lambda admin: {*admin.list_topics(timeout=ANSWER_SECONDS).topics}
    )


async def shut_out(kafka: Kafka, principal: str) -> None:
    """Take a principal's rights, at once also from whoever is logged in, and then its way in."""

    def work(admin: AdminClient) -> None:
        _revoke(admin, {each for each in _granted(admin) if each.principal == f"User:{principal}"})
        _alter(admin, [UserScramCredentialDeletion(principal, _scram(kafka))])
        _until(lambda: principal not in _users(admin))

    await _administer(kafka, work)


def mechanism(kafka: Kafka) -> Mechanism:
    """Say how those come in who are let in here: as the operator does, but never by PLAIN."""
    return "SCRAM-SHA-512" if kafka.mechanism == "PLAIN" else kafka.mechanism


def _scram(kafka: Kafka) -> ScramMechanism:
    return ScramMechanism[mechanism(kafka).replace("-", "_")]


async def _administer(kafka: Kafka, work: Callable[[AdminClient], T]) -> T:
    def administered() -> T:
        admin = AdminClient(kafka.librdkafka() | {"log_level": 0})
        _require_administrator(admin, kafka)
        return work(admin)

    if not kafka.is_locked:
        raise PlatformError(f"the Kafka at {kafka.servers} has no lock: rights mean nothing there")
    try:
        return await asyncio.to_thread(administered)
    except KafkaException as error:
        [told, *_] = error.args
        raise PlatformError(f"Kafka at {kafka.servers}: {told.str()}") from error


def _require_administrator(admin: AdminClient, kafka: Kafka) -> None:
    """Refuse who may not do this: refused by Kafka, the client would crash, or tell of no rights.

    (confluent-kafka 2.16: the first on a description of users, the second on one of rights.)
    """
    described = admin.describe_cluster(
        include_authorized_operations=True, request_timeout=ANSWER_SECONDS
    ).result()
    if AclOperation.ALTER not in (described.authorized_operations or ()):
        said = f"{kafka.username} may not administer the Kafka at {kafka.servers}"
        raise PlatformError(said + named_by_shell())


def _users(admin: AdminClient) -> set[str]:
    described = admin.describe_user_scram_credentials(request_timeout=ANSWER_SECONDS)
    assert isinstance(described, Future)  # noqa: S101  # one for all of them
    return set(described.result())


def _alter(admin: AdminClient, alterations: list[UserScramCredentialAlteration]) -> None:
    if alterations:
        answers = admin.alter_user_scram_credentials(alterations, request_timeout=ANSWER_SECONDS)
        _wait(answers.values())


def _granted(admin: AdminClient) -> set[AclBinding]:
    every = AclBindingFilter(
        ResourceType.ANY,
        None,  # type: ignore[arg-type]  # any
        ResourcePatternType.ANY,
        None,  # type: ignore[arg-type]  # any
        None,  # type: ignore[arg-type]  # any
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    return set(admin.describe_acls(every, request_timeout=ANSWER_SECONDS).result())


def _grant(admin: AdminClient, missing: Collection[AclBinding]) -> None:
    if missing:
        _wait(admin.create_acls([*missing], request_timeout=ANSWER_SECONDS).values())


def _revoke(admin: AdminClient, surplus: Collection[AclBinding]) -> None:
    if surplus:
        exactly = [
            AclBindingFilter(
                each.restype,
                each.name,
                each.resource_pattern_type,
                each.principal,
                each.host,
                each.operation,
                each.permission_type,
            )
            for each in surplus
        ]
        _wait(admin.delete_acls(exactly, request_timeout=ANSWER_SECONDS).values())


def _binding(right: Right) -> AclBinding:
    return AclBinding(
        ResourceType[right.resource.upper()],
        right.name,
        ResourcePatternType[right.pattern.upper()],
        f"User:{right.principal}",
        "*",  # from any host
        AclOperation[right.operation],
        AclPermissionType.ALLOW,
    )


def _wait(answers: Iterable[Future[Any]]) -> None:
    for answer in answers:
        answer.result(ANSWER_SECONDS)


def _until(holds: Callable[[], bool]) -> None:
    gives_up = time.monotonic() + ANSWER_SECONDS
    while not holds():
        if time.monotonic() > gives_up:
            raise PlatformError("Kafka took the rights and does not show them")
        time.sleep(ASK_EVERY_SECONDS)
