"""`counterfoil acl`, `vendors` and `topics --project`, as an operator types them."""

import json
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from kit import engines
from kit.commands import counterfoil, counterfoil_process

from contracts import ids
from contracts.principals import PRINCIPALS
from contracts.topics import PROJECTS, answers_for, for_project, with_dead_letters
from servicekit.kafka import topics as kafka_topics
from servicekit.kafka.connection import Kafka

pytestmark = pytest.mark.process


@pytest.fixture
async def project(kafka_servers: Kafka) -> str:
    """A project as everybody hears of it."""
    project_id = ids.new("proj_")
    await kafka_topics.ensure(kafka_servers, with_dead_letters())
    async with AIOKafkaProducer(**kafka_servers.options()) as producer:
        await producer.send_and_wait(PROJECTS.name, b"{}", project_id.encode())
    return project_id


def typed(kafka: Kafka, *words: str) -> Any:
    done = counterfoil(*words, "--json", **kafka.environment())
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_rights_are_printed_without_a_kafka_anywhere() -> None:
    told = {
        each["name"]: each for each in json.loads(counterfoil("acl", "--json").stdout)["principals"]
    }

    assert list(told) == [*PRINCIPALS, "proj_…"]
    assert told["operator"]["everything"] is True
    assert told["importer"]["rights"] == [
        {
            "operation": "WRITE",
            "resource": "topic",
            "name": "coupons.redemption-requests.history.v1",
            "pattern": "literal",
        }
    ]
    assert "coupons.redemption-requests.history.v1" in counterfoil("acl").stdout


def test_applying_what_holds_changes_nothing_and_shows_no_password(kafka_servers: Kafka) -> None:
    told = typed(kafka_servers, "acl", "--apply")

    assert not any("password" in each for each in told["principals"])


async def test_a_vendor_is_told_what_it_needs_and_it_works_until_it_is_removed(
    kafka_servers: Kafka, project: str
) -> None:
    told = typed(kafka_servers, "vendors", "add", project)

    client = told["client"]
    assert (told["project"], told["request_topic"]) == (project, for_project(project))
    assert client["sasl.username"] == project
    way = kafka_servers.acting_as(client["sasl.username"], client["sasl.password"])
    assert client == way.librdkafka()
    async with AIOKafkaProducer(**way.options()) as producer:
        await producer.send_and_wait(told["request_topic"], b"{}")
    listed = typed(kafka_servers, "vendors", "list")["vendors"]
    topics = {"request_topic": for_project(project), "answers_topic": answers_for(project)}
    assert {"project": project} | topics in listed
    assert told.items() >= topics.items()
    changed = typed(kafka_servers, "vendors", "rotate", project)["client"]["sasl.password"]
    assert changed != client["sasl.password"]
    assert typed(kafka_servers, "vendors", "remove", project) == {"removed": project}


@pytest.mark.parametrize(
    "words",
    [
        ("vendors", "add", "proj_typo"),
        ("vendors", "remove", "proj_typo"),
        ("vendors", "rotate", "proj_typo"),
        ("topics", "--project", "proj_typo"),
        ("topics", "--project", "typo"),
    ],
)
async def test_what_there_is_not_is_refused_by_name_in_one_line(
    kafka_servers: Kafka, project: str, words: tuple[str, ...]
) -> None:
    done = counterfoil(*words, **kafka_servers.environment())

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert words[-1] in done.stderr
    assert project  # something else is there


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ({"KAFKA_PASSWORD": "guessed"}, "Kafka at"),
        ({"KAFKA_PASSWORD": ""}, "KAFKA_USERNAME and KAFKA_PASSWORD are needed"),
    ],
)
def test_who_may_not_is_told_so_in_one_line(
    kafka_servers: Kafka, way: dict[str, str], said: str
) -> None:
    done = counterfoil_process("topics", **kafka_servers.environment() | way)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert said in done.stderr


def test_a_principal_may_not_make_vendors(kafka_servers: Kafka) -> None:
    checkout = engines.acting_as(kafka_servers, "checkout")

    done = counterfoil_process("vendors", "list", **checkout.environment())

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr


@pytest.mark.parametrize("words", [("dlq", "list"), ("topics",), ("vendors", "list")])
def test_who_asks_as_somebody_else_is_told_that_his_shell_says_so(
    kafka_servers: Kafka, words: tuple[str, ...]
) -> None:
    checkout = engines.acting_as(kafka_servers, "checkout")

    done = counterfoil(*words, **checkout.environment())

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert "unset KAFKA_" in done.stderr
