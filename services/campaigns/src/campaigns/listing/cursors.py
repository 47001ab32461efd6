"""Where a list goes on: the sort key of the last row shown, as text that says nothing to clients.

A row keeps its place by its key, whatever comes and goes before it: so nothing is shown twice, and
nothing skipped. A cursor fits the list that it came from alone.
"""

import base64
import hashlib
from datetime import datetime
from typing import Any, Final

import orjson

from campaigns.listing.filters import Query
from campaigns.refusals import InvalidQueryError

LONGEST: Final = 2_000
Key = tuple[Any, ...]


def encode(query: Query, key: Key) -> str:
    written = [_stamp(query), [_written(part) for part in key]]
    return base64.urlsafe_b64encode(orjson.dumps(written)).decode().rstrip("=")


def decode(query: Query, length: int) -> Key | None:
    """Return the key after which this page begins, or None for the first page."""
    if query.cursor is None:
        return None
    try:
        padded = query.cursor + "=" * (-len(query.cursor) % 4)
        stamp, key = orjson.loads(base64.urlsafe_b64decode(padded[:LONGEST]))
        read = tuple(_read(part) for part in key)
    except (ValueError, TypeError, KeyError):
        raise InvalidQueryError("cursor", "is none of ours") from None
    if not isinstance(stamp, str) or len(read) != length:
        raise InvalidQueryError("cursor", "is none of ours")
    if stamp != _stamp(query):
        raise InvalidQueryError("cursor", "is of another list: filters and order stay the same")
    return read


def _stamp(query: Query) -> str:
    asked = repr((query.filters, query.order)).encode()
    return hashlib.blake2b(asked, digest_size=6).hexdigest()


def _written(part: Any) -> Any:
    if isinstance(part, datetime):
        return {"at": part.isoformat()}
    return part


def _read(part: Any) -> Any:
    if isinstance(part, dict):
        return datetime.fromisoformat(part["at"])
    if part is not None and not isinstance(part, str | int):
        raise TypeError
    return part
