"""Engines that somebody else runs: addresses in the environment replace ours."""

from collections.abc import Mapping
from dataclasses import dataclass

SERVICES_ON_POSTGRES = ("campaigns", "redemption")


@dataclass(frozen=True, slots=True)
class ExternalEngines:
    """What the environment names. A service without a DSN here gets a database of our own."""

    kafka: str | None
    clickhouse: str | None
    postgres: Mapping[str, str]
    migrations: Mapping[str, str]

    @property
    def needs_postgres(self) -> bool:
        return any(service not in self.postgres for service in SERVICES_ON_POSTGRES)


def read(environment: Mapping[str, str]) -> ExternalEngines:
    postgres, migrations = {}, {}
    for service in SERVICES_ON_POSTGRES:
        if dsn := environment.get(f"{service.upper()}_POSTGRES_DSN"):
            postgres[service] = dsn
            migrations[service] = environment.get(f"{service.upper()}_MIGRATIONS_DSN") or dsn
    return ExternalEngines(
        kafka=environment.get("KAFKA_BOOTSTRAP_SERVERS") or None,
        clickhouse=environment.get("CLICKHOUSE_URL") or None,
        postgres=postgres,
        migrations=migrations,
    )
