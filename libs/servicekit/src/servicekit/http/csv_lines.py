"""Tables as CSV: RFC 4180 in UTF-8 with a mark for spreadsheets, and no cell that they would run.

A text that begins like a formula gets an apostrophe in front; numbers never do.
"""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from starlette.responses import StreamingResponse

Cell: TypeAlias = str | int | Decimal | None
Block: TypeAlias = Sequence[Sequence[Cell]]  # rows

MARK: Final = "\ufeff"
MEDIA_TYPE: Final = "text/csv; charset=utf-8"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def lines(rows: Iterable[Sequence[Cell]]) -> str:
    """Write rows, each with its line's end."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([[_cell(c) for c in row] for row in rows])
    return written.getvalue()


def csv_response(name: str, head: Sequence[str], blocks: AsyncIterator[Block]) -> StreamingResponse:
    """Answer with a table of that file name, block by block as they come."""

    async def written() -> AsyncIterator[bytes]:
        yield (MARK + lines([head])).encode()
        async for rows in blocks:
            yield lines(rows).encode(errors="replace")

    return StreamingResponse(
        written(),
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        media_type=MEDIA_TYPE,
    )


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return f"'{value}" if value.startswith(FORMULA) else value
