"""Writes to several tables at once: few rows by one statement, many by a COPY for each table.

A COPY takes two round trips, which a lone request waits for; parameters cost more for each row,
which a batch pays for.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from servicekit.postgres.parameters import in_a_row
from servicekit.postgres.pool import Connection

FEW: Final = 60  # rows, of all tables together


class Table(NamedTuple):
    """Where rows go, and its columns in the order in which rows have them."""

    name: str
    columns: tuple[str, ...]


class Rows(NamedTuple):
    """Rows for a table."""

    table: Table
    rows: Sequence[Sequence[Any]]


class Statement(NamedTuple):
    """A statement whose result nobody reads, and what its parameters `$1`… are."""

    sql: str
    arguments: Sequence[Any]


NOTHING: Final = Statement("SELECT", ())


async def write(
    conn: Connection,
    count: int,
    additions: Sequence[Callable[[], Rows]],
    statements: Sequence[Statement] = (),
) -> None:
    """Execute statements and add rows, `count` of them in all; none may hang on another's effect.

    Few or many, they are executed in the order in which they stand, statements first: so whoever
    writes the same things takes their locks in one order. Of many rows each table's are made while
    Postgres still takes those of the table before.
    """
    if count <= FEW:
        await write_few(conn, additions, statements)
    else:
        await write_few(conn, (), statements)
        await _copy(conn, additions)


async def write_few(
    conn: Connection,
    additions: Sequence[Callable[[], Rows]],
    statements: Sequence[Statement],
    condition: Statement = NOTHING,
) -> None:
    """Do the same by one statement, which is a transaction where none was begun.

    `condition` is a SELECT that comes first, and undoes all of it by raising an error.
    """
    together = [*statements, *[_insertion(rows) for make in additions if (rows := make()).rows]]
    if together:
        # PostgreSQL runs the last one first, of which all others are parts, and those from the end.
        together = [*together[::-1], condition]
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
                conn.copy_records_to_table(table.name, columns=table.columns, records=iter(sending))
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
    table, rows = addition
    return Statement(_insert(table, len(rows)), [value for row in rows for value in row])


@lru_cache
def _insert(table: Table, count: int) -> str:
    """Return the statement that inserts so many rows; one for each number of them is prepared."""
    numbers, names = itertools.count(1), ", ".join(table.columns)
    rows = ", ".join(
        f"({', '.join(f'${next(numbers)}' for _ in table.columns)})" for _ in range(count)
    )
    return f"INSERT INTO {table.name} ({names}) VALUES {rows}"  # noqa: S608 - names of the program


@lru_cache
def _joined(statements: tuple[str, ...]) -> str:
    """Return one statement that does what all of them do, with their parameters in a row."""
    *others, last = in_a_row(statements)
    return f"WITH {', '.join(f'part_{i} AS ({sql})' for i, sql in enumerate(others))} {last}"
