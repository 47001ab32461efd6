"""One ClickHouse engine, a fresh connection per statement.

A connection costs under a millisecond and carries its own settings and current database: nothing
that one client sets can reach another, and statements run side by side.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chdb import ChdbError
from chdb.session import Session

from counterfoil.clickhouse.errors import ClickHouseError
from counterfoil.clickhouse.statements import Insert, named_format


@dataclass(frozen=True, slots=True)
class Statement:
    """What a client asks: a query, or an INSERT together with its data."""

    query: str
    insert: Insert | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    database: str = "default"
    default_format: str = "TabSeparated"
    readonly: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the engine answers."""

    body: bytes
    format: str
    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    elapsed_seconds: float = 0.0

    @property
    def summary(self) -> str:
        """Render the X-ClickHouse-Summary header: every figure a text, as a server does."""
        figures = {
            "read_rows": self.read_rows,
            "read_bytes": self.read_bytes,
            "written_rows": self.written_rows,
            "written_bytes": self.written_bytes,
            "elapsed_ns": int(self.elapsed_seconds * 1e9),
        }
        return json.dumps({name: str(figure) for name, figure in figures.items()})


class Engine:
    """Owns the path: it stays open as long as this does, and no other process can have it."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._keeps_open = connect(self._path)

    def close(self) -> None:
        self._keeps_open.close()

    def run(self, statement: Statement) -> Outcome:
        """Run it on a connection of its own; blocks, so call it in a thread."""
        session = connect(self._path)
        try:
            prepare(session, statement)
            if statement.insert is not None:
                return insert(session, statement.insert)
            return query(session, statement)
        except (ChdbError, RuntimeError) as error:
            raise ClickHouseError.of(error) from None
        finally:
            session.close()


def connect(path: str) -> Any:  # chDB has no types
    factory: Any = Session
    return factory(path)


def prepare(session: Any, statement: Statement) -> None:
    session.query(f"USE {identifier(statement.database)}")
    settings = dict(statement.settings)
    readonly = max(statement.readonly, int(settings.pop("readonly", "0") or 0))
    changes = [f"{identifier(name)} = {literal(value)}" for name, value in settings.items()]
    if changes:
        session.query(f"SET {', '.join(changes)}")
    if readonly:  # last: from here on nothing can be set
        session.query(f"SET readonly = {readonly}")


def insert(session: Any, insert: Insert) -> Outcome:
    with session.send_insert(insert.statement.decode(), insert.format) as stream:
        if insert.data:
            stream.append(insert.data)
        result = stream.finish()
    return Outcome(
        b"",
        "TabSeparated",
        written_rows=result.rows_written,
        written_bytes=result.bytes_written,
        elapsed_seconds=result.elapsed,
    )


def query(session: Any, statement: Statement) -> Outcome:
    result = session.query(
        statement.query, statement.default_format, params=dict(statement.parameters)
    )
    return Outcome(
        result.bytes(),
        named_format(statement.query) or statement.default_format,
        read_rows=result.storage_rows_read(),
        read_bytes=result.storage_bytes_read(),
        elapsed_seconds=result.elapsed(),
    )


def identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
