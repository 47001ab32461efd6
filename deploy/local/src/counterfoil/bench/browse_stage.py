"""A Postgres and an api of campaigns of their own, for `counterfoil bench browse`.

The folder is kept: ten million codes take minutes to make, and are there at the next run.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from counterfoil import processes, services
from counterfoil.engines import postgres
from counterfoil.errors import PlatformError
from counterfoil.folder import SIGNING_KEY, Folder
from counterfoil.ports import HOST, Ports
from counterfoil.services import BEHIND_THE_GATEWAY, Backing
from servicekit.http.tokens import public_half

DATABASE = "campaigns"
MANAGEMENT_ID = "operator"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the api and its database are, and the keys of the project whose codes are listed."""

    url: str
    dsn: str  # of who may all, to fill it and to ask by hand
    project_id: str
    keys: dict[str, str]


@asynccontextmanager
async def shelf(data: Path) -> AsyncIterator[Shelf]:
    """Run both for the length of the block."""
    folder = Folder(data)
    with folder.locked(), Ports() as ports:
        secrets, logs = folder.secrets(), folder.logs
        await postgres.prepare(folder.path / "postgres", secrets["postgres"], logs)
        port = ports.choose()
        child = processes.start(postgres.program(folder.path / "postgres", port, logs))
        try:
            admin = postgres.dsn(port, postgres.SUPERUSER, secrets["postgres"], "postgres")
            await postgres.ready(child, admin)
            await postgres.provision(admin, DATABASE, secrets)
            backing = _backing(port, secrets)
            await processes.run(services.migration(DATABASE, backing, logs))
            async with _api(backing, ports.choose(), logs) as url:
                project_id, keys = await _project(folder, url)
                dsn = postgres.dsn(port, postgres.SUPERUSER, secrets["postgres"], DATABASE)
                yield Shelf(url, dsn, project_id, keys)
        finally:
            await child.stop()


def _backing(port: int, secrets: dict[str, str]) -> Backing:
    return Backing(
        kafka={},
        postgres={DATABASE: postgres.dsn(port, DATABASE, secrets[DATABASE], DATABASE)},
        migrations={
            DATABASE: postgres.dsn(
                port, f"{DATABASE}_owner", secrets[f"{DATABASE}_owner"], DATABASE
            )
        },
        clickhouse="",
        figures={},
        management_id=MANAGEMENT_ID,
        management_token=secrets["management_token"],
        customer_id_key=secrets["customer_id_key"],
        signing_key=secrets[SIGNING_KEY],
        token_public_keys=public_half(secrets[SIGNING_KEY]),
        gateway="",
        console_secret="",
        oidc={},
    )


@asynccontextmanager
async def _api(backing: Backing, port: int, logs: Path) -> AsyncIterator[str]:
    [role] = [each for each in BEHIND_THE_GATEWAY if each.name == DATABASE]
    url = f"http://{HOST}:{port}"
    child = processes.start(services.program(role, backing, port, logs))
    try:
        await services.ready(child, url)
        yield url
    finally:
        await child.stop()


async def _project(folder: Folder, url: str) -> tuple[str, dict[str, str]]:
    """Return the project of this folder, opened at the first run."""
    secrets = folder.secrets()
    if "project" not in secrets:
        headers = {
            "X-Management-Id": MANAGEMENT_ID,
            "X-Management-Token": secrets["management_token"],
        }
        body = {"name": "Browsed", "currency": "EUR", "time_zone": "Europe/Berlin"}
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            answer = await client.post("/management/v1/projects", json=body, headers=headers)
        if not answer.is_success:
            raise PlatformError(f"no project could be opened: {answer.text}")
        folder.remember("project", answer.json())
        secrets = folder.secrets()
    project = secrets["project"]
    return project["id"], {"X-App-Id": project["app_id"], "X-App-Token": project["app_token"]}


async def is_filled(dsn: str, project_id: str, codes: int) -> bool:
    """Tell whether that many codes are there, and all that belongs to them."""
    conn = await asyncpg.connect(dsn)
    try:
        return bool(
            await conn.fetchval(
                "SELECT sum(count) >= $2 FROM voucher_counts WHERE project_id = $1",
                project_id,
                codes,
            )
        )
    finally:
        await conn.close()
