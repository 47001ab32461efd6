"""Puts what Kafka holds in the order of ids: on the disk, for it may be a lot."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from counterfoil.reconcile.facts import Fact
from counterfoil.reconcile.rows import Row

AT_A_TIME = 5_000

TABLE = """
    CREATE TABLE outcomes (
        id TEXT PRIMARY KEY, fact BLOB NOT NULL, kept INTEGER NOT NULL, conflict INTEGER NOT NULL
    ) WITHOUT ROWID
"""
ADD = """
    INSERT INTO outcomes VALUES (?, ?, ?, 0)
    ON CONFLICT (id) DO UPDATE SET conflict = conflict OR fact <> excluded.fact
"""


async def by_id(rows: AsyncGenerator[Row, None]) -> AsyncGenerator[Row, None]:
    """Yield each id once, in order: what came first, and whether another told it differently."""
    with (
        TemporaryDirectory(prefix="counterfoil-reconcile-") as folder,
        closing(sqlite3.connect(Path(folder) / "outcomes")) as database,
    ):
        database.execute("PRAGMA journal_mode = OFF")  # nobody needs it after a crash
        database.execute("PRAGMA synchronous = OFF")
        database.execute(TABLE)
        waiting: list[tuple[str, bytes, bool]] = []
        async for row in rows:
            waiting.append((row.event_id, orjson.dumps(tuple(row.fact)), row.kept))
            if len(waiting) == AT_A_TIME:
                database.executemany(ADD, waiting)
                waiting.clear()
        database.executemany(ADD, waiting)
        for event_id, fact, kept, conflict in database.execute(
            "SELECT id, fact, kept, conflict FROM outcomes ORDER BY id"
        ):
            *told, day = orjson.loads(fact)
            yield Row(
                event_id, Fact._make([*told, date.fromisoformat(day)]), bool(kept), bool(conflict)
            )
