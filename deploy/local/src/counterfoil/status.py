"""What runs, asked now: every part is probed, nobody is believed."""

import asyncio
from typing import Any

import asyncpg
import httpx

from contracts.principals import SERVICES
from counterfoil import logins
from counterfoil.folder import Folder
from counterfoil.platform import Platform
from counterfoil.projects import Kept, kept, reader

PROBE_SECONDS = 5.0


def nobody(folder: Folder) -> dict[str, Any]:
    """Return what `status --json` prints where nothing answers yet, or any more."""
    return {
        "state": folder.state().get("state", "starting") if folder.is_locked() else "stopped",
        **dict.fromkeys(("gateway", "kafka", "clickhouse", "clickhouse_reader", "project")),
        "kafka_security": None,
        "postgres": {},
        "views": {},
        "projects": [],
        "login": None,
        "management": management(folder, None),
        "services": {},
        "engines": {},
        "data": str(folder.path),
        "supervisor": None,
    }


async def status(folder: Folder) -> dict[str, Any]:
    """Return the state of a platform as `status --json` prints it."""
    platform = Platform.at(folder.path)
    state = folder.state()
    parts = state["parts"]
    names = list(parts)
    async with httpx.AsyncClient(trust_env=False, timeout=PROBE_SECONDS) as client:
        answers = await asyncio.gather(*(probe(client, platform, parts[n]) for n in names))
    shown = {name: show(parts[name], answer) for name, answer in zip(names, answers, strict=True)}
    return {
        "state": state["state"],
        "gateway": platform.gateway,
        "kafka": platform.kafka.servers,
        "kafka_security": kafka_security(platform),
        "postgres": platform.postgres,
        "views": platform.views,
        "clickhouse": platform.clickhouse,
        "clickhouse_reader": platform.clickhouse_reader,
        "project": platform.project,
        "projects": [shown_project(platform, each) for each in kept(folder)],
        "login": logins.kept(folder),
        "management": management(folder, platform.management_id),
        "services": {n: shown[n] for n in names if parts[n]["kind"] == "service"},
        "engines": {n: shown[n] for n in names if parts[n]["kind"] != "service"},
        "data": str(folder.path),
        "supervisor": state["supervisor"],
    }


def shown_project(platform: Platform, project: Kept) -> dict[str, Any]:
    """Say how to use a project over HTTP, and how to look at it as a BI tool."""
    readable = platform.clickhouse_reader is not None
    return {
        **{name: project[name] for name in ("name", "id", "app_id", "app_token")},
        "clickhouse_reader": reader(platform.clickhouse, project) if readable else None,
    }


def management(folder: Folder, management_id: str | None) -> dict[str, Any]:
    """Say where the operator's token is, and not what it is: it opens every project."""
    return {"id": management_id, "token_file": str(folder.secrets_file)}


def kafka_security(platform: Platform) -> dict[str, Any]:
    """Say how people and shops get into Kafka; `counterfoil env` says how a service does."""
    operator = platform.kafka
    return {
        "security_protocol": operator.protocol,
        "sasl_mechanism": operator.mechanism if operator.is_locked else None,
        "users": {
            name: {"username": way.username, "password": way.password}
            for name, way in platform.principals.items()
            if name not in SERVICES and way.is_locked
        },
    }


def show(part: dict[str, Any], ready: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": part["url"],
        "healthy": bool(ready.get("ready")),
        "pid": part["pid"],
        "restarts": part["restarts"],
        "state": part["state"],
        "last_exit": part["last_exit"],
        "ready": ready,
    }


async def probe(
    client: httpx.AsyncClient, platform: Platform, part: dict[str, Any]
) -> dict[str, Any]:
    """Ask one part whether it works; an answer that says why not is an answer."""
    try:
        match part["name"]:
            case "postgres":
                for dsn in platform.postgres.values():
                    await answers_sql(dsn)
            case "kafka":
                await answers_tcp(platform.kafka.servers.split(",")[0])
            case "clickhouse":
                url = httpx.URL(platform.clickhouse).copy_with(path="/")
                (await client.post(url, content="SELECT 1")).raise_for_status()
            case "gateway":
                (await client.get(f"{platform.gateway}/livez")).raise_for_status()
            case _:
                answer: dict[str, Any] = (await client.get(f"{part['url']}/readyz")).json()
                return answer
    except (httpx.HTTPError, asyncpg.PostgresError, OSError, ValueError, TimeoutError) as error:
        return {"ready": False, "reason": str(error) or type(error).__name__}
    return {"ready": True}


async def answers_sql(dsn: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=PROBE_SECONDS)
    try:
        await connection.fetchval("SELECT 1")
    finally:
        await connection.close()


async def answers_tcp(address: str) -> None:
    host, _, port = address.rpartition(":")
    async with asyncio.timeout(PROBE_SECONDS):
        _, writer = await asyncio.open_connection(host, int(port))
    writer.close()
