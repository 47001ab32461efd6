"""The second baseline: Postgres' own benchmark, with transactions as heavy as a decision.

One UPDATE that locks a counter's row, and two INSERTs as wide as a row of the ledger and one of the
outbox: the least that a decision of its own can cost, without a line of Python.
"""

import asyncio
import os
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

import asyncpg

from counterfoil.engines.postgres import binaries
from counterfoil.errors import PlatformError

NAME = "pgbench, 16 clients"
CLIENTS = 16
SECONDS = 12

SCHEMA = """
    DROP SCHEMA IF EXISTS pgbench CASCADE;
    CREATE SCHEMA pgbench;
    CREATE TABLE pgbench.counters (
        id integer PRIMARY KEY, used bigint NOT NULL DEFAULT 0
    ) WITH (fillfactor = 50);
    INSERT INTO pgbench.counters SELECT generate_series(1, 100);
    CREATE TABLE pgbench.ledger (
        id uuid PRIMARY KEY, key bytea NOT NULL UNIQUE, fingerprint bytea NOT NULL,
        project_id text NOT NULL, campaign_id text NOT NULL, code text NOT NULL, customer_id text,
        order_id text, accepted boolean NOT NULL, order_minor bigint NOT NULL,
        discount_minor bigint NOT NULL, currency text, at timestamptz NOT NULL,
        decided_at timestamptz NOT NULL, body bytea NOT NULL
    );
    CREATE TABLE pgbench.outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL,
        key bytea NOT NULL, value bytea NOT NULL, at timestamptz NOT NULL DEFAULT now()
    );
"""

# The widths of a decision about a benchmark's request: an answer of 700 bytes, an outcome of 1,000.
SCRIPT = r"""
\set row random(1, :rows)
BEGIN;
UPDATE pgbench.counters SET used = used + 1 WHERE id = :row;
INSERT INTO pgbench.ledger VALUES (
    uuidv7(), uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
    'proj_01k0000000000000000000000', 'camp_01k0000000000000000000000', 'HOT-DEAL',
    'cust_0123456789abcdef0123456789abcdef', 'order-run-123456', true, 2000, 100, 'USD',
    now(), now(), convert_to(repeat('x', 700), 'UTF8')
);
INSERT INTO pgbench.outbox (topic, key, value) VALUES (
    'coupons.redemptions.v1', uuid_send(gen_random_uuid()), convert_to(repeat('x', 1000), 'UTF8')
);
COMMIT;
"""


async def transactions(dsn: str, *, rows: int) -> float:
    """Return how many transactions a second it commits on one hot row, or on several."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(SCHEMA)
        with TemporaryDirectory(prefix="counterfoil-pgbench-") as folder:
            script = Path(folder) / "decision.sql"
            script.write_text(SCRIPT)
            return await _run(dsn, script, rows)
    finally:
        await connection.execute("DROP SCHEMA IF EXISTS pgbench CASCADE")
        await connection.close()


async def _run(dsn: str, script: Path, rows: int) -> float:
    own = binaries() / "pgbench"
    program = str(own) if own.exists() else shutil.which("pgbench")
    if program is None:
        raise PlatformError("there is no pgbench: neither in PostgreSQL's wheel nor on PATH")
    command = [program, "--no-vacuum", "--client", str(CLIENTS), "--jobs", "2"]
    command += ["--time", str(SECONDS), "--protocol", "prepared", "--define", f"rows={rows}"]
    process = await asyncio.create_subprocess_exec(
        *command,
        *("--file", str(script)),
        env=os.environ | _where(dsn),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    found = re.search(rb"^tps = ([0-9.]+)", said, re.MULTILINE)
    if process.returncode != 0 or found is None:
        why = " ".join(complained.decode(errors="replace").split())[-300:]
        raise PlatformError(f"pgbench ended with {process.returncode}: {why}")
    return float(found[1])


def _where(dsn: str) -> dict[str, str]:
    """Tell an address by environment: arguments are visible to everybody."""
    address = urlsplit(dsn)
    return {
        "PGHOST": address.hostname or "",
        "PGPORT": str(address.port or 5432),
        "PGUSER": unquote(address.username or ""),
        "PGPASSWORD": unquote(address.password or ""),
        "PGDATABASE": address.path.removeprefix("/"),
    }
