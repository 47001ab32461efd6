"""The only module that knows the environment. Read once, in `__main__`."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from servicekit.settings import FromEnvironment, Listening


class MigrationSettings(FromEnvironment):
    """For `migrate`: where the figures are kept; the path of the URL names the database."""

    clickhouse_url: SecretStr = Field(validation_alias="CLICKHOUSE_URL", min_length=1)


class ApiSettings(MigrationSettings, Listening):
    """For `api`: the figures are in ClickHouse, the keys on Kafka."""

    model_config = SettingsConfigDict(env_prefix="ANALYTICS_")

    kafka_bootstrap_servers: str = Field(validation_alias="KAFKA_BOOTSTRAP_SERVERS", min_length=1)


class WorkerSettings(ApiSettings):
    """For `worker`; another group reads every topic anew: the way to fill a new database."""

    kafka_group: str = "analytics"
