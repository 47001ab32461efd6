"""Requests and the responses that they got: given again, byte for byte."""

from collections.abc import Collection, Mapping

from redemption.model import Response
from servicekit.postgres.pool import Connection


async def responses_to(conn: Connection, keys: Collection[bytes]) -> dict[bytes, Response]:
    """Return the responses that were given before."""
    rows = await conn.fetch(
        "SELECT key, fingerprint, status, body FROM requests WHERE key = ANY ($1::bytea[])",
        list(keys),
    )
    return {
        r["key"]: Response(r["fingerprint"], r["status"], r["body"], replayed=True) for r in rows
    }


async def response_of(conn: Connection, project_id: str, key: bytes) -> bytes | None:
    """Return the body that this request of the project got."""
    body: bytes | None = await conn.fetchval(
        "SELECT body FROM requests WHERE key = $2 AND project_id = $1", project_id, key
    )
    return body


async def write(conn: Connection, responses: Mapping[bytes, tuple[str, Response]]) -> None:
    """Keep responses with their projects. A rival's answer raises UniqueViolationError."""
    await conn.copy_records_to_table(
        "requests",
        records=[
            (key, project_id, response.fingerprint, response.status, response.body)
            for key, (project_id, response) in sorted(responses.items())  # or batches deadlock
        ],
        columns=["key", "project_id", "fingerprint", "status", "body"],
    )
