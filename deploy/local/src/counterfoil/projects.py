"""The projects whose keys a data folder keeps: the one that `up` makes, and those of demos.

Each has a reader for BI tools at our ClickHouse. It is called as the project is, and sees that
project's rows and no others.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import httpx

from counterfoil import plain_http
from counterfoil.engines import clickhouse
from counterfoil.engines.postgres import AUDITOR
from counterfoil.errors import PlatformError
from counterfoil.folder import Folder

FIRST = {"name": "Default", "currency": "USD", "time_zone": "UTC"}


class Project(TypedDict):
    """Which project, and the keys to use it with."""

    id: str
    app_id: str
    app_token: str


class Kept(Project):
    """A project as the folder keeps it, with the password of its reader."""

    name: str
    reader_password: str


async def create(campaigns: str, management_id: str, management_token: str) -> Project:
    """Create the first project and return the one answer that ever shows its token."""
    keys = {"X-Management-Id": management_id, "X-Management-Token": management_token}
    async with plain_http.client(base_url=campaigns, timeout=30) as client:
        answer = await client.post("/management/v1/projects", json=FIRST, headers=keys)
    if not answer.is_success:
        said = f"{answer.status_code} {answer.text[:300]}"
        raise PlatformError(f"campaigns did not create the first project: {said}")
    body = answer.json()
    return Project(id=body["id"], app_id=body["app_id"], app_token=body["app_token"])


def kept(folder: Folder) -> list[Kept]:
    """Return the projects whose keys the folder keeps, the first one first."""
    found: list[Kept] = folder.secrets().get("projects", [])
    return found


def keep(folder: Folder, name: str, project: Project) -> Kept:
    """Keep its keys, and let its reader in, unless the ClickHouse is somebody else's."""
    added = Kept(**project, name=name, reader_password=secrets.token_hex(24))
    folder.remember("projects", [*kept(folder), added])
    if users(folder).exists():
        let_in(folder)
    return added


def let_in(folder: Folder) -> None:
    """Tell our ClickHouse who may ask: the services, the auditor, and each project's reader."""
    secrets = folder.secrets()
    owner = clickhouse.Account(
        name=clickhouse.SUPERUSER, password=secrets["clickhouse"], project_id=None
    )
    services = [
        clickhouse.Account(name=name, password=secrets[name], project_id=None, rights=rights)
        for name, rights in clickhouse.SERVICES.items()
    ]
    auditor = clickhouse.Account(
        name=AUDITOR, password=secrets["auditor"], project_id=None, views_alone=True
    )
    clickhouse.prepare(users(folder).parent, [owner, *services, auditor, *readers(kept(folder))])


def users(folder: Folder) -> Path:
    return folder.path / "clickhouse" / "users.json"


def readers(projects: Sequence[Kept]) -> list[clickhouse.Account]:
    return [
        clickhouse.Account(
            name=project["id"], password=project["reader_password"], project_id=project["id"]
        )
        for project in projects
    ]


def reader(address: str, project: Kept) -> str:
    """Turn an address of our ClickHouse into that of a project's reader."""
    own = httpx.URL(address).copy_with(username=project["id"], password=project["reader_password"])
    return str(own)
