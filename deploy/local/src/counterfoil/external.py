"""Engines that somebody else runs: addresses in the environment replace ours."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from contracts.principals import PRINCIPALS
from counterfoil.errors import PlatformError
from servicekit.kafka.connection import Kafka, KafkaSettings

# Of a provider by which people may sign in; campaigns' api says which of them it needs together.
OIDC = tuple(
    f"CAMPAIGNS_OIDC_{name}" for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URL")
)
SERVICES_ON_POSTGRES = ("campaigns", "redemption")


@dataclass(frozen=True, slots=True)
class ExternalEngines:
    """What the environment names. A service without a DSN here gets a database of our own.

    `kafka` has the way in of each principal.
    """

    kafka: Mapping[str, Kafka] | None
    clickhouse: str | None
    postgres: Mapping[str, str]
    migrations: Mapping[str, str]
    views: Mapping[str, str]
    oidc: Mapping[str, str]

    @property
    def needs_postgres(self) -> bool:
        return any(service not in self.postgres for service in SERVICES_ON_POSTGRES)


def read(environment: Mapping[str, str]) -> ExternalEngines:
    postgres, migrations, views = {}, {}, {}
    for service in SERVICES_ON_POSTGRES:
        if dsn := environment.get(f"{service.upper()}_POSTGRES_DSN"):
            postgres[service] = dsn
            migrations[service] = environment.get(f"{service.upper()}_MIGRATIONS_DSN") or dsn
            views[service] = environment.get(f"{service.upper()}_VIEWS_DSN") or dsn
    if clickhouse := environment.get("CLICKHOUSE_URL"):
        views["analytics"] = environment.get("CLICKHOUSE_VIEWS_URL") or clickhouse
    return ExternalEngines(
        kafka=_kafka(environment) if environment.get("KAFKA_BOOTSTRAP_SERVERS") else None,
        clickhouse=clickhouse or None,
        postgres=postgres,
        migrations=migrations,
        views=views,
        oidc=oidc(environment),
    )


def oidc(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the environment says of a provider, to be handed on."""
    return {name: environment[name] for name in OIDC if environment.get(name)}


def kafka() -> Kafka:
    """Return the Kafka that the environment names, as whom it says; raise what is wrong with it."""
    try:
        return KafkaSettings().kafka
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        told = "; ".join(" ".join([*map(str, each["loc"]), each["msg"]]) for each in faults)
        raise PlatformError(told.replace("Value error, ", "")) from error


def _kafka(environment: Mapping[str, str]) -> dict[str, Kafka]:
    """Return each principal's way in: its own, where that is named, else the one for all."""
    for_all = kafka()
    ways = {}
    for name in PRINCIPALS:
        username = environment.get(f"{name.upper()}_KAFKA_USERNAME")
        password = environment.get(f"{name.upper()}_KAFKA_PASSWORD")
        if (username is None) != (password is None):
            raise PlatformError(
                f"{name.upper()}_KAFKA_USERNAME and {name.upper()}_KAFKA_PASSWORD go together"
            )
        ways[name] = for_all
        if username and password:
            ways[name] = for_all.acting_as(username, password)
    return ways
