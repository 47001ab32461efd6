"""Where a list by time goes on: behind the moment and the id of the last that was shown.

It holds although that last one is gone by now.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, Query

from servicekit.http.errors import invalid_query

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SHAPE: Final = re.compile(r"([0-9]{1,17})\.([0-9A-Za-z_]{1,100})")

Position = tuple[datetime, str]


def cursor_of(at: datetime, thing: str) -> str:
    """Write a position for an answer's `more_cursor`."""
    return f"{(at - EPOCH) // timedelta(microseconds=1)}.{thing}"


def _position(cursor: Annotated[str | None, Query(max_length=200)] = None) -> Position | None:
    if cursor is None:
        return None
    read = SHAPE.fullmatch(cursor)
    if read is None:
        raise invalid_query(
            "send `more_cursor` as an answer gave it",
            "Query parameter cursor: is none that an answer gave",
        )
    return EPOCH + timedelta(microseconds=int(read[1])), read[2]


Cursor = Annotated[Position | None, Depends(_position)]
