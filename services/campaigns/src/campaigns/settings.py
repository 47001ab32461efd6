"""What the environment tells: the only module that knows it. Read once, in `__main__`."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class _Settings(BaseSettings):
    # A refused setting must not print its neighbours: some are secrets.
    model_config = SettingsConfigDict(
        env_prefix="CAMPAIGNS_", frozen=True, hide_input_in_errors=True
    )


class MigrationSettings(_Settings):
    """For `migrate`: the role that owns the tables."""

    migrations_dsn: SecretStr


class Listening(_Settings):
    """Where a role answers, and where its state is."""

    postgres_dsn: SecretStr
    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65_535)


class ApiSettings(Listening):
    """For `api`: Postgres and secrets, no Kafka."""

    management_id: SecretStr = Field(min_length=1)
    management_token: SecretStr = Field(min_length=1)
    customer_id_key: SecretStr = Field(min_length=16, validation_alias="CUSTOMER_ID_KEY")


class StreamSettings(Listening):
    """For `worker` and `relay`: Postgres and Kafka."""

    kafka_bootstrap_servers: str = Field(min_length=1, validation_alias="KAFKA_BOOTSTRAP_SERVERS")
