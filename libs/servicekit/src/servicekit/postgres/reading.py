"""Reads of several tables at once: few rows by one statement, for a lone request waits for each.

Many come by a statement for each table: in one they are arrays of records, whose every value says
what it is.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from servicekit.postgres.parameters import in_a_row
from servicekit.postgres.pool import Connection

FEW: Final = 400  # rows, of all questions together

Row: TypeAlias = Any  # a tuple of its values, or a record


class Question(NamedTuple):
    """A SELECT, what its parameters `$1`… are, and how many rows it may find."""

    sql: str
    arguments: Sequence[Any]
    most: int


async def ask(conn: Connection, *questions: Question) -> list[Sequence[Row]]:
    """Return the rows that each of them finds; who may find none is not asked.

    Of few rows all are of one moment, of many each question's later than those of the one before.
    """
    asked = [each for each in questions if each.most]
    if len(asked) > 1 and sum([each.most for each in asked]) <= FEW:
        arguments = [value for each in asked for value in each.arguments]
        [row] = await conn.fetch(_together(*[each.sql for each in asked]), *arguments)
        answers = iter(row)
    else:
        answers = iter([await conn.fetch(each.sql, *each.arguments) for each in asked])
    return [next(answers) if each.most else () for each in questions]


@lru_cache
def _together(*questions: str) -> str:
    """Return one statement that finds what all of them do: for each an array of its rows."""
    arrays = [f"ARRAY(SELECT found FROM ({sql}) AS found)" for sql in in_a_row(questions)]  # noqa: S608 - statements of the program
    return f"SELECT {', '.join(arrays)}"
