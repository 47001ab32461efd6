"""The only module that knows the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Warehouse(BaseSettings):
    """Where the figures are kept: all that `migrate` needs."""

    model_config = SettingsConfigDict(env_prefix="ANALYTICS_", frozen=True)

    clickhouse_url: str = Field(validation_alias="CLICKHOUSE_URL", min_length=1)


class Api(Warehouse):
    """What the role `api` needs besides; read once, in `__main__`."""

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)


class Worker(Api):
    """What the role `worker` needs besides.

    Another group reads every topic from its beginning: the way to fill a new database.
    """

    kafka_bootstrap_servers: str = Field(validation_alias="KAFKA_BOOTSTRAP_SERVERS", min_length=1)
    kafka_group: str = "analytics"
