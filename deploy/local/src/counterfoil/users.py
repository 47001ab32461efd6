"""`counterfoil users`: who may sign in to a project, by the management API of campaigns."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from cyclopts import App, Parameter
from rich.markup import escape
from rich.table import Table

from counterfoil.commands import Data, Json
from counterfoil.management import asked, management
from counterfoil.showing import print_json, print_table

users = App(name="users", help="Let people into a project, and out again")

Project = Annotated[str, Parameter(help="The id of the project")]
User = Annotated[str, Parameter(help="The e-mail, or the id")]
Role = Literal["owner", "editor", "viewer", "partner"]
Account = Literal["keep", "reset"]


@users.command
async def add(
    project: Project,
    email: Annotated[str, Parameter(help="What the person signs in with")],
    /,
    *,
    role: Annotated[Role, Parameter(help="What the person may do")] = "owner",
    partner: Annotated[str | None, Parameter(help="The partner's id, with --role partner")] = None,
    name: Annotated[str | None, Parameter(help="What to call the person")] = None,
    account: Annotated[Account | None, Parameter(help="An account that is there already")] = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """Let a person in. Who has no account gets one; its password is shown this once.

    An account that somebody made by an invitation may be a stranger's: it is let in with
    --account keep, or, with --account reset, given a new password before.
    """
    given = {
        "email": email,
        "role": role,
        "partner_id": partner,
        "name": name,
        "account": account,
    }
    body = {field: value for field, value in given.items() if value is not None}
    async with management(data) as api:
        made = await asked(api, "POST", _path(project), body)
    if json:
        print_json({"project": project, **_told(made)})
        return 0
    print(f"{made['email']} is {made['role']} of {project}")  # noqa: T201
    if made["password"] is None:
        print("# with the password of the account that was there")  # noqa: T201
    else:
        print(f"password: {made['password']}  # shown this once")  # noqa: T201
    return 0


@users.command(name="list")
async def list_(project: Project, /, *, json: Json = False, data: Data = None) -> int:
    """List who may sign in to a project."""
    async with management(data) as api:
        found = (await asked(api, "GET", _path(project)))["users"]
    if json:
        print_json({"project": project, "users": [_told(each) for each in found]})
        return 0
    table = Table("e-mail", "name", "role", "partner", "last seen", box=None, pad_edge=False)
    for each in found:
        shown = (each["email"], each["name"], each["role"], each["partner_id"] or "")
        table.add_row(*map(escape, shown), each["last_seen_at"] or "")
    print_table(table)
    return 0


@users.command
async def password(
    project: Project, user: User, /, *, json: Json = False, data: Data = None
) -> int:
    """Give a person another password, shown this once; wherever he is signed in, he is not."""
    async with management(data) as api:
        made = await asked(api, "POST", f"{_path(project)}/{quote(user, safe='')}/password")
    if json:
        print_json({"project": project, "user": user, "password": made["password"]})
    else:
        print(f"password: {made['password']}  # shown this once")  # noqa: T201
    return 0


@users.command
async def remove(project: Project, user: User, /, *, json: Json = False, data: Data = None) -> int:
    """Let a person out of a project: what he has open there ends within seconds."""
    async with management(data) as api:
        await asked(api, "DELETE", f"{_path(project)}/{quote(user, safe='')}")
    if json:
        print_json({"project": project, "removed": user})
    else:
        print(f"{user} may not sign in to {project} any more")  # noqa: T201
    return 0


def _told(member: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in member.items() if field != "object"}


def _path(project: str) -> str:
    return f"/management/v1/projects/{quote(project, safe='')}/users"
