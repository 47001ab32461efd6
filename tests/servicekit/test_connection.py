"""What the environment says about Kafka, and what clients are told."""

import ssl
from collections.abc import Callable

import pytest
from faststream.kafka.security import parse_security
from pydantic import ValidationError

from servicekit.kafka.broker import MECHANISMS, security
from servicekit.kafka.connection import (
    Kafka,
    KafkaSettings,
    Mechanism,
    Protocol,
    is_this_machine,
)

Told = Callable[..., Kafka]

LOGIN = {"KAFKA_USERNAME": "redemption", "KAFKA_PASSWORD": "hunter2"}


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in KafkaSettings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    def read(servers: str, **environment: str) -> Kafka:
        for name, value in {"KAFKA_BOOTSTRAP_SERVERS": servers, **environment}.items():
            monkeypatch.setenv(name, value)
        return KafkaSettings().kafka

    return read


@pytest.mark.parametrize(
    ("servers", "stays"),
    [
        ("127.0.0.1:9092", True),
        ("localhost:9092", True),
        ("[::1]:9092,127.0.0.2:9092", True),
        ("127.0.0.1:9092,kafka:9092", False),
        ("kafka.example.com:9092", False),
        ("10.0.0.1:9092", False),
        ("0.0.0.0:9092", False),
        ("localhost.example.com:9092", False),
    ],
)
def test_only_loopback_stays_on_this_machine(servers: str, *, stays: bool) -> None:
    assert is_this_machine(servers) is stays


def test_beyond_this_machine_everything_is_encrypted_unless_said_otherwise(told: Told) -> None:
    assert told("kafka:9092", **LOGIN).protocol == "SASL_SSL"
    assert told("127.0.0.1:9092", **LOGIN).protocol == "SASL_PLAINTEXT"
    asked = told("kafka:9092", **LOGIN, KAFKA_SECURITY_PROTOCOL="SASL_PLAINTEXT")
    assert asked.protocol == "SASL_PLAINTEXT"


def test_encrypted_means_that_the_other_side_is_known(told: Told) -> None:
    context = told("kafka:9092", **LOGIN).options()["ssl_context"]

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("servers", "environment", "said"),
    [
        pytest.param("127.0.0.1:1", {}, "KAFKA_USERNAME and KAFKA_PASSWORD", id="no-login"),
        pytest.param("127.0.0.1:1", {}, "KAFKA_SECURITY_PROTOCOL=PLAINTEXT", id="the-way-out"),
        pytest.param("127.0.0.1:1", {**LOGIN, "KAFKA_PASSWORD": ""}, "needed", id="half-a-login"),
        pytest.param(
            "kafka:1",
            {**LOGIN, "KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"},
            "mean nothing",
            id="unused",
        ),
        pytest.param("kafka:1", {**LOGIN, "KAFKA_CA_FILE": "/none"}, "/none", id="no-certificate"),
        pytest.param(
            "127.0.0.1:1", {**LOGIN, "KAFKA_CA_FILE": "/ca"}, "means nothing", id="no-encryption"
        ),
        pytest.param(
            "kafka:1",
            {**LOGIN, "KAFKA_SECURITY_PROTOCOL": "ssl"},
            "KAFKA_SECURITY_PROTOCOL",
            id="misspelt",
        ),
    ],
)
def test_what_cannot_work_is_said_at_the_start_and_no_password_is(
    told: Told, servers: str, environment: dict[str, str], said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        told(servers, **environment)

    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_no_lock_is_had_by_asking_for_it_by_name(told: Told) -> None:
    kafka = told("kafka:9092", KAFKA_SECURITY_PROTOCOL="PLAINTEXT")

    assert kafka.options() == {
        "bootstrap_servers": "kafka:9092",
        "security_protocol": "PLAINTEXT",
        "ssl_context": None,
    }


def test_what_a_process_is_told_it_understands(told: Told) -> None:
    kafka = Kafka("127.0.0.1:1", "SASL_PLAINTEXT", "a", "b", "SCRAM-SHA-256")
    environment = kafka.environment()

    assert told(environment.pop("KAFKA_BOOTSTRAP_SERVERS"), **environment) == kafka
    assert Kafka(**kafka.as_dict()) == kafka


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("protocol", ["SASL_SSL", "SASL_PLAINTEXT", "SSL", "PLAINTEXT"])
def test_faststream_is_told_what_aiokafka_is(protocol: Protocol, mechanism: Mechanism) -> None:
    locked = protocol.startswith("SASL_")
    login = ("a", "b", mechanism) if locked else ()
    kafka = Kafka("127.0.0.1:1", protocol, *login)
    ours = kafka.options()
    del ours["bootstrap_servers"]

    theirs = parse_security(security(kafka))

    for each in (ours, theirs):
        each["ssl_context"] = each["ssl_context"] is not None
    assert theirs == ours


def test_a_password_is_not_printed() -> None:
    assert "hunter2" not in repr(Kafka("127.0.0.1:1", "SASL_PLAINTEXT", "a", "hunter2"))
