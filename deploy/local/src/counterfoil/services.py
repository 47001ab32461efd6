"""The services' processes: what each is started with, and how one knows that it is ready."""

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from counterfoil import plain_http
from counterfoil.errors import NotReadyError
from counterfoil.ports import HOST
from counterfoil.processes import Child, Program, ProgramError
from servicekit.kafka.connection import Kafka

READY_SECONDS = 120.0
ASK_EVERY_SECONDS = 0.1

Need = Literal[
    "postgres",
    "kafka",
    "clickhouse",
    "management",
    "customer_key",
    "signing_key",
    "tokens",
    "console",
    "gateway",
]

# Who comes to it is known by keys, or by tokens that campaigns' api alone signs.
SIGNS: tuple[Need, ...] = ("postgres", "management", "customer_key", "signing_key", "tokens")


@dataclass(frozen=True, slots=True)
class Role:
    """One process of one service: its name in `status`, its command, what it must be told."""

    name: str
    service: str
    command: str
    needs: tuple[Need, ...]
    usual_port: int

    @property
    def upstream(self) -> str:
        """Name its address as the gateway's Caddyfile does."""
        return f"{self.service}_{self.command}".upper()


# Ready before the gateway is: what it leads to.
BEHIND_THE_GATEWAY = (
    Role("campaigns", "campaigns", "api", SIGNS, 8101),
    Role("campaigns-worker", "campaigns", "worker", ("postgres", "kafka"), 8102),
    Role("campaigns-applied", "campaigns", "applied", ("postgres", "kafka"), 8104),
    Role("campaigns-relay", "campaigns", "relay", ("postgres", "kafka"), 8103),
    Role("redemption", "redemption", "api", ("postgres", "customer_key", "tokens"), 8111),
    Role("redemption-worker", "redemption", "worker", ("postgres", "kafka", "customer_key"), 8112),
    Role("redemption-definitions", "redemption", "definitions", ("postgres", "kafka"), 8114),
    Role("redemption-relay", "redemption", "relay", ("postgres", "kafka"), 8113),
    Role("analytics", "analytics", "api", ("clickhouse", "kafka", "tokens"), 8121),
    Role("analytics-worker", "analytics", "worker", ("clickhouse", "kafka"), 8122),
)
# It asks the API as everybody does: through the gateway.
CONSOLE = Role("console", "console", "web", ("console",), 8131)
ROLES = (*BEHIND_THE_GATEWAY, CONSOLE)
# Throws the kill switch for ever, where somebody wants it measured: `up --probe`.
PROBE = Role("campaigns-probe", "campaigns", "probe", ("management", "gateway"), 8105)


@dataclass(frozen=True, slots=True)
class Backing:
    """What the services stand on: addresses and secrets. `kafka` has a way in per principal.

    `clickhouse` is the way of the tables' owner, `figures` that of each role of analytics.
    """

    kafka: Mapping[str, Kafka]
    postgres: dict[str, str]
    migrations: dict[str, str]
    clickhouse: str
    figures: Mapping[str, str]
    management_id: str
    management_token: str
    customer_id_key: str
    signing_key: str
    token_public_keys: str
    oidc: Mapping[str, str]
    gateway: str
    console_secret: str

    def environment(self, role: Role) -> dict[str, str]:
        """Tell a role what it needs and nothing else."""
        prefix = role.service.upper()
        told: dict[Need, dict[str, str]] = {
            "postgres": {f"{prefix}_POSTGRES_DSN": self.postgres.get(role.service, "")},
            "kafka": self.kafka[role.service].environment() if "kafka" in role.needs else {},
            "clickhouse": {"CLICKHOUSE_URL": self.figures.get(role.command, "")},
            "management": {
                f"{prefix}_MANAGEMENT_ID": self.management_id,
                f"{prefix}_MANAGEMENT_TOKEN": self.management_token,
            },
            "customer_key": {"CUSTOMER_ID_KEY": self.customer_id_key},
            "signing_key": {f"{prefix}_TOKEN_PRIVATE_KEY": self.signing_key, **self.oidc},
            "tokens": {"TOKEN_PUBLIC_KEYS": self.token_public_keys},
            "gateway": {f"{prefix}_PROBE_URL": self.gateway},
            "console": {
                "CONSOLE_API_URL": self.gateway,
                "CONSOLE_PUBLIC_URL": self.gateway,
                "CONSOLE_SECRET": self.console_secret,
            },
        }
        return {name: value for need in role.needs for name, value in told[need].items()}


def environment(role: Role, backing: Backing, port: int) -> dict[str, str]:
    """Return all that a role is told, and where it listens."""
    prefix = role.service.upper()
    listening = {f"{prefix}_HOST": HOST, f"{prefix}_PORT": str(port)}
    return backing.environment(role) | listening


def program(role: Role, backing: Backing, port: int, logs: Path) -> Program:
    return Program(
        name=role.name,
        arguments=(sys.executable, "-m", role.service, role.command),
        log=logs / f"{role.name}.log",
        environment=environment(role, backing, port),
    )


def migration(service: str, backing: Backing, logs: Path) -> Program:
    """Describe the run that brings a service's tables up to date, as their owner."""
    if service == "analytics":
        environment = {"CLICKHOUSE_URL": backing.clickhouse}
    else:
        environment = {f"{service.upper()}_MIGRATIONS_DSN": backing.migrations[service]}
    arguments = (sys.executable, "-m", service, "migrate")
    return Program(f"{service} tables", arguments, logs / f"{service}-migrate.log", environment)


async def ready(child: Child, url: str) -> None:
    """Wait until our child says that it is ready; tell what it lacks when it takes too long."""
    gives_up = time.monotonic() + READY_SECONDS
    why = "it does not answer"
    async with plain_http.client(timeout=5) as client:
        while time.monotonic() < gives_up:
            if (code := child.exit_code) is not None:
                raise ProgramError(child.program, code)
            try:
                answer = await client.get(f"{url}/readyz")
            except httpx.TransportError:
                pass
            else:
                if answer.is_success:
                    return
                why = " ".join(answer.text.split())[:300]
            await asyncio.sleep(ASK_EVERY_SECONDS)
    raise NotReadyError(child.program.name, READY_SECONDS, why, child.program.tail())
