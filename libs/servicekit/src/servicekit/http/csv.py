"""CSV for people and spreadsheets: UTF-8 with a byte order mark, CRLF, RFC 4180.

A text that a spreadsheet would run as a formula begins with an apostrophe; numbers are left alone.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

MEDIA_TYPE: Final = "text/csv; charset=utf-8; header=present"
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


class Plain(str):
    """Text of our own making, such as an amount: a number to a spreadsheet, and no formula."""

    __slots__ = ()


def document(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write the head and the rows; None is an empty cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", errors="replace")


def cell(value: object) -> object:
    """Return what stands in the cell; true and false as JSON spells them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and not isinstance(value, Plain):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    return value
