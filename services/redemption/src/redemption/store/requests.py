"""Requests and the responses that they got: given again, byte for byte."""

from collections.abc import Collection, Mapping
from typing import Final

from redemption.model import Decision, Response
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Rows, Table

TABLE: Final = Table(
    "requests",
    ("key", "project_id", "fingerprint", "status", "body"),
)


async def responses_to(conn: Connection, keys: Collection[bytes]) -> dict[bytes, Response]:
    """Return the responses that were given before."""
    rows = await conn.fetch(
        "SELECT key, fingerprint, status, body FROM requests WHERE key = ANY ($1::bytea[])",
        list(keys),
    )
    return {
        r["key"]: Response(r["fingerprint"], r["status"], r["body"], replayed=True) for r in rows
    }


async def answered(conn: Connection, keys: Collection[bytes]) -> set[bytes]:
    """Return which of these requests were answered before."""
    rows = await conn.fetch(
        "SELECT key FROM requests WHERE key = ANY ($1::bytea[])",
        list(keys),
    )
    return {row["key"] for row in rows}


async def response_of(conn: Connection, project_id: str, key: bytes) -> bytes | None:
    """Return the body that this request of the project got."""
    body: bytes | None = await conn.fetchval(
        "SELECT body FROM requests WHERE key = $2 AND project_id = $1", project_id, key
    )
    return body


def rows(decisions: Mapping[bytes, Decision], responses: Mapping[bytes, Response]) -> Rows:
    """Keep responses to what was decided. A rival's answer raises UniqueViolationError."""
    return Rows(
        TABLE,
        [
            (key, decisions[key].request.project_id, fingerprint, status, body)
            for key, (fingerprint, status, body, *_) in sorted(responses.items())  # or a deadlock
        ],
    )
