"""Traces that requests belong to: passed on as they came, to outcomes and answers. Pure."""

import re
from collections.abc import Iterable
from typing import Final

HEADER: Final = "traceparent"
# Of W3C's Trace Context; an id of nothing but zeros is none, nor is the version ff.
TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)


def traceparent(*said: str | None) -> str | None:
    """Return the first that is one: what is none means nothing, and restricts nothing."""
    return next((each for each in said if each and TRACEPARENT.fullmatch(each)), None)


def of_record(headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """Return what a record's headers say of it: they are the last hop's, as of HTTP."""
    for name, value in headers:
        if name == HEADER and value:
            return value.decode("ascii", "replace")
    return None
