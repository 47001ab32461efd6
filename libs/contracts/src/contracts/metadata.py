"""What shops and clients say about a thing in words of their own, and how much of it."""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, Final

from pydantic import TypeAdapter

MOST_LEVELS = 100
MOST_METADATA_BYTES = 10_000  # as JSON: each code of a request comes back with all of its own
MOST_PROPERTIES = 100  # of a customer, for they are kept
MOST_METADATA_TOGETHER = 50_000  # of a request, its customer, its order and all its lines
SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**64 - 1

_to_json: Final = TypeAdapter(Any).dump_json
# Without a NUL or so many digits, nothing in it is refused: most has neither.
_SUSPECT: Final = re.compile(rb"\\u0000|[0-9]{19}")


def check_metadata(metadata: Mapping[str, object]) -> int:
    """Return how many bytes it takes as JSON.

    Raises ValueError for too much, and for what no database keeps: NUL, integers of more than 64
    bits, and depth. Let through, one such request would stop every worker that reads it.
    """
    try:
        written = _to_json(metadata)
    except ValueError as error:
        deep = f"metadata is nested more than {MOST_LEVELS} levels deep, or is no JSON"
        raise ValueError(deep) from error
    length = len(written)
    if length > MOST_METADATA_BYTES:  # before a look at each part, which takes its time
        most = f"of which {MOST_METADATA_BYTES:,} are allowed"
        raise ValueError(f"metadata takes {length:,} bytes as JSON, {most}")
    if _SUSPECT.search(written) or written.count(b"{") + written.count(b"[") > MOST_LEVELS:
        _check_part(metadata, MOST_LEVELS)
    return length


def check_together(parts: Iterable[Mapping[str, object]]) -> None:
    """Raise ValueError for what one of these may not hold, or for too much in all of them."""
    length = sum([check_metadata(part) for part in parts])
    if length > MOST_METADATA_TOGETHER:
        most = f"of which {MOST_METADATA_TOGETHER:,} are allowed"
        raise ValueError(f"all metadata together take {length:,} bytes as JSON, {most}")


def _check_part(value: object, levels: int) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("metadata holds a NUL character")
    elif isinstance(value, int):
        if not SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
            raise ValueError("metadata holds an integer of more than 64 bits")
    elif isinstance(value, Mapping | list):
        if levels == 0:
            raise ValueError(f"metadata is nested more than {MOST_LEVELS} levels deep")
        for part in chain(value, value.values()) if isinstance(value, Mapping) else value:
            _check_part(part, levels - 1)
