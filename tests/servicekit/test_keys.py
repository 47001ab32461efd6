"""Keys: all are in memory for a moment; whom it does not prove is refused by a newer one."""

import asyncio
import hashlib
from typing import Any

import pytest
from starlette.requests import Request

from servicekit.http import keys
from servicekit.http.errors import ApiError
from servicekit.http.keys import Caller, KeyTable, KnownKey

SCOPE = "redemptions"


class Store:
    """Counts what it is asked: the cheap question, and for all keys."""

    def __init__(self) -> None:
        self.keys: dict[str, KnownKey[Caller]] = {}
        self.asked: list[str] = []

    def add(self, key_id: str, secret: str, *scopes: str) -> None:
        digest = hashlib.sha256(secret.encode()).digest()
        self.keys[key_id] = KnownKey(digest, Caller(key_id, "proj_a", frozenset(scopes)))

    def table(self) -> KeyTable[Caller]:
        return KeyTable(self.stamp, self.load)

    async def stamp(self) -> object:
        self.asked.append("stamp")
        return tuple(self.keys)

    async def load(self) -> dict[str, KnownKey[Caller]]:
        self.asked.append("load")
        return dict(self.keys)


def a_request(key_id: str | None, secret: str | None) -> Request:
    given: dict[str, Any] = {"x-app-id": key_id, "x-app-token": secret}
    headers = [(n.encode(), v.encode("latin-1")) for n, v in given.items() if v is not None]
    return Request({"type": "http", "headers": headers})


@pytest.fixture
def store() -> Store:
    store = Store()
    store.add("key_a", "secret", SCOPE)
    store.add("reader", "secret", "reports")
    return store


async def refused(table: KeyTable[Caller], key_id: str | None, secret: str | None) -> int:
    with pytest.raises(ApiError) as refusal:
        await table.caller(a_request(key_id, secret), scope=SCOPE)
    return refusal.value.status_code


async def test_who_proves_a_key_is_its_caller_and_the_keys_are_read_once(store: Store) -> None:
    admit = store.table().admits(SCOPE)
    callers = {await admit(a_request("key_a", "secret")) for _ in range(3)}
    assert callers == {Caller("key_a", "proj_a", frozenset({SCOPE}))}
    assert store.asked == ["stamp", "load"]


@pytest.mark.parametrize(
    ("key_id", "secret", "code"),
    [
        pytest.param(None, None, 401, id="nothing"),
        pytest.param("", "", 401, id="empty"),
        pytest.param("key_a", None, 401, id="no-secret"),
        pytest.param("key_a", "guessed", 401, id="wrong-secret"),
        pytest.param("key_a", "\xff", 401, id="no-text"),
        pytest.param("unknown", "secret", 401, id="unknown"),
        pytest.param("unknown", "", 401, id="unknown-with-the-digest-of-nothing"),
        pytest.param("sch\xfcssel", "secret", 401, id="no-id"),
        pytest.param("reader", "secret", 403, id="without-the-scope"),
    ],
)
async def test_who_cannot_is_told_nothing(
    store: Store, key_id: str | None, secret: str | None, code: int
) -> None:
    assert await refused(store.table(), key_id, secret) == code


async def test_made_up_keys_cost_no_question_each(store: Store) -> None:
    table = store.table()
    await table.caller(a_request("key_a", "secret"), scope=SCOPE)
    store.asked.clear()

    codes = await asyncio.gather(*(refused(table, f"made-up-{n}", "secret") for n in range(1000)))

    assert set(codes) == {401}
    assert store.asked in (["stamp"], ["stamp"] * 2)


async def test_an_unknown_id_and_a_wrong_secret_wait_for_the_same_readings(store: Store) -> None:
    table = store.table()
    await table.caller(a_request("key_a", "secret"), scope=SCOPE)
    readings = []
    for key_id in ("unknown", "key_a"):
        store.asked.clear()
        await refused(table, key_id, "guessed")
        readings.append(list(store.asked))
    assert readings == [["stamp"], ["stamp"]]


async def test_a_key_that_was_missing_works_as_soon_as_it_is_there(store: Store) -> None:
    table = store.table()
    assert await refused(table, "new", "secret") == 401
    store.add("new", "secret", SCOPE)
    assert (await table.caller(a_request("new", "secret"), scope=SCOPE)).key_id == "new"


async def test_a_revoked_key_is_refused_when_it_is_forgotten(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = store.table()
    await table.caller(a_request("key_a", "secret"), scope=SCOPE)
    del store.keys["key_a"]
    await table.caller(a_request("key_a", "secret"), scope=SCOPE)

    monkeypatch.setattr(keys, "REVOKED_WITHIN_SECONDS", 0.0)

    assert await refused(table, "key_a", "secret") == 401


async def test_what_changes_while_keys_are_read_is_read_again(store: Store) -> None:
    async def load() -> dict[str, KnownKey[Caller]]:
        found = await store.load()
        store.add("new", "secret", SCOPE)
        return found

    table = KeyTable(store.stamp, load)
    assert await refused(table, "nobody", "secret") == 401
    assert (await table.caller(a_request("new", "secret"), scope=SCOPE)).key_id == "new"


async def test_an_outage_is_everybodys_who_waits_and_nobodys_afterwards(store: Store) -> None:
    is_away = True

    async def stamp() -> object:
        if is_away:
            raise ConnectionError("away")
        return await store.stamp()

    table = KeyTable(stamp, store.load)
    waiting = [table.caller(a_request("key_a", "secret"), scope=SCOPE) for _ in range(2)]
    heard = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(error) for error in heard] == [ConnectionError, ConnectionError]

    is_away = False

    assert (await table.caller(a_request("key_a", "secret"), scope=SCOPE)).key_id == "key_a"
