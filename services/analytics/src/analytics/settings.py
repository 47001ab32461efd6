"""The only module that knows the environment. Read once, in `__main__`."""

from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from servicekit.kafka.connection import KafkaSettings
from servicekit.settings import CheckingTokens, FromEnvironment, Listening

SERVICE: Final = "analytics"
GROUP: Final = "analytics"


class MigrationSettings(FromEnvironment):
    """For `migrate`: where the figures are kept; the path of the URL names the database."""

    clickhouse_url: SecretStr = Field(validation_alias="CLICKHOUSE_URL", min_length=1)


class RoleSettings(KafkaSettings, MigrationSettings, Listening):
    """For every role: the figures are in ClickHouse, what they are made of on Kafka."""

    model_config = SettingsConfigDict(env_prefix="ANALYTICS_")


class ApiSettings(CheckingTokens, RoleSettings):
    """For `api`: the keys are on Kafka, too."""


class WorkerSettings(RoleSettings):
    """For `worker`; another group reads every topic anew: the way to fill a new database."""

    kafka_group: str = GROUP
