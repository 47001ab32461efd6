"""A running platform, for whoever needs one: the command line, the demo, the benchmark, tests."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.principals import OPERATOR
from counterfoil import external
from counterfoil.errors import PlatformError
from counterfoil.folder import Folder, chosen
from counterfoil.hints import typed
from counterfoil.log_files import keep_bounded
from counterfoil.ports import Ports
from counterfoil.progress import Progress, silent
from counterfoil.projects import Kept, Project, reader
from counterfoil.services import Backing
from counterfoil.starting import Start, choose_ports, first_cause
from counterfoil.supervisor import Supervisor
from servicekit.kafka.connection import Kafka

ATTACH_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Platform:
    """Where everything is, and the keys to use it with.

    `principals` has the way into Kafka of each that has one, `postgres` names the DSN that each
    service runs with, `migrations` that of the tables' owner, `views` that of whoever may read its
    views alone, `clickhouse` is the way of the tables' owner and `figures` that of each role of
    analytics, `clickhouse_reader` an address for BI tools that shows the first project's rows
    and no others.
    """

    folder: Folder
    gateway: str
    principals: dict[str, Kafka]
    postgres: dict[str, str]
    migrations: dict[str, str]
    views: dict[str, str]
    clickhouse: str
    figures: dict[str, str]
    clickhouse_reader: str | None
    project: Project
    services: dict[str, str]
    management_id: str
    management_token: str
    customer_id_key: str
    signing_key: str
    token_public_keys: str
    oidc: dict[str, str]
    console_secret: str

    @classmethod
    def of(cls, folder: Folder) -> "Platform":
        """Read where a running platform is from its folder."""
        told = dict(folder.state()["addresses"])
        principals = {name: Kafka(**way) for name, way in told.pop("principals").items()}
        return cls(folder=folder, principals=principals, **told)

    @classmethod
    def at(cls, data: Path | None) -> "Platform":
        """Find the platform that runs in this data folder, for a command that starts none."""
        folder = Folder(chosen(data))
        if not folder.is_locked():
            raise PlatformError(
                f"no platform runs in {folder.path}: start one with `{typed('up', folder.path)}`"
            )
        state = folder.state()
        if "addresses" not in state:
            raise PlatformError(f"the platform in {folder.path} is {state.get('state')}: ask again")
        return cls.of(folder)

    @property
    def kafka(self) -> Kafka:
        """Kafka as its operator, who may everything."""
        return self.principals[OPERATOR]

    @property
    def backing(self) -> Backing:
        """What its services stand on."""
        return Backing(
            kafka=self.principals,
            postgres=self.postgres,
            migrations=self.migrations,
            clickhouse=self.clickhouse,
            figures=self.figures,
            management_id=self.management_id,
            management_token=self.management_token,
            customer_id_key=self.customer_id_key,
            signing_key=self.signing_key,
            token_public_keys=self.token_public_keys,
            oidc=self.oidc,
            gateway=self.gateway,
            console_secret=self.console_secret,
        )

    def pid(self, part: str) -> int | None:
        """Return the process that a part runs as right now: it changes when it is restarted."""
        found: int | None = self.folder.state()["parts"][part]["pid"]
        return found


@asynccontextmanager
async def running_platform(
    data: Path | None = None, *, progress: Progress = silent, probe: bool = False
) -> AsyncIterator[Platform]:
    """Yield the platform of this data folder: start it unless it runs; stop only what was started.

    On the way out, also by an exception, Ctrl-C or SIGTERM, nothing that was started here is left.
    """
    folder = Folder(chosen(data))
    if folder.is_locked():
        yield await attach(folder)
        return
    with folder.locked(), Ports() as ports, terminated_gently():
        async with started(folder, ports, progress, probe=probe) as platform:
            yield platform


async def attach(folder: Folder) -> Platform:
    """Wait until the platform that somebody else started here is up."""
    with suppress(TimeoutError):
        async with asyncio.timeout(ATTACH_SECONDS):
            while folder.is_locked():
                if folder.state().get("state") == "running":
                    return Platform.of(folder)
                await asyncio.sleep(0.2)
    logs = typed("logs", folder.path)
    raise PlatformError(f"the platform in {folder.path} did not come up (`{logs}`)")


@asynccontextmanager
async def started(
    folder: Folder, ports: Ports, progress: Progress, *, probe: bool
) -> AsyncIterator[Platform]:
    state: dict[str, Any] = folder.state()
    chosen_ports = choose_ports(ports, state.get("ports", {}))
    state = {"state": "starting", "supervisor": os.getpid(), "ports": chosen_ports}

    def changed() -> None:
        folder.save_state(state | {"parts": supervisor.parts()})

    supervisor = Supervisor(progress, changed)
    start = Start(
        folder,
        external.read(os.environ),
        supervisor,
        progress,
        chosen_ports,
        folder.secrets(),
        probe,
    )
    try:
        try:
            project = await start.everything()
        except (Exception, BaseExceptionGroup) as error:
            raise first_cause(error, folder) from error
        state |= {"state": "running", "addresses": addresses(start, project)}
        changed()
        looking_after_logs = asyncio.create_task(keep_bounded(folder.logs))
        try:
            yield Platform.of(folder)
        finally:
            looking_after_logs.cancel()
    finally:
        state["state"] = "stopping"
        changed()
        await supervisor.stop()
        state["state"] = "stopped"
        changed()


def addresses(start: Start, project: Kept) -> dict[str, Any]:
    backing = start.backing
    return {
        "gateway": start.gateway,
        "principals": {name: way.as_dict() for name, way in backing.kafka.items()},
        "postgres": backing.postgres,
        "migrations": backing.migrations,
        "views": start.views,
        "clickhouse": backing.clickhouse,
        "figures": backing.figures,
        "clickhouse_reader": None
        if start.external.clickhouse
        else reader(backing.clickhouse, project),
        "project": {name: project[name] for name in ("id", "app_id", "app_token")},
        "services": {role.name: start.url(role) for role in start.roles},
        "management_id": backing.management_id,
        "management_token": backing.management_token,
        "customer_id_key": backing.customer_id_key,
        "signing_key": backing.signing_key,
        "token_public_keys": backing.token_public_keys,
        "oidc": dict(backing.oidc),
        "console_secret": backing.console_secret,
    }


@contextmanager
def terminated_gently() -> Iterator[None]:
    """Let SIGTERM and SIGHUP cancel the task that is here, as Ctrl-C does, so that it cleans up."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None  # noqa: S101  # we run inside one
    signals = (signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
