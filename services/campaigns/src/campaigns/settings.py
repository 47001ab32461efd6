"""What the environment tells: the only module that knows it. Read once, in `__main__`."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from servicekit.kafka.connection import KafkaSettings
from servicekit.settings import CheckingTokens, FromEnvironment, Listening

# As which campaigns reads what redemption applies; dead letters of its other group are here too.
GROUP = "campaigns"

CAMPAIGNS = SettingsConfigDict(env_prefix="CAMPAIGNS_")


class MigrationSettings(FromEnvironment):
    """For `migrate`: the role that owns the tables."""

    model_config = CAMPAIGNS

    migrations_dsn: SecretStr


class TopicSettings(KafkaSettings):
    """For `topics`: where all topics of the platform are created, and how many copies are kept."""

    kafka_topic_replicas: int = Field(ge=1, validation_alias="KAFKA_TOPIC_REPLICAS")


class ApiSettings(CheckingTokens, Listening):
    """For `api`: Postgres and secrets, no Kafka. It alone has the key that signs tokens."""

    model_config = CAMPAIGNS

    postgres_dsn: SecretStr
    management_id: SecretStr = Field(min_length=1)
    management_token: SecretStr = Field(min_length=1)
    customer_id_key: SecretStr = Field(min_length=16, validation_alias="CUSTOMER_ID_KEY")
    token_private_key: SecretStr


class StreamSettings(KafkaSettings, Listening):
    """For `worker` and `relay`: Postgres and Kafka."""

    model_config = CAMPAIGNS

    postgres_dsn: SecretStr
