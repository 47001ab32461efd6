"""What the environment decides."""

from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from servicekit import settings
from servicekit.kafka.connection import KafkaSettings

SERVICE: Final = "redemption"
GROUP: Final = "redemption"  # as which requests are read


class Listening(settings.Listening):
    """Where a role answers: for its health, and the api for everything."""

    model_config = SettingsConfigDict(env_prefix="REDEMPTION_")


class DecidingSettings(Listening):
    """What decides needs: Postgres alone, so that it redeems while Kafka is away."""

    postgres_dsn: SecretStr
    customer_id_key: SecretStr = Field(min_length=16, validation_alias="CUSTOMER_ID_KEY")


class ApiSettings(settings.CheckingTokens, DecidingSettings):
    """What `api` needs."""


class WorkerSettings(KafkaSettings, DecidingSettings):
    """What `worker` needs."""


class StreamSettings(KafkaSettings, Listening):
    """What `definitions` and `relay` need."""

    postgres_dsn: SecretStr


class MigrationSettings(settings.FromEnvironment):
    """What `migrate` needs: the owner of the tables, who is not the one who runs the service."""

    model_config = SettingsConfigDict(env_prefix="REDEMPTION_")

    migrations_dsn: SecretStr
