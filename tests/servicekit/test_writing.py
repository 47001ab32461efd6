"""Rows into several tables on a real database, few and many: the same rows, or none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import pytest

from servicekit.postgres.pool import pool as make_pool
from servicekit.postgres.pool import pool_lifespan, transaction
from servicekit.postgres.writing import FEW, Rows, Statement, Table, write, write_few

THINGS: Final = Table("things", ("id", "name", "size", "tags"))
NOTES: Final = Table("notes", ("body",))
SCHEMA: Final = """
    CREATE TABLE things (id uuid PRIMARY KEY, name text, size bigint, tags jsonb);
    CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY, body bytea NOT NULL);
    CREATE TABLE counts (name text PRIMARY KEY, used bigint);
"""
few_and_many = pytest.mark.parametrize("count", [1, 7, FEW, 3 * FEW])


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[asyncpg.Pool]:
    schema = f"writing_{uuid4().hex[:12]}"
    async with pool_lifespan(pool := make_pool(postgres_url, "t", 3, {"search_path": schema})):
        await pool.execute(f"CREATE SCHEMA {schema}; {SCHEMA}")
        yield pool
        await pool.execute(f"DROP SCHEMA {schema} CASCADE")


def things(count: int) -> list[tuple[Any, ...]]:
    """Make rows with all that is awkward in an array: lists, documents, nothing, quotes."""
    tags: list[Any] = [[["code", "A", 1]], {"a": [1, {"b": None}]}, None, [], "text", '{"x"}']
    return [
        (UUID(int=number + 1), f'n"{number},{{}}', number or None, tags[number % len(tags)])
        for number in range(count)
    ]


def counted(name: str, used: int) -> Statement:
    return Statement(
        """
        INSERT INTO counts SELECT * FROM unnest($1::text[], $2::bigint[])
        ON CONFLICT (name) DO UPDATE SET used = excluded.used
        """,
        ([name], [used]),
    )


@few_and_many
async def test_few_rows_and_many_are_all_there_in_their_order(
    pool: asyncpg.Pool, count: int
) -> None:
    rows, notes = things(count), [(str(number).encode(),) for number in range(count)]

    async with transaction(pool) as conn:
        await write(
            conn,
            2 * count,
            [lambda: Rows(THINGS, rows), lambda: Rows(NOTES, notes)],
            [counted("a", 1), counted("b", 2)],
        )

    found = await pool.fetch("SELECT id, name, size, tags FROM things ORDER BY id")
    assert [tuple(row) for row in found] == rows
    found = await pool.fetch("SELECT body FROM notes ORDER BY id")
    assert [tuple(row) for row in found] == notes
    found = await pool.fetch("SELECT name, used FROM counts ORDER BY name")
    assert [tuple(row) for row in found] == [("a", 1), ("b", 2)]


@few_and_many
async def test_what_is_written_is_written_in_the_order_in_which_it_stands(
    pool: asyncpg.Pool, count: int
) -> None:
    def note(text: str) -> Statement:
        return Statement("INSERT INTO notes (body) VALUES ($1)", [text.encode()])

    def notes(text: str) -> Rows:
        return Rows(NOTES, [(text.encode(),)] * count)

    async with transaction(pool) as conn:
        additions = [lambda: notes("c"), lambda: notes("d")]
        await write(conn, 2 * count, additions, [note("a"), note("b")])

    found = await pool.fetch("SELECT body FROM notes ORDER BY id")
    assert b"".join([row["body"] for row in found]) == b"ab" + b"c" * count + b"d" * count


async def test_statements_alone_and_nothing_at_all(pool: asyncpg.Pool) -> None:
    async with transaction(pool) as conn:
        await write(conn, 0, [])
        await write(conn, 0, [lambda: Rows(NOTES, [])], [counted("a", 1)])
        await write(conn, 0, [], [counted("a", 2)])

    assert await pool.fetchval("SELECT used FROM counts") == 2


@few_and_many
async def test_a_row_that_is_there_already_fails_as_what_it_is(
    pool: asyncpg.Pool, count: int
) -> None:
    rows = things(count)
    await pool.execute("INSERT INTO things (id) VALUES ($1)", rows[-1][0])

    with pytest.raises(asyncpg.UniqueViolationError):
        async with transaction(pool) as conn:
            await write(
                conn, 2 * count, [lambda: Rows(NOTES, [(b"",)]), lambda: Rows(THINGS, rows)]
            )

    assert await pool.fetchval("SELECT count(*) FROM things") == 1
    assert await pool.fetchval("SELECT count(*) FROM notes") == 0


@few_and_many
async def test_rows_that_cannot_be_made_leave_the_connection_usable(
    pool: asyncpg.Pool, count: int
) -> None:
    def broken() -> Rows:
        raise LookupError("a bug")

    async with pool.acquire() as conn:
        with pytest.raises(LookupError):
            async with conn.transaction():
                await write(conn, 2 * count, [lambda: Rows(THINGS, things(count)), broken])

        assert await conn.fetchval("SELECT count(*) FROM things") == 0


@few_and_many
async def test_a_value_that_does_not_fit_is_the_fault_of_the_data(
    pool: asyncpg.Pool, count: int
) -> None:
    rows = [*things(count)[:-1], (UUID(int=count), "a NUL \0", 1, None)]

    with pytest.raises(asyncpg.DataError):
        async with transaction(pool) as conn:
            await write(conn, count, [lambda: Rows(THINGS, rows)])


async def test_who_is_cancelled_while_rows_are_copied_leaves_nothing(pool: asyncpg.Pool) -> None:
    async def writing(began: Callable[[], None]) -> None:
        async with transaction(pool) as conn:
            await conn.execute("LOCK TABLE notes")
            began()
            await write(conn, 9 * FEW, [lambda: Rows(THINGS, things(9 * FEW))])
            await asyncio.sleep(60)

    begun = asyncio.Event()
    task = asyncio.create_task(writing(begun.set))
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert await pool.fetchval("SELECT count(*) FROM things") == 0


async def test_later_rows_are_made_while_postgres_still_takes_the_first(
    pool: asyncpg.Pool,
) -> None:
    """A rival holds the second row's key: its COPY waits, and the next rows are made meanwhile."""
    made = asyncio.Event()
    rows = things(2 * FEW)

    def notes() -> Rows:
        made.set()
        return Rows(NOTES, [(b"",)])

    async def writing() -> None:
        async with transaction(pool) as conn:
            await write(conn, 2 * FEW + 1, [lambda: Rows(THINGS, rows), notes])

    async with pool.acquire() as rival:
        transaction_of_rival = rival.transaction()
        await transaction_of_rival.start()
        await rival.execute("INSERT INTO things (id) VALUES ($1)", rows[1][0])
        task = asyncio.create_task(writing())
        async with asyncio.timeout(10):
            await made.wait()
        assert not task.done()
        await transaction_of_rival.rollback()
    await task

    assert await pool.fetchval("SELECT count(*) FROM things") == 2 * FEW


async def test_a_condition_comes_first_and_undoes_everything_by_an_error(
    pool: asyncpg.Pool,
) -> None:
    rows = things(3)
    written = [lambda: Rows(THINGS, rows[:1]), lambda: Rows(THINGS, rows[1:])]
    none_there = Statement("SELECT 1 / ($1 - count(*)) FROM things", (1,))

    async with pool.acquire() as conn:  # in no transaction
        await write_few(conn, written, [counted("a", 1)], none_there)
        with pytest.raises(asyncpg.DivisionByZeroError):
            await write_few(
                conn,
                [lambda: Rows(NOTES, [(b"",)])],
                [counted("a", 2)],
                none_there._replace(arguments=(3,)),
            )

    assert await pool.fetchval("SELECT count(*) FROM things") == 3
    assert await pool.fetchval("SELECT count(*) FROM notes") == 0
    assert await pool.fetchval("SELECT used FROM counts") == 1
