"""Statements as parts of one: their parameters `$1`… in a row."""

import re
from collections.abc import Iterable
from typing import Final

_PARAMETER: Final = re.compile(r"\$(\d+)")


def in_a_row(statements: Iterable[str]) -> list[str]:
    """Return statements whose parameters go on where those of the one before have ended."""
    parts, by = [], 0
    for sql in statements:
        parts.append(_shifted(sql, by))
        by += max((int(number) for number in _PARAMETER.findall(sql)), default=0)
    return parts


def _shifted(sql: str, by: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + by}", sql)
