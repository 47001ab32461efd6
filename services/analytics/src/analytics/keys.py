"""Whose key it is: what campaigns published of a project's keys."""

from typing import NamedTuple

from analytics.store import ClickHouse
from servicekit.http.keys import KnownKey

KEY = """
    SELECT
        project_id, time_zone,
        key_digests[indexOf(key_ids, {id:String})] AS digest,
        key_scopes[indexOf(key_ids, {id:String})] AS scopes
    FROM projects FINAL
    WHERE has(key_ids, {id:String})
"""


class Caller(NamedTuple):
    """A project, by a key that was proven."""

    project_id: str
    time_zone: str
    scopes: frozenset[str]


async def find_key(clickhouse: ClickHouse, key_id: str) -> KnownKey[Caller] | None:
    """Return the key in force with this id; a revoked one is absent from the newest snapshot."""
    client = await clickhouse.client()
    for row in (await client.query(KEY, parameters={"id": key_id})).named_results():
        caller = Caller(row["project_id"], row["time_zone"], frozenset(row["scopes"]))
        return KnownKey(bytes.fromhex(row["digest"]), caller)
    return None
