"""The engines that tests run on: the same that `counterfoil up` starts, once per run.

An address in the environment is used instead: POSTGRES_URL (a superuser's), CLICKHOUSE_URL,
KAFKA_BOOTSTRAP_SERVERS with KAFKA_USERNAME and KAFKA_PASSWORD (the operator's). With
ENGINES=containers each comes from testcontainers.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

from contracts.principals import OPERATOR, PRINCIPALS, rights
from contracts.topics import with_dead_letters
from counterfoil import ports, processes
from counterfoil.access import granting
from counterfoil.engines import clickhouse, jars, kafka, postgres
from servicekit.kafka.connection import Kafka

SECRET = "tests"
NO_KAFKA = Kafka("127.0.0.1:1", "SASL_PLAINTEXT", OPERATOR, SECRET)


def wanted_containers() -> bool:
    return os.environ.get("ENGINES") == "containers"


@contextmanager
def temporary_folder(name: str) -> Iterator[Path]:
    """A folder for an engine; gone afterwards, with whatever another user left in it."""
    folder = Path(tempfile.mkdtemp(prefix=f"counterfoil-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(program: processes.Program) -> Iterator[processes.Child]:
    child = processes.start(program)
    try:
        yield child
    finally:
        asyncio.run(child.stop())


def wait(work: Coroutine[Any, Any, None]) -> None:
    """Wait for something that an engine does, from where no event loop runs."""
    asyncio.run(work)


@contextmanager
def own_postgres() -> Iterator[str]:
    """Yield a superuser's address.

    Not synchronous with the disk as a platform's is: processes of ours are killed here, and no
    machine, and to wait for the disk took a tenth of the time.
    """
    with temporary_folder("postgres") as folder, ports.Ports() as reserved:
        asyncio.run(postgres.prepare(folder, SECRET, folder))
        port = reserved.choose()
        url = postgres.dsn(port, postgres.SUPERUSER, SECRET, "postgres")
        program = postgres.program(folder, port, folder)
        hasty = replace(program, arguments=(*program.arguments, "-c", "fsync=off"))
        with running(hasty) as child:
            asyncio.run(postgres.ready(child, url))
            yield url


@contextmanager
def own_kafka() -> Iterator[str]:
    with temporary_folder("kafka") as folder, ports.Ports() as reserved:
        asyncio.run(jars.fetch_missing(jars.KAFKA, folder))
        port, controller = reserved.choose(), reserved.choose()
        asyncio.run(kafka.prepare(folder, port, controller, SECRET, folder))
        broker = kafka.as_broker(f"{ports.HOST}:{port}", SECRET)
        with running(kafka.program(folder, folder)) as child:
            asyncio.run(kafka.ready(child, broker, kafka.cluster_id(folder)))
            yield locked(broker)


def locked(kafka: Kafka) -> str:
    """Let each principal in by the password of the tests, with its rights alone."""
    passwords = dict.fromkeys(PRINCIPALS, SECRET)
    declared = rights(with_dead_letters())
    asyncio.run(granting.ensure(kafka, passwords, declared, only=PRINCIPALS))
    return kafka.servers


def acting_as(kafka: Kafka, principal: str) -> Kafka:
    """Return a principal's way into the Kafka of the tests."""
    return kafka.acting_as(principal, SECRET)


@contextmanager
def own_clickhouse() -> Iterator[str]:
    """Yield an administrator's address; its path names the database `default`."""
    owner = clickhouse.Account(name=clickhouse.SUPERUSER, password=SECRET, project_id=None)
    with clickhouse_for(owner) as address:
        yield address(owner["name"], "default")


@contextmanager
def clickhouse_for(*accounts: clickhouse.Account) -> Iterator[Callable[[str, str], str]]:
    """Yield by which address who comes into which database."""
    passwords = {account["name"]: account["password"] for account in accounts}
    with temporary_folder("clickhouse") as folder, ports.Ports() as reserved:
        clickhouse.prepare(folder, [*accounts])
        port = reserved.choose()

        def address(name: str, database: str) -> str:
            return clickhouse.url(port, name, passwords[name], database)

        with running(clickhouse.program(folder, port, folder)) as child:
            asyncio.run(clickhouse.ready(child, address(accounts[0]["name"], "")))
            yield address


# Plain functions, so that they can be called from fixtures of any scope. -----------------------


def migrated_template(admin: str, service: str) -> str:
    """Create a database with the service's roles and tables; return its name."""
    template = f"{service}_template_{uuid4().hex[:8]}"
    asyncio.run(_create_template(admin, service, template))
    owner = as_role(admin, f"{service}_owner", template)
    done = subprocess.run(
        [sys.executable, "-m", service, "migrate"],
        env=os.environ | {f"{service.upper()}_MIGRATIONS_DSN": owner},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"migrating {service} failed:\n{done.stdout}{done.stderr}"
    return template


async def _create_template(admin: str, service: str, template: str) -> None:
    connection = await asyncpg.connect(admin)
    try:
        for role in (f"{service}_owner", service, postgres.AUDITOR):
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}'")
        await connection.execute(f"CREATE DATABASE {template} OWNER {service}_owner")
    finally:
        await connection.close()
    await postgres.grant(admin, database=template, service=service)


async def clone(admin: str, service: str, template: str) -> str:
    """Create a database like the template; return the address that the service would be given."""
    database = f"{service}_{uuid4().hex[:12]}"
    connection = await asyncpg.connect(admin)
    try:
        # Copying files beats writing them through the log once a template has a few tables.
        await connection.execute(
            f"CREATE DATABASE {database} TEMPLATE {template} OWNER {service}_owner"
        )
    finally:
        await connection.close()
    return as_role(admin, service, database)


async def drop(admin: str, dsn: str) -> None:
    connection = await asyncpg.connect(admin)
    try:
        database = urlsplit(dsn).path.removeprefix("/")
        await connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    finally:
        await connection.close()


def as_role(address: str, role: str, database: str | None = None) -> str:
    """Turn an address into that of a role of ours, perhaps in another database."""
    given = urlsplit(address)
    where = f"{given.hostname}:{given.port}"
    name = database or given.path.removeprefix("/")
    return f"postgresql://{role}:{SECRET}@{where}/{name}?sslmode=disable"
