"""`counterfoil keys`: the API keys of a project, by the management API that campaigns serves."""

from typing import Annotated
from urllib.parse import quote

from cyclopts import App, Parameter
from rich.markup import escape
from rich.table import Column, Table

from contracts.projects import KeyScope
from counterfoil.commands import Data, Json
from counterfoil.management import asked, management
from counterfoil.showing import print_json, print_table

DAY = len("2026-11-26")

keys = App(name="keys", help="List, make and revoke the API keys of a project")

Project = Annotated[str, Parameter(help="The id of the project")]


@keys.command(name="list")
async def list_(project: Project, /, *, json: Json = False, data: Data = None) -> int:
    """List a project's keys, those in force and those that were; nobody can look a token up."""
    async with management(data) as api:
        found = (await asked(api, "GET", _path(project)))["keys"]
    told = [{name: key[name] for name in key if name != "object"} for key in found]
    if json:
        print_json({"project": project, "keys": told})
        return 0
    table = Table(
        Column("X-App-Id", no_wrap=True),
        "name",
        "may",
        "made",
        "used",
        "revoked",
        box=None,
        pad_edge=False,
    )
    for key in told:
        moments = (key[moment] or "" for moment in ("created_at", "last_used_at", "revoked_at"))
        days = (moment[:DAY] for moment in moments)
        table.add_row(key["app_id"], escape(key["name"]), ", ".join(key["scopes"]), *days)
    print_table(table)
    return 0


@keys.command
async def new(
    project: Project,
    /,
    *,
    scope: Annotated[list[KeyScope], Parameter(help="What it may; give it again for another")],
    origin: Annotated[
        list[str] | None,
        Parameter(
            help="Of a publishable key (client_…): whose pages may use it, https://shop.example"
        ),
    ] = None,
    name: Annotated[str | None, Parameter(help="What to call it")] = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """Make a key, and print it: its token is shown this once."""
    said = {"scopes": scope, "name": name, "origins": origin}
    async with management(data) as api:
        made = await asked(
            api, "POST", _path(project), {what: told for what, told in said.items() if told}
        )
    if json:
        print_json(
            {"project": project, **{n: made[n] for n in ("app_id", "app_token", "name", "scopes")}}
        )
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
    async with management(data) as api:
        await asked(api, "DELETE", f"{_path(project)}/{quote(key, safe='')}")
    if json:
        print_json({"project": project, "revoked": key})
    else:
        print(f"{key} opens nothing any more")  # noqa: T201
    return 0


def _path(project: str) -> str:
    return f"/management/v1/projects/{quote(project, safe='')}/keys"
