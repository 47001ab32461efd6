"""Where Kafka is, and as whom a process speaks to it: the one place that knows about locks.

An address beyond this machine is spoken to by SASL_SSL unless the environment says otherwise, and
one on it by SASL_PLAINTEXT: without a lock only where PLAINTEXT is asked for by name.
"""

import ssl
from dataclasses import asdict, dataclass, field, replace
from ipaddress import ip_address
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from servicekit.settings import FromEnvironment

Protocol = Literal["SASL_SSL", "SASL_PLAINTEXT", "SSL", "PLAINTEXT"]
Mechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]


@dataclass(frozen=True, slots=True)
class Kafka:
    """A Kafka, and one principal's way in."""

    servers: str
    protocol: Protocol
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    mechanism: Mechanism = "SCRAM-SHA-512"
    ca_file: str | None = None

    @property
    def is_locked(self) -> bool:
        return self.protocol.startswith("SASL_")

    @property
    def is_encrypted(self) -> bool:
        return self.protocol.endswith("SSL")

    def acting_as(self, username: str, password: str) -> "Kafka":
        """Return another principal's way into the same Kafka."""
        return replace(self, username=username, password=password)

    def options(self) -> dict[str, Any]:
        """Return what every client of aiokafka is told."""
        told: dict[str, Any] = {
            "bootstrap_servers": self.servers,
            "security_protocol": self.protocol,
            "ssl_context": self.tls(),
        }
        if self.is_locked:
            told |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return told

    def librdkafka(self) -> dict[str, Any]:
        """Return the same as clients on top of librdkafka are told it."""
        told = {
            "bootstrap.servers": self.servers,
            "security.protocol": self.protocol,
            "sasl.mechanism": self.mechanism if self.is_locked else None,
            "sasl.username": self.username,
            "sasl.password": self.password,
            "ssl.ca.location": self.ca_file,
        }
        return {name: value for name, value in told.items() if value is not None}

    def environment(self) -> dict[str, str]:
        """Return what a process is told that speaks to Kafka as this principal."""
        told = {
            "KAFKA_BOOTSTRAP_SERVERS": self.servers,
            "KAFKA_SECURITY_PROTOCOL": self.protocol,
            "KAFKA_SASL_MECHANISM": self.mechanism if self.is_locked else None,
            "KAFKA_USERNAME": self.username,
            "KAFKA_PASSWORD": self.password,
            "KAFKA_CA_FILE": self.ca_file,
        }
        return {name: value for name, value in told.items() if value is not None}

    def as_dict(self) -> dict[str, Any]:
        """Return the arguments that make this again, password and all."""
        return asdict(self)

    def tls(self) -> ssl.SSLContext | None:
        """Return how to encrypt, where it is encrypted at all."""
        return ssl.create_default_context(cafile=self.ca_file) if self.is_encrypted else None


class KafkaSettings(FromEnvironment):
    """What a role is told that speaks to Kafka."""

    kafka_bootstrap_servers: str = Field(min_length=1, validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    kafka_security_protocol: Protocol | None = Field(
        None, validation_alias="KAFKA_SECURITY_PROTOCOL"
    )
    kafka_sasl_mechanism: Mechanism = Field(
        "SCRAM-SHA-512", validation_alias="KAFKA_SASL_MECHANISM"
    )
    kafka_username: str | None = Field(None, validation_alias="KAFKA_USERNAME")
    kafka_password: SecretStr | None = Field(None, validation_alias="KAFKA_PASSWORD")
    kafka_ca_file: str | None = Field(None, validation_alias="KAFKA_CA_FILE")

    @field_validator("kafka_security_protocol", "kafka_username", "kafka_ca_file", mode="before")
    @classmethod
    def _empty_is_absent(cls, value: object) -> object:
        return value or None

    @model_validator(mode="after")
    def _has_what_the_protocol_needs(self) -> Self:
        kafka = self.kafka
        if kafka.is_locked and not (kafka.username and kafka.password):
            raise ValueError(
                f"KAFKA_USERNAME and KAFKA_PASSWORD are needed for {kafka.protocol}; a Kafka "
                "without a lock is KAFKA_SECURITY_PROTOCOL=PLAINTEXT"
            )
        if not kafka.is_locked and (kafka.username or kafka.password):
            raise ValueError(f"KAFKA_USERNAME and KAFKA_PASSWORD mean nothing to {kafka.protocol}")
        if not kafka.is_encrypted and kafka.ca_file:
            raise ValueError(f"KAFKA_CA_FILE means nothing to {kafka.protocol}")
        try:
            kafka.options()
        except OSError as error:  # also what ssl raises
            raise ValueError(f"KAFKA_CA_FILE {kafka.ca_file}: {error}") from error
        return self

    @property
    def kafka(self) -> Kafka:
        """Return where Kafka is, and as whom to speak to it."""
        servers, password = self.kafka_bootstrap_servers, self.kafka_password
        usual: Protocol = "SASL_PLAINTEXT" if is_this_machine(servers) else "SASL_SSL"
        return Kafka(
            servers,
            self.kafka_security_protocol or usual,
            self.kafka_username,
            password.get_secret_value() if password is not None else None,
            self.kafka_sasl_mechanism,
            self.kafka_ca_file,
        )


def is_this_machine(servers: str) -> bool:
    """Say whether every one of these addresses (`host:port`, …) stays on this machine."""
    hosts = [each.strip().rpartition(":")[0].strip("[]") for each in servers.split(",")]
    return all(host == "localhost" or _is_loopback(host) for host in hosts)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
