"""Several tables are read at once, and what is found is the same however many rows there are."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest

from servicekit.postgres import reading
from servicekit.postgres.pool import pool
from servicekit.postgres.reading import Question, ask

LETTERS = "SELECT letter, NULL, '{}'::jsonb FROM unnest($1::text[]) AS asked (letter)"
NUMBERS = "SELECT n, n * $2 FROM unnest($1::bigint[]) AS asked (n) ORDER BY n"


@pytest.fixture
async def conn(postgres_url: str) -> AsyncIterator[Any]:
    async with pool(postgres_url, "tests", 1, {}) as own, own.acquire() as conn:
        yield conn


def letters(*asked: str) -> Question:
    return Question(LETTERS, [list(asked)], len(asked))


def numbers(*asked: int) -> Question:
    return Question(NUMBERS, [list(asked), 10], len(asked))


async def asking(conn: asyncpg.Connection, *questions: Question) -> tuple[list[Any], int]:
    """Return what was found, and how many statements that took."""
    heard: list[str] = []
    with conn.query_logger(lambda record: heard.append(record.query)):
        found = await ask(conn, *questions)
        await asyncio.sleep(0)  # it is told soon
    return [[tuple(row) for row in rows] for rows in found], len(heard)


@pytest.mark.parametrize("few", [400, 0], ids=["few", "many"])
@pytest.mark.parametrize(
    ("questions", "found"),
    [
        (
            [letters("a", "b"), numbers(2, 1)],
            [[("a", None, {}), ("b", None, {})], [(1, 10), (2, 20)]],
        ),
        ([letters(), numbers(1), letters()], [[], [(1, 10)], []]),
        ([letters(), numbers()], [[], []]),
    ],
    ids=["all", "one", "none"],
)
async def test_each_question_has_its_rows(
    conn: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    questions: Sequence[Question],
    found: list[Any],
    few: int,
) -> None:
    monkeypatch.setattr(reading, "FEW", few)

    assert (await asking(conn, *questions))[0] == found


async def test_few_rows_are_read_by_one_statement_and_many_by_one_for_each_table(
    conn: asyncpg.Connection,
) -> None:
    await ask(conn, letters("a"), numbers(1))  # the client asks once what a record is
    _, for_few = await asking(conn, letters("a"), numbers(1))
    _, for_many = await asking(conn, letters("a"), numbers(*range(reading.FEW)))
    _, for_none = await asking(conn, letters(), numbers())

    assert (for_few, for_many, for_none) == (1, 2, 0)
