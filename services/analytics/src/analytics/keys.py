"""Whose key it is: what campaigns published of a project's keys."""

from typing import NamedTuple

from analytics.store import ClickHouse
from servicekit.http.keys import KnownKey

STAMP = "SELECT count() AS projects, sum(version) AS versions FROM projects FINAL"
KEYS = """
    SELECT project_id, time_zone, id, digest, scopes
    FROM projects FINAL
    ARRAY JOIN key_ids AS id, key_digests AS digest, key_scopes AS scopes
"""


class Caller(NamedTuple):
    """A project, by a key that was proven."""

    project_id: str
    time_zone: str
    scopes: frozenset[str]


async def key_stamp(clickhouse: ClickHouse) -> object:
    """Return what is another one after every change of a project, its keys among them."""
    client = await clickhouse.client()
    return (await client.query(STAMP)).first_row


async def load_keys(clickhouse: ClickHouse) -> dict[str, KnownKey[Caller]]:
    """Return all keys in force; a revoked one is absent from the newest snapshot."""
    client = await clickhouse.client()
    return {
        row["id"]: KnownKey(
            bytes.fromhex(row["digest"]),
            Caller(row["project_id"], row["time_zone"], frozenset(row["scopes"])),
        )
        for row in (await client.query(KEYS)).named_results()
    }
