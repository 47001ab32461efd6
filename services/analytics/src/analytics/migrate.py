"""Creates the database of CLICKHOUSE_URL and brings it up to date; run it again at any time.

The files of `migrations/` are applied in the order of their numbers, each once. Every statement in
them is idempotent, so a run that died half-way, or two at once, do no harm. Names are unqualified:
they belong to whichever database the URL names.
"""

import asyncio
import re
from importlib import resources
from urllib.parse import urlsplit, urlunsplit

import structlog
from clickhouse_connect.driver.asyncclient import AsyncClient

from analytics import store

log = structlog.get_logger()

WAIT_SECONDS = 60
PAUSE_SECONDS = 0.5

APPLIED = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version    String,
        applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
    ) ENGINE = ReplacingMergeTree ORDER BY version
"""


async def migrate(url: str) -> list[str]:
    """Apply what is missing and return its names; wait a minute for a server that is away."""
    server = await _connected(urlunsplit(urlsplit(url)._replace(path="")))
    try:
        # Atomic: views are replaced in one step, and refreshable views need it.
        await server.command(
            "CREATE DATABASE IF NOT EXISTS {name:Identifier} ENGINE = Atomic",
            parameters={"name": store.database_of(url)},
        )
    finally:
        await server.close()
    client = await store.connect(url)
    try:
        return await _apply(client)
    finally:
        await client.close()


def statements(sql: str) -> list[str]:
    """Part a file at its semicolons; no literal of ours contains one."""
    without_comments = re.sub(r"^\s*--.*$", "", sql, flags=re.MULTILINE)
    return [part.strip() for part in without_comments.split(";") if part.strip()]


def files() -> dict[str, str]:
    """Return every migration by its name, in order."""
    folder = resources.files("analytics") / "migrations"
    found = {f.name: f.read_text() for f in folder.iterdir() if f.name.endswith(".sql")}
    return dict(sorted(found.items()))


async def _apply(client: AsyncClient) -> list[str]:
    await client.command(APPLIED)
    rows = (await client.query("SELECT version FROM schema_migrations FINAL")).result_rows
    applied = {version for (version,) in rows}
    missing = {name: sql for name, sql in files().items() if name not in applied}
    for name, sql in missing.items():
        for statement in statements(sql):
            await client.command(statement)
        await client.command(
            "INSERT INTO schema_migrations (version) SELECT {name:String}",
            parameters={"name": name},
        )
        log.info("applied", migration=name)
    return list(missing)


async def _connected(url: str) -> AsyncClient:
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            try:
                return await store.connect(url)
            except Exception as error:
                if not store.is_outage(error):
                    raise
                log.info("waiting for ClickHouse", error=repr(error))
            await asyncio.sleep(PAUSE_SECONDS)
