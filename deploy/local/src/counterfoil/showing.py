"""The state of a platform, for people and for scripts."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from counterfoil.hints import near, typed

WIDTH = 118
UNBOUNDED = 1_000_000  # columns: more than any table has
# Where people find these is said below the table; at their own address they are of no use.
INNER = {"console": "behind the gateway"}


def wide_console() -> Console:
    """Lay tables out for their content: a narrow terminal folds lines, but no figure is cut."""
    return Console(width=max(Console().width, WIDTH), highlight=False)


def print_table(table: Table) -> None:
    """Print a table. Where no terminal shows it, every row is one line, and nothing is cut."""
    console = wide_console()
    if console.is_terminal:
        console.print(table)
        return
    console.width = UNBOUNDED
    with console.capture() as written:
        console.print(table)
    lines = [line.rstrip() for line in written.get().splitlines()]
    console.print("\n".join(lines), markup=False, soft_wrap=True)


def show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    console = wide_console()
    parts = found["engines"] | found["services"]
    table = Table(
        "part",
        "",
        Column("where", no_wrap=True, min_width=23),
        "restarts",
        "last exit",
        box=None,
        pad_edge=False,
    )
    for name, part in parts.items():
        mark = "[green]up[/]" if part["healthy"] else f"[red]{part['state']}, not ready[/]"
        restarts = str(part["restarts"] or "")
        table.add_row(name, mark, INNER.get(name, part["url"]), restarts, part["last_exit"] or "")
    print_table(table)
    for name, part in parts.items():
        if not part["healthy"]:
            console.print(f"{name}: {json.dumps(part['ready'])}", markup=False, soft_wrap=True)
    console.print()
    show_access(console, found)


def show_access(console: Console, found: dict[str, Any]) -> None:
    """Say where to look, and with which keys; the newest project comes last."""
    operator = found["management"]["id"]
    secrets = near(Path(found["management"]["token_file"]))
    lines = [
        f"gateway     {found['gateway']}  (its APIs: /docs)",
        f"console     {found['gateway']}/  {login(found['login'])}",
        f"management  X-Management-Id: {operator}  X-Management-Token: as {secrets} says",
        f"kafka       {found['kafka']}  {kafka_users(found)}",
        f"data        {found['data']}",
    ]
    for project in found["projects"]:
        reader = project["clickhouse_reader"]
        lines += [
            f"project     {project['name']}  {project['id']}",
            f"  keys      X-App-Id: {project['app_id']}  X-App-Token: {project['app_token']}",
            f"  for BI    {reader or 'the ClickHouse of the environment has its own users'}",
        ]
    if found["clickhouse_reader"]:
        lines.append("            (with curl: the same address, /?database=coupons, not /coupons)")
    console.print("\n".join(lines), markup=False, soft_wrap=True)


def login(first: dict[str, Any] | None) -> str:
    """Say how to sign in; the password is that of the beginning, whatever it was changed to."""
    if first is None or first["password"] is None:
        return "(in a browser, as one of the users in the database)"
    return f"sign in as {first['email']} with the password {first['password']}"


def kafka_users(found: dict[str, Any]) -> str:
    """Name who may come in; the passwords are in `status --json`."""
    security, folder = found["kafka_security"], Path(found["data"])
    users = ", ".join(security["users"]) or "as the environment says"
    return f"{security['security_protocol']}, users: {users}  (`{typed('status --json', folder)}`)"


def print_json(value: object) -> None:
    print(json.dumps(value), flush=True)  # noqa: T201
