"""`counterfoil keys`: the API keys of a project, by the management API that campaigns serves."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
from cyclopts import App, Parameter
from rich.table import Table

from contracts.projects import Scope
from counterfoil.commands import Data, Json
from counterfoil.errors import PlatformError
from counterfoil.platform import Platform
from counterfoil.showing import print_json, wide_console

# A revocation waits until no service lets the key in: some seconds, or it says that it may yet.
ANSWER_SECONDS = 30.0

keys = App(name="keys", help="List, make and revoke the API keys of a project")

Project = Annotated[str, Parameter(help="The id of the project")]


@keys.command(name="list")
async def list_(project: Project, /, *, json: Json = False, data: Data = None) -> int:
    """List a project's keys, those in force and those that were; nobody can look a token up."""
    async with _management(data) as management:
        found = (await _asked(management, "GET", _path(project)))["keys"]
    told = [{name: key[name] for name in key if name != "object"} for key in found]
    if json:
        print_json({"project": project, "keys": told})
        return 0
    table = Table("X-App-Id", "may", "made", "revoked", box=None, pad_edge=False)
    for key in told:
        table.add_row(
            key["app_id"], ", ".join(key["scopes"]), key["created_at"], key["revoked_at"] or ""
        )
    wide_console().print(table)
    return 0


@keys.command
async def new(
    project: Project,
    /,
    *,
    scope: Annotated[list[Scope], Parameter(help="What it may; give it again for another")],
    json: Json = False,
    data: Data = None,
) -> int:
    """Make a key, and print it: its token is shown this once."""
    async with _management(data) as management:
        made = await _asked(management, "POST", _path(project), {"scopes": scope})
    if json:
        print_json({"project": project, **{n: made[n] for n in ("app_id", "app_token", "scopes")}})
        return 0
    lines = [
        f"# A key of {project} for {', '.join(made['scopes'])}; the token is shown this once.",
        f"X-App-Id: {made['app_id']}",
        f"X-App-Token: {made['app_token']}",
    ]
    print(*lines, sep="\n")  # noqa: T201
    return 0


@keys.command
async def revoke(
    project: Project,
    key: Annotated[str, Parameter(help="Its X-App-Id")],
    /,
    *,
    json: Json = False,
    data: Data = None,
) -> int:
    """Revoke a key; when this returns it opens nothing any more. A second time changes nothing."""
    async with _management(data) as management:
        await _asked(management, "DELETE", f"{_path(project)}/{quote(key, safe='')}")
    if json:
        print_json({"project": project, "revoked": key})
    else:
        print(f"{key} opens nothing any more")  # noqa: T201
    return 0


@asynccontextmanager
async def _management(data: Path | None) -> AsyncIterator[httpx.AsyncClient]:
    """Reach the management API that the environment names, or that of the running platform."""
    if url := os.environ.get("CAMPAIGNS_URL"):
        named = ("CAMPAIGNS_MANAGEMENT_ID", "CAMPAIGNS_MANAGEMENT_TOKEN")
        if not all(map(os.environ.get, named)):
            raise PlatformError(f"CAMPAIGNS_URL needs {' and '.join(named)} beside it")
        operator, token = (os.environ[name] for name in named)
    else:
        platform = Platform.at(data)
        url, operator, token = platform.gateway, platform.management_id, platform.management_token
    headers = {"X-Management-Id": operator, "X-Management-Token": token}
    try:
        async with httpx.AsyncClient(
            base_url=url, headers=headers, timeout=ANSWER_SECONDS, trust_env=False
        ) as client:
            yield client
    except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        said = f"campaigns at {url}: {type(error).__name__} {error}".strip()
        raise PlatformError(said) from error


async def _asked(
    management: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return what is answered; raise what is refused, in its own words."""
    answer = await management.request(method, path, json=body)
    if answer.is_success:
        told: dict[str, Any] = answer.json() if answer.content else {}
        return told
    try:
        refusal = answer.json()
        said = f"{refusal['message']}: {refusal.get('details', refusal['key'])}"
    except (ValueError, KeyError, TypeError, AttributeError):
        said = " ".join(answer.text.split())[:300]
    raise PlatformError(f"{answer.status_code} {said}")


def _path(project: str) -> str:
    return f"/management/v1/projects/{quote(project, safe='')}/keys"
