"""Who may ask: a key's id and secret against the digests that campaigns published."""

import hmac
import time
from dataclasses import dataclass
from hashlib import sha256

from clickhouse_connect.driver.asyncclient import AsyncClient

# How long a revoked key may still be answered, beyond the way of its snapshot to here.
REMEMBERED_SECONDS = 2.0
REMEMBERED_KEYS = 1000

KEY = """
    SELECT
        project_id, currency, time_zone,
        key_digests[indexOf(key_ids, {id:String})] AS digest,
        key_scopes[indexOf(key_ids, {id:String})] AS scopes
    FROM projects FINAL
    WHERE has(key_ids, {id:String})
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """A project, by a key that it proved to have."""

    project_id: str
    currency: str
    time_zone: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Key:
    """A key in force: who has its secret is the caller."""

    caller: Caller
    digest: str


class Keyring:
    """Looks keys up by their id, and remembers the answer for a moment."""

    def __init__(self) -> None:
        self._remembered: dict[str, tuple[float, list[Key]]] = {}

    async def caller(self, client: AsyncClient, key_id: str, secret: str) -> Caller | None:
        """Return whose key this is, or None where id and secret do not belong together."""
        digest = sha256(secret.encode(errors="replace")).hexdigest()
        for key in await self._keys(client, key_id):
            if hmac.compare_digest(key.digest.lower().encode(), digest.encode()):
                return key.caller
        return None

    async def _keys(self, client: AsyncClient, key_id: str) -> list[Key]:
        known = self._remembered.get(key_id)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        found = (await client.query(KEY, parameters={"id": key_id})).named_results()
        keys = [
            Key(
                Caller(
                    row["project_id"], row["currency"], row["time_zone"], frozenset(row["scopes"])
                ),
                row["digest"],
            )
            for row in found
        ]
        if len(self._remembered) >= REMEMBERED_KEYS:  # a guesser's made-up ids
            self._remembered.clear()
        self._remembered[key_id] = (time.monotonic() + REMEMBERED_SECONDS, keys)
        return keys
