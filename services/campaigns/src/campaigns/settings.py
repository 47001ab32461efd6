"""What the environment tells: the only module that knows it. Read once, in `__main__`."""

import re
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from servicekit.kafka.connection import KafkaSettings
from servicekit.settings import ED25519_KEY, CheckingTokens, FromEnvironment, Listening

# As which campaigns reads what redemption applies; dead letters of its other group are here too.
GROUP = "campaigns"

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CAMPAIGNS = SettingsConfigDict(env_prefix="CAMPAIGNS_")


def is_private(url: str) -> bool:
    """Tell whether nobody listens on the way there."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


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
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_redirect_url: str | None = None

    @field_validator("token_private_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr) -> SecretStr:
        if re.fullmatch(ED25519_KEY, key.get_secret_value()) is None:
            raise ValueError("should be 32 bytes in base64url")
        return key

    @model_validator(mode="after")
    def _all_of_oidc_or_nothing(self) -> Self:
        given = {
            f"CAMPAIGNS_OIDC_{name.upper()}": getattr(self, f"oidc_{name}")
            for name in ("issuer", "client_id", "client_secret", "redirect_url")
        }
        missing = [name for name, value in given.items() if value is None]
        if missing and len(missing) < len(given):
            raise ValueError(f"{', '.join(missing)} (missing beside the others of OIDC)")
        if self.oidc_issuer is not None and not is_private(self.oidc_issuer):
            raise ValueError("CAMPAIGNS_OIDC_ISSUER (should be an https address)")
        return self


class StreamSettings(KafkaSettings, Listening):
    """For `worker` and `relay`: Postgres and Kafka."""

    model_config = CAMPAIGNS

    postgres_dsn: SecretStr


class ProbeSettings(Listening):
    """For `probe`: the gateway, and the operator's credentials, to open a project of its own."""

    model_config = CAMPAIGNS

    probe_url: str = Field(pattern=r"^https?://[^\s/]+/?$")
    probe_seconds: float = Field(default=30.0, ge=1.0)
    management_id: SecretStr = Field(min_length=1)
    management_token: SecretStr = Field(min_length=1)
