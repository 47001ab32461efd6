"""A name that an object of a JSON document gives twice: which of the two was meant nobody can tell.

Readers differ, ours take the last one: a limit would be there for one reader and not for another.
"""

import json
from collections import Counter
from typing import Any, Final

import orjson

LONGEST_NAMED: Final = 100
QUOTE: Final = b'"'
BACKSLASH: Final = b"\\"


class RepeatedNameError(ValueError):
    """A document gives `name` twice in one object."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name[:LONGEST_NAMED]}: is given more than once")


def refuse_repeated_names(document: bytes) -> None:
    """Raise RepeatedNameError for a name that is given twice in one object, at any depth.

    Raises another ValueError, or RecursionError, for what is no JSON or nested too deep to tell.
    """
    if BACKSLASH in document or not _is_whole(document):
        # Numbers are left as they stand: Python refuses to read the longest.
        json.loads(document, object_pairs_hook=_each_once, parse_int=str, parse_float=str)


def _is_whole(document: bytes) -> bool:
    """Tell whether all its names and texts are still there once it was read: a third of the time.

    Reading drops all but the last of equal names, and without escapes each name and text has two
    quotes.
    """
    try:
        return orjson.dumps(orjson.loads(document)).count(QUOTE) == document.count(QUOTE)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # deeper than it writes
        return False


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise RepeatedNameError(name)
