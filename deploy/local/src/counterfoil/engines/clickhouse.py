"""The ClickHouse engine, in a process of its own behind ClickHouse's HTTP interface."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Final, NotRequired, TypedDict
from urllib.parse import quote

import httpx

from counterfoil import plain_http
from counterfoil.clickhouse.users import Rights
from counterfoil.ports import HOST
from counterfoil.processes import Child, Program, ProgramError

READY_SECONDS = 60.0
SUPERUSER = "counterfoil"
# By the role of analytics that asks; each has a secret of this name.
SERVICES: Final[dict[str, Rights]] = {"analytics_api": "reads", "analytics_worker": "inserts"}


class Account(TypedDict):
    """Who may ask; one with a project reads that project's rows and no others.

    One with views alone reads what analytics ships, of all projects; `rights` are a service's.
    """

    name: str
    password: str
    project_id: str | None
    views_alone: NotRequired[bool]
    rights: NotRequired[Rights]


def url(port: int, user: str, password: str, database: str) -> str:
    return f"http://{user}:{quote(password, safe='')}@{HOST}:{port}/{database}"


def prepare(folder: Path, accounts: list[Account]) -> None:
    """Write who may ask. The server reads it again when it has changed."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / "users.json.new"
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(accounts))
    unfinished.rename(folder / "users.json")


def program(folder: Path, port: int, logs: Path) -> Program:
    """Describe the server on a prepared folder."""
    where = (str(folder / "data"), str(folder / "users.json"), HOST, str(port))
    return Program(
        name="clickhouse",
        arguments=(sys.executable, "-m", "counterfoil.clickhouse", *where),
        log=logs / "clickhouse.log",
    )


async def ready(child: Child, url: str) -> None:
    """Wait until our child answers a query with our password."""
    address = httpx.URL(url)
    async with asyncio.timeout(READY_SECONDS), plain_http.client() as client:
        while True:
            if (code := child.exit_code) is not None:
                raise ProgramError(child.program, code)
            with contextlib.suppress(httpx.TransportError):
                answer = await client.post(address.copy_with(path="/"), content="SELECT 1")
                if answer.is_success:
                    return
            # Another's server on our port knows no such password; our child then says so and ends.
            await asyncio.sleep(0.05)
