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


async def write(conn: Connection, responses: Mapping[bytes, Response]) -> None:
    """Keep responses. Raises UniqueViolationError where a rival answered the same key."""
    await conn.copy_records_to_table(
        "requests",
        records=[
            (key, response.fingerprint, response.status, response.body)
            for key, response in sorted(responses.items())  # or two batches deadlock in the index
        ],
        columns=["key", "fingerprint", "status", "body"],
    )
