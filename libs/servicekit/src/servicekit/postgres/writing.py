"""Writes to several tables at once: few rows by one statement, many by a COPY for each table.

A COPY takes two round trips, which a lone request waits for; arrays cost more for each row, which a
batch pays for.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from servicekit.postgres.pool import Connection

FEW: Final = 60  # rows, of all tables together

_PARAMETER: Final = re.compile(r"\$(\d+)")
_DOCUMENT: Final = "jsonb"


class Table(NamedTuple):
    """Where rows go: its columns, in the order in which rows have them, with their types."""

    name: str
    columns: Mapping[str, str]


class Rows(NamedTuple):
    """Rows for a table."""

    table: Table
    rows: Sequence[Sequence[Any]]


class Statement(NamedTuple):
    """A statement that returns nothing, and what its parameters `$1`… are."""

    sql: str
    arguments: Sequence[Any]


async def write(
    conn: Connection,
    count: int,
    additions: Sequence[Callable[[], Rows]],
    statements: Sequence[Statement] = (),
) -> None:
    """Add rows, `count` of them in all, and execute statements; none may hang on another's effect.

    Of many rows each table's are made while Postgres still takes those of the table before.
    """
    together = list(statements)
    if count <= FEW:
        together += [_insertion(rows) for make in additions if (rows := make()).rows]
    else:
        await _copy(conn, additions)
    if together:
        sql = _joined(tuple([statement.sql for statement in together]))
        await conn.execute(sql, *[value for each in together for value in each.arguments])


async def _copy(conn: Connection, additions: Sequence[Callable[[], Rows]]) -> None:
    copying: asyncio.Task[str] | None = None
    try:
        for make in additions:
            table, rows = make()
            if copying is not None:
                await copying
            sending = _Sending(rows)
            copying = asyncio.create_task(
                conn.copy_records_to_table(
                    table.name, columns=list(table.columns), records=iter(sending)
                )
            )
            copying.add_done_callback(sending.end)  # also when it fails
            await sending.ended.wait()
    finally:
        if copying is not None:
            await copying


class _Sending:
    """Rows on their way: once the last one was taken, what remains to be done is Postgres' work."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self._rows = rows
        self.ended = asyncio.Event()

    def __iter__(self) -> Iterator[Sequence[Any]]:
        yield from self._rows
        self.ended.set()

    def end(self, _copying: asyncio.Task[str]) -> None:
        self.ended.set()


def _insertion(addition: Rows) -> Statement:
    columns = zip(*addition.rows, strict=True)
    types = addition.table.columns.values()
    arguments = [
        [value if value is None else orjson.dumps(value).decode() for value in column]
        if kind == _DOCUMENT  # asyncpg would take a list in an array for another dimension
        else column
        for column, kind in zip(columns, types, strict=True)
    ]
    return Statement(_insert(addition.table.name, tuple(addition.table.columns.items())), arguments)


@lru_cache
def _insert(table: str, columns: tuple[tuple[str, str], ...]) -> str:
    """Return the statement that inserts one array per column."""
    names = ", ".join(name for name, _ in columns)
    values = ", ".join(f"{name}::{kind}" for name, kind in columns)
    arrays = ", ".join(
        f"${number}::{'text' if kind == _DOCUMENT else kind}[]"
        for number, (_, kind) in enumerate(columns, 1)
    )
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} "  # noqa: S608 - names are the program's
        f"FROM unnest({arrays}) AS added ({names})"
    )


@lru_cache
def _joined(statements: tuple[str, ...]) -> str:
    """Return one statement that does what all of them do, with their parameters in a row."""
    parts, by = [], 0
    for index, sql in enumerate(statements):
        parts.append(f"part_{index} AS ({_shifted(sql, by)})")
        by += max(int(number) for number in _PARAMETER.findall(sql))
    return f"WITH {', '.join(parts)} SELECT"


def _shifted(sql: str, by: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + by}", sql)
