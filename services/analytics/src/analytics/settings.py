"""The only module that knows the environment. Read once, in `__main__`."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from servicekit.kafka.connection import KafkaSettings
from servicekit.settings import FromEnvironment, Listening


class MigrationSettings(FromEnvironment):
    """For `migrate`: where the figures are kept; the path of the URL names the database."""

    clickhouse_url: SecretStr = Field(validation_alias="CLICKHOUSE_URL", min_length=1)


class ApiSettings(MigrationSettings, Listening):
    """For `api`: ClickHouse, no Kafka."""

    model_config = SettingsConfigDict(env_prefix="ANALYTICS_")


class WorkerSettings(KafkaSettings, ApiSettings):
    """For `worker`: Kafka too.

    Another group reads every topic from its beginning: the way to fill a new database.
    """

    kafka_group: str = "analytics"
