"""Signing in and out, and what a token opens and for how long."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from fastapi import FastAPI
from kit.campaigns_people import Person, a_person, secret_of
from kit.campaigns_samples import Shop
from kit.chance import without_chance
from kit.tokens import PUBLIC_KEY

from campaigns.sessions.passwords import MOST_WAITING, Passwords
from servicekit.http import keys, tokens
from servicekit.http.errors import ApiError

WRONG = "a wrong password"
READ = ("campaigns_read", "redemptions_read", "reports")
ROLES = {
    "owner": {"campaigns", "redemptions", "reports", "settings"},
    "editor": {"campaigns", "redemptions_read", "reports"},
    "viewer": set(READ),
}


@pytest.fixture
async def owner(shop: Shop) -> Person:
    return await a_person(shop)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember nothing for a second."""
    monkeypatch.setattr(keys, "REVOKED_WITHIN_SECONDS", 0.0)


async def test_who_signs_in_is_told_who_he_is_and_where_he_may_go(
    shop: Shop, owner: Person
) -> None:
    session = await owner.session()

    assert session["user"] == {
        "id": owner.user_id,
        "email": owner.email,
        "name": owner.email,
        "has_password": True,
        "preferences": {"theme": "system", "letters": True, "columns": {}},
        "object": "user",
    }
    assert session["projects"] == [
        {
            "id": shop.project_id,
            "name": "shop",
            "role": "owner",
            "partner_id": None,
            "scopes": ["campaigns", "redemptions", "reports", "settings"],
            "currency": "EUR",
            "minor_units": 2,
            "time_zone": "Europe/Berlin",
        }
    ]
    current = await shop.http.get("/v1/sessions/current", headers=secret_of(session))
    assert current.json() == {n: v for n, v in session.items() if n != "secret"}
    assert current.headers["Cache-Control"] == "no-store"


async def test_whatever_does_not_fit_is_answered_alike(owner: Person) -> None:
    wrong = [
        await owner.sign_in("wrong password"),
        await owner.http.post(
            "/v1/sessions", json={"email": "nobody@shop.example", "password": "wrong password"}
        ),
    ]
    said = [{**each.json(), "request_id": ""} for each in wrong]

    assert [each.status_code for each in wrong] == [401, 401]
    assert said[0] == said[1]
    assert said[0]["key"] == "sign_in_failed"


async def test_an_e_mail_is_the_same_however_it_is_typed(owner: Person) -> None:
    body = {"email": f"  {owner.email.upper()} ", "password": owner.password}
    assert (await owner.http.post("/v1/sessions", json=body)).status_code == 200


@pytest.mark.parametrize("role", ROLES)
async def test_a_token_has_its_roles_scopes_for_ten_minutes(shop: Shop, role: str) -> None:
    person = await a_person(shop, role)
    session = await person.session()

    answer = await shop.http.post(
        "/v1/sessions/tokens",
        json={"project_id": shop.project_id},
        headers=secret_of(session),
    )
    made = answer.json()
    claims = tokens.verify(made["token"], tokens.public_keys(PUBLIC_KEY))

    assert set(made["scopes"]) == claims.scopes == ROLES[role]
    assert (claims.user_id, claims.session_id) == (person.user_id, session["id"])
    assert (claims.project_id, claims.partner_id) == (shop.project_id, None)
    assert 590 < claims.expires_at - time.time() <= 600


async def test_a_token_is_for_a_project_that_one_belongs_to(owner: Person, rival: Shop) -> None:
    session = await owner.session()

    answer = await owner.http.post(
        "/v1/sessions/tokens", json={"project_id": rival.project_id}, headers=secret_of(session)
    )

    assert answer.status_code == 404


async def test_a_token_makes_no_other_token(owner: Person, shop: Shop) -> None:
    answer = await owner.call("POST", "/v1/sessions/tokens", {"project_id": shop.project_id})
    assert answer.status_code == 401


async def test_a_secret_of_a_session_opens_nothing_but_what_is_the_persons(owner: Person) -> None:
    headers = secret_of(await owner.session())

    for path in ("/v1/campaigns", "/v1/users", "/v1/keys", "/v1/project"):
        assert (await owner.http.get(path, headers=headers)).status_code == 401, path
    for path in ("/v1/sessions", "/v1/sessions/current", "/v1/account"):
        assert (await owner.http.get(path, headers=headers)).status_code == 200, path


async def test_a_key_is_no_person(shop: Shop) -> None:
    for path in ("/v1/sessions", "/v1/sessions/current", "/v1/account"):
        assert (await shop.call("GET", path)).status_code == 401, path


@pytest.mark.usefixtures("at_once")
async def test_who_signs_out_takes_his_tokens_along(owner: Person) -> None:
    session, other = await owner.session(), await owner.session()
    token, of_other = await owner.token(session), await owner.token(other)
    assert (await owner.call("GET", "/v1/campaigns", headers=token)).status_code == 200

    out = await owner.call("DELETE", "/v1/sessions/current", headers=secret_of(session))

    assert out.status_code == 204
    assert (await owner.call("GET", "/v1/campaigns", headers=token)).status_code == 401
    assert (await owner.call("GET", "/v1/account", headers=token)).status_code == 401
    for path in ("/v1/sessions/current", "/v1/account"):
        assert (await owner.call("GET", path, headers=secret_of(session))).status_code == 401
    assert (await owner.call("GET", "/v1/campaigns", headers=of_other)).status_code == 200


async def test_sessions_are_listed_and_ended_one_by_one(owner: Person, shop: Shop) -> None:
    first, second = await owner.session(), await owner.session()
    stranger = await a_person(shop)
    theirs = await stranger.session()

    listed = (await owner.call("GET", "/v1/sessions", headers=secret_of(second))).json()
    shown = {each["id"]: each["current"] for each in listed["sessions"]}
    assert shown == {first["id"]: False, second["id"]: True}
    assert "secret" not in str(listed)

    for session, status in ((theirs, 404), (first, 204), (first, 404)):
        answer = await owner.call(
            "DELETE", f"/v1/sessions/{session['id']}", headers=secret_of(second)
        )
        assert answer.status_code == status
    assert (await stranger.call("GET", "/v1/account", headers=secret_of(theirs))).is_success


@pytest.mark.parametrize(
    "moved",
    [
        pytest.param("seen_at = now() - interval '12 hours 1 minute'", id="unused-for-half-a-day"),
        pytest.param("created_at = now() - interval '30 days 1 minute'", id="a-month-old"),
    ],
)
async def test_a_session_ends_by_itself(owner: Person, pool: asyncpg.Pool, moved: str) -> None:
    session = await owner.session()
    await pool.execute(f"UPDATE sessions SET {moved} WHERE id = $1", session["id"])

    answer = await owner.call("GET", "/v1/sessions/current", headers=secret_of(session))

    assert (answer.status_code, answer.json()["key"]) == (401, "unauthorized")


async def test_a_session_that_is_used_goes_on(owner: Person, pool: asyncpg.Pool) -> None:
    session = await owner.session()
    await pool.execute("UPDATE sessions SET seen_at = now() - interval '11 hours'")

    await owner.token(session)

    idle = await pool.fetchval("SELECT now() - seen_at FROM sessions")
    assert idle.total_seconds() < 60


async def test_the_twenty_first_session_takes_the_place_of_the_oldest(owner: Person) -> None:
    begun = [await owner.session() for _ in range(21)]

    first = await owner.call("GET", "/v1/account", headers=secret_of(begun[0]))
    second = await owner.call("GET", "/v1/account", headers=secret_of(begun[1]))

    assert (first.status_code, second.status_code) == (401, 200)


async def tries(person: Person, count: int, **headers: str) -> list[int]:
    return [(await person.sign_in("wrong password", **headers)).status_code for _ in range(count)]


async def test_the_sixth_wrong_password_is_not_even_looked_at(owner: Person) -> None:
    codes = await tries(owner, 6)
    right = await owner.sign_in()

    assert codes == [401] * 5 + [429]
    assert right.status_code == 429
    assert 0 < int(right.headers["Retry-After"]) <= 60
    assert right.json()["key"] == "too_many_requests"


async def test_what_goes_well_is_not_counted(owner: Person) -> None:
    for _ in range(8):
        assert await tries(owner, 1) == [401]
        if (await owner.sign_in()).status_code != 200:
            break
    # Of each round the wrong one counts.
    assert (await tries(owner, 1)) == [429]


async def test_many_tries_at_once_are_counted_one_by_one(owner: Person) -> None:
    answers = await asyncio.gather(*(owner.sign_in("wrong password") for _ in range(12)))
    assert sorted(each.status_code for each in answers) == [401] * 5 + [429] * 7


async def test_an_unknown_e_mail_is_throttled_like_a_known_one(owner: Person) -> None:
    body = {"email": "nobody@shop.example", "password": "wrong password"}
    codes = [(await owner.http.post("/v1/sessions", json=body)).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]


async def test_who_waits_may_try_again(owner: Person, pool: asyncpg.Pool) -> None:
    assert (await tries(owner, 6))[-1] == 429

    await pool.execute("UPDATE sign_in_tries SET free_at = free_at - interval '61 seconds'")

    assert (await owner.sign_in()).status_code == 200


async def test_no_secret_is_stored_or_logged(
    owner: Person, pool: asyncpg.Pool, capsys: pytest.CaptureFixture[str]
) -> None:
    session = await owner.session()
    token = (await owner.token(session))["Authorization"].removeprefix("Bearer ")
    await owner.sign_in("a wrong password that nobody may read")
    tables = await pool.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    rows = [
        str(dict(row))
        for table in tables
        if table["relname"] != "schema_migrations"
        for row in await pool.fetch(f"SELECT * FROM {table['relname']}")
    ]
    stored = " ".join(rows)
    logged = "".join(capsys.readouterr())

    assert owner.email in stored
    for secret in (owner.password, session["secret"], token, "a wrong password that nobody"):
        assert secret not in stored
        assert secret not in logged


@pytest.mark.parametrize(
    "body",
    [
        {"email": "a@b.example"},
        {"password": "x"},
        {"email": "no address", "password": "x"},
        {"email": "a@b.example", "password": "x" * 1001},
        {"email": "a@b.example", "password": "x\0"},
        {"email": "a@b.example", "password": "x", "otp": "1"},
    ],
)
async def test_what_is_no_wish_to_sign_in_is_refused_without_repeating_it(
    owner: Person, body: dict[str, Any]
) -> None:
    answer = await owner.http.post("/v1/sessions", json=body)
    assert answer.status_code == 400
    assert "xxxx" not in without_chance(answer.text)


@asynccontextmanager
async def coming_from(api: FastAPI, address: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(api, raise_app_exceptions=False, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://campaigns") as client:
        yield client


async def tried_from(api: FastAPI, address: str, email: str, password: str = WRONG) -> int:
    async with coming_from(api, address) as client:
        answer = await client.post("/v1/sessions", json={"email": email, "password": password})
        return answer.status_code


async def test_strangers_who_try_at_somebodys_e_mail_do_not_keep_him_out(
    api: FastAPI, owner: Person
) -> None:
    assert (await owner.sign_in()).status_code == 200  # from here he is known

    codes = [
        await tried_from(api, f"203.0.113.{number}", owner.email)
        for number in range(6)
        for _ in range(4)
    ]

    assert codes == [401] * 20 + [429] * 4
    assert await tried_from(api, "198.51.100.1", owner.email, owner.password) == 429
    assert (await owner.sign_in()).status_code == 200


async def test_a_network_has_so_many_tries_and_who_is_known_there_more(
    api: FastAPI, owner: Person, shop: Shop
) -> None:
    colleague = await a_person(shop)
    first, second = "2001:db8:1:2::1", "2001:db8:1:2:ffff::9"  # one customer's
    assert await tried_from(api, first, owner.email, owner.password) == 200

    codes = [await tried_from(api, second, f"made-up-{n}@shop.example") for n in range(52)]

    assert codes[:50] == [401] * 50
    assert codes[-1] == 429
    assert await tried_from(api, first, owner.email, owner.password) == 200
    assert await tried_from(api, first, colleague.email, colleague.password) == 429
    assert await tried_from(api, "2001:db8:1:3::1", colleague.email, colleague.password) == 200


async def test_an_unknown_e_mail_takes_as_long_as_a_wrong_password(
    owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hash is what takes long: each is compared with one, and both are as dear."""
    compared: list[Parameters] = []
    verify = PasswordHasher.verify

    def noted(self: PasswordHasher, password_hash: str, password: str) -> bool:
        compared.append(extract_parameters(password_hash))
        return verify(self, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", noted)
    for email in (owner.email, "nobody@shop.example"):
        body = {"email": email, "password": "a wrong password"}
        assert (await owner.http.post("/v1/sessions", json=body)).status_code == 401

    of_the_known, of_the_unknown = compared
    assert of_the_known == of_the_unknown


async def test_of_a_crowd_that_signs_in_some_wait_and_others_are_told_to_come_again() -> None:
    passwords = Passwords()
    hashed = await passwords.hash("a password")

    heard = await asyncio.gather(
        *(passwords.matches(hashed, "a password") for _ in range(MOST_WAITING + 20)),
        return_exceptions=True,
    )

    assert heard.count(True) == MOST_WAITING + 1
    refused = [each for each in heard if isinstance(each, ApiError)]
    assert {each.status_code for each in refused} == {503}
    assert await passwords.matches(hashed, "a password")
    assert not await passwords.matches(None, "nobody's")
