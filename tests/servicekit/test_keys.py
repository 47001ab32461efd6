"""Keys: all are in memory for a moment; whom it does not prove is refused by a newer one."""

import asyncio
import hashlib
import time
from typing import Any

import pytest
from kit import tokens
from starlette.requests import Request

from servicekit.http import keys
from servicekit.http.errors import ApiError
from servicekit.http.keys import Caller, InForce, KeyTable, KnownKey
from servicekit.http.tokens import Claims, public_keys

SCOPE = "redemptions"


class Store:
    """Counts what it is asked: the cheap question, and for all keys."""

    def __init__(self) -> None:
        self.keys: dict[str, KnownKey[Caller]] = {}
        self.ended: set[str] = set()
        self.projects = {"proj_a"}
        self.asked: list[str] = []

    def add(self, key_id: str, secret: str, *scopes: str, expires_at: float | None = None) -> None:
        digest = hashlib.sha256(secret.encode()).digest()
        caller = Caller(key_id, "proj_a", frozenset(scopes))
        self.keys[key_id] = KnownKey(digest, caller, expires_at)

    def table(self) -> KeyTable[Caller]:
        return KeyTable(self.stamp, self.load, public_keys(tokens.PUBLIC_KEY))

    async def stamp(self) -> object:
        self.asked.append("stamp")
        return tuple(self.keys), tuple(self.ended), tuple(self.projects)

    async def load(self) -> InForce[Caller]:
        self.asked.append("load")
        return InForce(dict(self.keys), set(self.ended), self.bearer)

    def bearer(self, claims: Claims) -> Caller | None:
        if claims.project_id not in self.projects:
            return None
        return Caller(claims.user_id, claims.project_id, claims.scopes, claims.partner_id)


def a_request(
    key_id: str | None = None, secret: str | None = None, *, method: str = "POST", **more: str
) -> Request:
    given: dict[str, Any] = {"x-app-id": key_id, "x-app-token": secret, **more}
    headers = [(n.lower().encode(), v.encode("latin-1")) for n, v in given.items() if v is not None]
    return Request({"type": "http", "method": method, "headers": headers})


@pytest.fixture
def store() -> Store:
    store = Store()
    store.add("key_a", "secret", SCOPE)
    store.add("reader", "secret", "reports")
    return store


async def refused(table: KeyTable[Caller], key_id: str | None, secret: str | None) -> int:
    with pytest.raises(ApiError) as refusal:
        await table.caller(a_request(key_id, secret), change=(SCOPE,))
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
    await table.caller(a_request("key_a", "secret"), change=(SCOPE,))
    store.asked.clear()

    codes = await asyncio.gather(*(refused(table, f"made-up-{n}", "secret") for n in range(1000)))

    assert set(codes) == {401}
    assert store.asked in (["stamp"], ["stamp"] * 2)


async def test_an_unknown_id_and_a_wrong_secret_wait_for_the_same_readings(store: Store) -> None:
    table = store.table()
    await table.caller(a_request("key_a", "secret"), change=(SCOPE,))
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
    assert (await table.caller(a_request("new", "secret"), change=(SCOPE,))).key_id == "new"


async def test_a_revoked_key_is_refused_when_it_is_forgotten(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = store.table()
    await table.caller(a_request("key_a", "secret"), change=(SCOPE,))
    del store.keys["key_a"]
    await table.caller(a_request("key_a", "secret"), change=(SCOPE,))

    monkeypatch.setattr(keys, "REVOKED_WITHIN_SECONDS", 0.0)

    assert await refused(table, "key_a", "secret") == 401


async def test_what_changes_while_keys_are_read_is_read_again(store: Store) -> None:
    async def load() -> InForce[Caller]:
        found = await store.load()
        store.add("new", "secret", SCOPE)
        return found

    table = KeyTable(store.stamp, load, public_keys(tokens.PUBLIC_KEY))
    assert await refused(table, "nobody", "secret") == 401
    assert (await table.caller(a_request("new", "secret"), change=(SCOPE,))).key_id == "new"


async def test_an_outage_is_everybodys_who_waits_and_nobodys_afterwards(store: Store) -> None:
    is_away = True

    async def stamp() -> object:
        if is_away:
            raise ConnectionError("away")
        return await store.stamp()

    table = KeyTable(stamp, store.load, public_keys(tokens.PUBLIC_KEY))
    waiting = [table.caller(a_request("key_a", "secret"), change=(SCOPE,)) for _ in range(2)]
    heard = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(error) for error in heard] == [ConnectionError, ConnectionError]

    is_away = False

    assert (await table.caller(a_request("key_a", "secret"), change=(SCOPE,))).key_id == "key_a"


async def test_a_key_that_has_expired_opens_nothing(store: Store) -> None:
    store.add("old", "secret", SCOPE, expires_at=time.time() - 1)
    store.add("young", "secret", SCOPE, expires_at=time.time() + 60)

    assert await refused(store.table(), "old", "secret") == 401
    assert (await store.table().caller(a_request("young", "secret"), change=(SCOPE,))).key_id


async def test_a_token_makes_its_bearer_a_caller_of_its_project(store: Store) -> None:
    request = a_request(**tokens.bearer("proj_a", [SCOPE], partner_id="part_1"))

    caller = await store.table().caller(request, change=(SCOPE,))

    assert caller == Caller("user_a", "proj_a", frozenset({SCOPE}), "part_1")


async def test_who_may_only_look_looks_and_changes_nothing(store: Store) -> None:
    admit = store.table().admits("campaigns", read=("campaigns_read",))
    looker, changer = (
        tokens.bearer("proj_a", [scope]) for scope in ("campaigns_read", "campaigns")
    )

    for method in ("GET", "HEAD"):
        assert await admit(a_request(method=method, **looker))
        assert await admit(a_request(method=method, **changer))
    for method in ("POST", "PUT", "DELETE", "PATCH", "QUERY"):
        assert await admit(a_request(method=method, **changer))
        with pytest.raises(ApiError) as refusal:
            await admit(a_request(method=method, **looker))
        assert refusal.value.status_code == 403


@pytest.mark.parametrize("ended", ["sess_a", "grant_a"])
async def test_a_token_ends_with_its_session_and_with_its_grant(
    store: Store, ended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = store.table()
    token = tokens.bearer("proj_a", [SCOPE])
    await table.caller(a_request(**token), change=(SCOPE,))
    store.ended.add(ended)
    monkeypatch.setattr(keys, "REVOKED_WITHIN_SECONDS", 0.0)

    with pytest.raises(ApiError) as refusal:
        await table.caller(a_request(**token), change=(SCOPE,))

    assert refusal.value.status_code == 401
    other = tokens.bearer("proj_a", [SCOPE], session_id="sess_b", grant_id="grant_b")
    assert await table.caller(a_request(**other), change=(SCOPE,))


async def test_a_token_for_a_project_of_a_moment_ago_opens_it(store: Store) -> None:
    table = store.table()
    token = tokens.bearer("proj_new", [SCOPE])
    with pytest.raises(ApiError):
        await table.caller(a_request(**token), change=(SCOPE,))
    store.projects.add("proj_new")

    assert (await table.caller(a_request(**token), change=(SCOPE,))).project_id == "proj_new"


async def test_a_key_and_a_token_together_are_refused(store: Store) -> None:
    with pytest.raises(ApiError) as refusal:
        await store.table().caller(
            a_request("key_a", "secret", **tokens.bearer("proj_a", [SCOPE])), change=(SCOPE,)
        )
    assert refusal.value.status_code == 401


async def test_another_kind_of_authorization_leaves_the_key_as_it_is(store: Store) -> None:
    request = a_request("key_a", "secret", Authorization="Basic YTpi")
    assert (await store.table().caller(request, change=(SCOPE,))).key_id == "key_a"


async def test_made_up_tokens_cost_no_question(store: Store) -> None:
    table = store.table()
    for token in ("", "x", "a.b.c", "cps_secret", "\xff", "x" * 100_000):
        with pytest.raises(ApiError) as refusal:
            await table.caller(a_request(Authorization=f"Bearer {token}"), change=(SCOPE,))
        assert refusal.value.status_code == 401
    assert store.asked == []
