"""Brings a platform up: engines side by side, topics and tables, services, gateway.

Whatever fails is raised at once; the caller stops what had been started.
"""

import asyncio
import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import asyncpg
import httpx
from aiokafka.errors import KafkaError

from contracts.principals import OPERATOR, PRINCIPALS
from contracts.topics import with_dead_letters
from counterfoil import logins, projects, services
from counterfoil.access import granting
from counterfoil.engines import clickhouse, gateway, jars, kafka, postgres
from counterfoil.errors import PlatformError
from counterfoil.external import SERVICES_ON_POSTGRES, ExternalEngines
from counterfoil.folder import SIGNING_KEY, SIGNING_KEY_BEFORE, Folder
from counterfoil.hints import named_by_shell, typed
from counterfoil.ports import HOST, Ports
from counterfoil.processes import run
from counterfoil.progress import Progress, Step
from counterfoil.services import BEHIND_THE_GATEWAY, CONSOLE, PROBE, ROLES, Backing, Role
from counterfoil.supervisor import Supervisor
from servicekit.http.tokens import public_half
from servicekit.kafka import topics
from servicekit.kafka.connection import Kafka

USUAL_PORTS = {
    "gateway": 8080,
    "kafka": 9092,
    "kafka-controller": 9093,
    "postgres": 5432,
    "clickhouse": 8123,
    **{role.name: role.usual_port for role in (*ROLES, PROBE)},
}
DATABASE = "coupons"
MANAGEMENT_ID = "counterfoil"


@dataclass(slots=True)
class Start:
    """One start of one platform: what it needs, and what it has found out so far."""

    folder: Folder
    external: ExternalEngines
    supervisor: Supervisor
    progress: Progress
    ports: Mapping[str, int]
    secrets: dict[str, Any]
    probe: bool = False  # the kill switch is thrown for ever, and measured
    backing: Backing = field(init=False)

    def __post_init__(self) -> None:
        self.backing = Backing(
            kafka=self.external.kafka or self._own_kafka(),
            postgres={**self._own_databases("{}"), **self.external.postgres},
            migrations={**self._own_databases("{}_owner"), **self.external.migrations},
            clickhouse=self.external.clickhouse or self._own_clickhouse(clickhouse.SUPERUSER),
            figures={
                name.removeprefix("analytics_"): self.external.clickhouse
                or self._own_clickhouse(name)
                for name in clickhouse.SERVICES
            },
            management_id=MANAGEMENT_ID,
            management_token=self.secrets["management_token"],
            customer_id_key=self.secrets["customer_id_key"],
            signing_key=self.secrets[SIGNING_KEY],
            token_public_keys=self._public_keys(),
            oidc=self.external.oidc,
            gateway=self.gateway,
            console_secret=self.secrets["console_secret"],
        )

    @property
    def views(self) -> dict[str, str]:
        """Name each service's database, as whoever may read its views alone."""
        port, password = self.ports["clickhouse"], self.secrets[postgres.AUDITOR]
        figures = clickhouse.url(port, postgres.AUDITOR, password, DATABASE)
        own = {**self._own_databases(postgres.AUDITOR), "analytics": figures}
        return {**own, **self.external.views}

    @property
    def roles(self) -> tuple[Role, ...]:
        return (*ROLES, PROBE) if self.probe else ROLES

    @property
    def gateway(self) -> str:
        return gateway.url(self.ports["gateway"])

    def url(self, role: Role) -> str:
        return f"http://{HOST}:{self.ports[role.name]}"

    async def everything(self) -> projects.Kept:
        """Start it all; return the first project."""
        async with asyncio.TaskGroup() as engines:
            engines.create_task(self._postgres())
            engines.create_task(self._kafka())
            engines.create_task(self._clickhouse())
        async with asyncio.TaskGroup() as starting:
            for role in BEHIND_THE_GATEWAY:
                starting.create_task(self._service(role))
        await self._gateway()
        await self._service(CONSOLE)
        project = await self._first_project()
        await self._first_login(project)
        if self.probe:
            await self._service(PROBE)
        return project

    async def _postgres(self) -> None:
        if self.external.needs_postgres:
            data, logs = self.folder.path / "postgres", self.folder.logs
            port, password = self.ports["postgres"], self.secrets["postgres"]
            admin = postgres.dsn(port, postgres.SUPERUSER, password, "postgres")
            await postgres.prepare(data, password, logs)
            program = postgres.program(data, port, logs)
            ready = partial(postgres.ready, dsn=admin)
            await self.supervisor.up("engine", program, f"{HOST}:{port}", ready)
            for name in SERVICES_ON_POSTGRES:
                await postgres.provision(admin, name, self.secrets)
        else:
            self.supervisor.external("postgres", "from the environment")
        async with asyncio.TaskGroup() as migrating:
            for name in SERVICES_ON_POSTGRES:
                migrating.create_task(self._migrate(name))

    async def _kafka(self) -> None:
        operator = self.backing.kafka[OPERATOR]
        if self.external.kafka is None:
            data, logs = self.folder.path / "kafka", self.folder.logs
            await self._step("kafka jars", jars.fetch_missing(jars.KAFKA, logs))
            port, controller = self.ports["kafka"], self.ports["kafka-controller"]
            await kafka.prepare(data, port, controller, self.secrets["kafka_broker"], logs)
            broker = kafka.as_broker(f"{HOST}:{port}", self.secrets["kafka_broker"])
            ready = partial(kafka.ready, kafka=broker, cluster=kafka.cluster_id(data))
            await self.supervisor.up("engine", kafka.program(data, logs), broker.servers, ready)
            await self._step("principals", self._lock(broker))
        else:
            self.supervisor.external("kafka", operator.servers)
        await self._step("topics", topics.ensure(operator, with_dead_letters()))

    async def _lock(self, broker: Kafka) -> None:
        """Let each principal in by the password that the folder has now, with its rights alone."""
        passwords = {name: self.secrets[f"kafka_{name}"] for name in PRINCIPALS}
        await granting.ensure(broker, passwords, await granting.declared(broker), only=PRINCIPALS)

    async def _clickhouse(self) -> None:
        if self.external.clickhouse is None:
            data, logs = self.folder.path / "clickhouse", self.folder.logs
            port = self.ports["clickhouse"]
            projects.let_in(self.folder)
            program = clickhouse.program(data, port, logs)
            ready = partial(clickhouse.ready, url=self.backing.clickhouse)
            await self.supervisor.up("engine", program, f"http://{HOST}:{port}", ready)
        else:
            self.supervisor.external("clickhouse", "from the environment")
        await self._migrate("analytics")

    async def _service(self, role: Role) -> None:
        program = services.program(role, self.backing, self.ports[role.name], self.folder.logs)
        ready = partial(services.ready, url=self.url(role))
        await self.supervisor.up("service", program, self.url(role), ready)

    async def _gateway(self) -> None:
        upstreams = {role.upstream: self.url(role).removeprefix("http://") for role in ROLES}
        port, logs = self.ports["gateway"], self.folder.logs
        folder = self.folder.path / "gateway"
        await self._step("page assets", gateway.prepare(folder, logs))
        program = gateway.program(folder, port, upstreams, logs)
        ready = partial(gateway.ready, url=self.gateway)
        await self.supervisor.up("gateway", program, self.gateway, ready)

    async def _first_project(self) -> projects.Kept:
        if kept := projects.kept(self.folder):
            return kept[0]
        api, token = self.url(ROLES[0]), self.backing.management_token
        made = await self._step("project", projects.create(api, MANAGEMENT_ID, token))
        return projects.keep(self.folder, projects.FIRST["name"], made)

    async def _first_login(self, project: projects.Kept) -> None:
        if logins.kept(self.folder) is None:
            api, token = self.url(ROLES[0]), self.backing.management_token
            made = logins.create(api, MANAGEMENT_ID, token, project["id"])
            logins.keep(self.folder, await self._step("login", made))

    def _public_keys(self) -> str:
        """Name the key that signs tokens, and the one that did before, if it was kept."""
        kept = (self.secrets.get(name) for name in (SIGNING_KEY, SIGNING_KEY_BEFORE))
        return ",".join(public_half(key) for key in kept if key)

    async def _migrate(self, service: str) -> None:
        program = services.migration(service, self.backing, self.folder.logs)
        await self._step(program.name, run(program))

    async def _step(self, name: str, work: Awaitable[Any]) -> Any:
        self.progress(Step(name, "begun"))
        result = await work
        self.progress(Step(name, "done"))
        return result

    def _own_databases(self, role: str) -> dict[str, str]:
        """Name each service's database, as this role of its."""
        port, roles = self.ports["postgres"], {n: role.format(n) for n in SERVICES_ON_POSTGRES}
        return {n: postgres.dsn(port, own, self.secrets[own], n) for n, own in roles.items()}

    def _own_kafka(self) -> dict[str, Kafka]:
        servers = f"{HOST}:{self.ports['kafka']}"
        return {
            name: Kafka(servers, "SASL_PLAINTEXT", name, self.secrets[f"kafka_{name}"])
            for name in PRINCIPALS
        }

    def _own_clickhouse(self, user: str) -> str:
        password = self.secrets["clickhouse" if user == clickhouse.SUPERUSER else user]
        return clickhouse.url(self.ports["clickhouse"], user, password, DATABASE)


def choose_ports(ports: Ports, before: Mapping[str, int]) -> dict[str, int]:
    """Choose a port for each part: the one of last time, the usual one, or any that is free."""
    return {name: ports.choose(before.get(name), usual) for name, usual in USUAL_PORTS.items()}


def first_cause(error: BaseException, folder: Folder) -> BaseException:
    """Return what went wrong first where several tasks were under way."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    match error:
        case TimeoutError():
            logs = typed("logs", folder.path)
            return PlatformError(f"an engine did not become ready in time (`{logs}`)")
        case KafkaError() | asyncpg.PostgresError() | httpx.HTTPError():
            said = re.sub(r"//[^@/\s]*@", "//", str(error))  # an address may hold a password
            hint = named_by_shell() if isinstance(error, KafkaError) else ""
            return PlatformError(f"an engine refused: {said}{hint}")
        case _:
            return error
