"""What a request was answered: as it was kept, or, where nobody waited for it, from the ledger."""

from collections.abc import Collection, Mapping

from redemption.outcomes import Response
from redemption.render import history
from redemption.store import ledger
from redemption.store import requests as answered
from servicekit.postgres.pool import Connection


async def recall(conn: Connection, project_id: str, key: bytes) -> Response | None:
    """Return the response that this request of the project got, with its body."""
    response = await answered.response_to(conn, project_id, key)
    return None if response is None else (await with_bodies(conn, {key: response}, [key]))[key]


async def with_bodies(
    conn: Connection, responses: Mapping[bytes, Response], wanted: Collection[bytes]
) -> dict[bytes, Response]:
    """Return these responses, by the keys of their requests; those wanted have a body."""
    bare = [key for key, response in responses.items() if not response.body and key in wanted]
    if not bare:
        return dict(responses)
    entries = await ledger.entries_of(conn, bare)
    return {
        **responses,
        **{k: responses[k]._replace(body=history.response_body(entries[k])) for k in bare},
    }
