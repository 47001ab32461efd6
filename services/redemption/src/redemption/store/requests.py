"""Requests and the responses that they got, as bytes where somebody waited for one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from redemption.ledger.entries import Entry
from redemption.outcomes import Decision, Response
from redemption.returns import Part, Returned
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Rows, Table

TABLE: Final = Table(
    "requests",
    ("key", "project_id", "fingerprint", "status", "body", "entries"),
)


async def responses_to(conn: Connection, keys: Collection[bytes]) -> dict[bytes, Response]:
    """Return the responses that were given before; without a body where none was kept."""
    rows = await conn.fetch(
        """
        SELECT key, fingerprint, status, coalesce(body, '') AS body
        FROM requests WHERE key = ANY ($1::bytea[])
        """,
        list(keys),
    )
    return {
        key: Response(fingerprint, status, body, replayed=True)
        for key, fingerprint, status, body in rows
    }


async def response_to(conn: Connection, project_id: str, key: bytes) -> Response | None:
    """Return the response that this request of the project got, as above."""
    row = await conn.fetchrow(
        """
        SELECT fingerprint, status, coalesce(body, '') AS body
        FROM requests WHERE key = $2 AND project_id = $1
        """,
        project_id,
        key,
    )
    if row is None:
        return None
    return Response(row["fingerprint"], row["status"], row["body"], replayed=True)


async def answered(conn: Connection, keys: Collection[bytes]) -> set[bytes]:
    """Return which of these requests were answered before."""
    rows = await conn.fetch(
        "SELECT key FROM requests WHERE key = ANY ($1::bytea[])",
        list(keys),
    )
    return {row["key"] for row in rows}


def rows(
    decisions: Mapping[bytes, Decision | Returned],
    responses: Mapping[bytes, Response],
    entries: Mapping[bytes, Sequence[Entry | Part]],
) -> Rows:
    """Keep responses to what was decided. A rival's answer raises UniqueViolationError."""
    return Rows(
        TABLE,
        [
            (
                key,
                decisions[key].request.project_id,
                fingerprint,
                status,
                body or None,
                b"".join([entry.id.bytes for entry in entries[key]]),
            )
            for key, (fingerprint, status, body, *_) in sorted(responses.items())  # or a deadlock
        ],
    )
