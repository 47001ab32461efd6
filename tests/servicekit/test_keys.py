"""Keys: found ones are remembered for a moment, missing ones never."""

import hashlib
from typing import Any

import pytest
from starlette.requests import Request

from servicekit.http import keys
from servicekit.http.errors import ApiError
from servicekit.http.keys import Caller, KeyCache, KnownKey

SCOPE = "redemptions"


class Store:
    def __init__(self) -> None:
        self.keys: dict[str, KnownKey[Caller]] = {}
        self.asked: list[str] = []

    def add(self, key_id: str, secret: str, *scopes: str) -> None:
        digest = hashlib.sha256(secret.encode()).digest()
        self.keys[key_id] = KnownKey(digest, Caller(key_id, "proj_a", frozenset(scopes)))

    async def look_up(self, key_id: str) -> KnownKey[Caller] | None:
        self.asked.append(key_id)
        return self.keys.get(key_id)


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


async def test_who_proves_a_key_is_its_caller_and_is_looked_up_once(store: Store) -> None:
    cache = KeyCache(store.look_up)
    callers = {await cache.caller(a_request("key_a", "secret"), SCOPE) for _ in range(3)}
    assert callers == {Caller("key_a", "proj_a", frozenset({SCOPE}))}
    assert store.asked == ["key_a"]


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
        pytest.param("reader", "secret", 403, id="without-the-scope"),
    ],
)
async def test_who_cannot_is_told_nothing(
    store: Store, key_id: str | None, secret: str | None, code: int
) -> None:
    with pytest.raises(ApiError) as refused:
        await KeyCache(store.look_up).caller(a_request(key_id, secret), SCOPE)
    assert refused.value.status_code == code


@pytest.mark.parametrize("key_id", ["key\0a", "k" * 101, "sch\xfcssel"])
async def test_what_is_no_id_never_reaches_the_store(store: Store, key_id: str) -> None:
    with pytest.raises(ApiError):
        await KeyCache(store.look_up).caller(a_request(key_id, "secret"), SCOPE)
    assert store.asked == []


async def test_a_key_that_was_missing_works_as_soon_as_it_is_there(store: Store) -> None:
    cache = KeyCache(store.look_up)
    with pytest.raises(ApiError):
        await cache.caller(a_request("new", "secret"), SCOPE)
    store.add("new", "secret", SCOPE)
    assert (await cache.caller(a_request("new", "secret"), SCOPE)).key_id == "new"


async def test_a_revoked_key_is_refused_when_it_is_forgotten(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = KeyCache(store.look_up)
    await cache.caller(a_request("key_a", "secret"), SCOPE)
    del store.keys["key_a"]
    await cache.caller(a_request("key_a", "secret"), SCOPE)

    monkeypatch.setattr(keys, "REVOKED_WITHIN_SECONDS", 0.0)

    with pytest.raises(ApiError):
        await cache.caller(a_request("key_a", "secret"), SCOPE)
