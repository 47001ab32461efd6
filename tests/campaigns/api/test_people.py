"""Users of a project, invitations, and one's own account."""

import asyncio
import json
from typing import Any

import asyncpg
import httpx
import pytest
from kit.campaigns_people import PASSWORD, Person, a_person, secret_of
from kit.campaigns_samples import MANAGEMENT, Shop, open_shop

from servicekit.http import keys

ANN = "ann@shop.example"


@pytest.fixture
async def owner(shop: Shop) -> Person:
    return await a_person(shop)


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember nothing for a second."""
    monkeypatch.setattr(keys, "REVOKED_WITHIN_SECONDS", 0.0)


at_once = pytest.mark.usefixtures("_at_once")


async def invited(owner: Person, **body: Any) -> dict[str, Any]:
    answer = await owner.call("POST", "/v1/invitations", {"email": ANN, "role": "editor", **body})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def accepted(
    http: httpx.AsyncClient, token: str, password: str = PASSWORD, name: str | None = "Ann Lee"
) -> httpx.Response:
    body = {"password": password} | ({} if name is None else {"name": name})
    return await http.post(f"/v1/invitations/{token}/accept", json=body)


async def history_of(pool: asyncpg.Pool, action: str) -> list[dict[str, Any]]:
    rows = await pool.fetch("SELECT * FROM history WHERE action = $1 ORDER BY id", action)
    return [dict(row) for row in rows]


# Users


async def test_an_owner_sees_who_is_in_the_project(owner: Person, shop: Shop) -> None:
    editor = await a_person(shop, "editor", name="Ed")
    await editor.session()

    listed = (await owner.call("GET", "/v1/users")).json()

    shown = {user["id"]: user for user in listed["users"]}
    assert set(shown) == {owner.user_id, editor.user_id}
    assert shown[editor.user_id]["name"] == "Ed"
    assert shown[editor.user_id]["last_seen_at"] is not None
    one = await owner.call("GET", f"/v1/users/{editor.user_id}")
    assert one.json() == shown[editor.user_id]


@at_once
async def test_another_role_ends_the_tokens_of_the_old_one_and_not_the_session(
    owner: Person, shop: Shop, pool: asyncpg.Pool
) -> None:
    editor = await a_person(shop, "editor")
    session = await editor.session()
    token = await editor.token(session)

    changed = await owner.call("PUT", f"/v1/users/{editor.user_id}", {"role": "viewer"})

    assert (changed.status_code, changed.json()["role"]) == (200, "viewer")
    assert (await editor.call("GET", "/v1/campaigns", headers=token)).status_code == 401
    fresh = await editor.token(session)
    assert (await editor.call("GET", "/v1/campaigns", headers=fresh)).status_code == 200
    made = await editor.call("POST", "/v1/partners", {"name": "x"}, headers=fresh)
    assert made.status_code == 403
    [entry] = await history_of(pool, "user.updated")
    assert (entry["actor"], entry["door"]) == (owner.user_id, "user")
    assert entry["changes"] == {"role": ["editor", "viewer"]}


@at_once
async def test_who_is_removed_is_out_and_may_come_in_again(owner: Person, shop: Shop) -> None:
    editor = await a_person(shop, "editor")
    session = await editor.session()
    token = await editor.token(session)

    removed = await owner.call("DELETE", f"/v1/users/{editor.user_id}")

    assert removed.status_code == 204
    assert (await editor.call("GET", "/v1/campaigns", headers=token)).status_code == 401
    current = await editor.call("GET", "/v1/sessions/current", headers=secret_of(session))
    assert current.json()["projects"] == []
    assert (await owner.call("GET", f"/v1/users/{editor.user_id}")).status_code == 404
    back = await shop.http.post(
        f"/management/v1/projects/{shop.project_id}/users",
        json={"email": editor.email, "role": "viewer"},
        headers=MANAGEMENT,
    )
    assert back.json()["password"] is None
    assert (await editor.call("GET", "/v1/campaigns")).status_code == 200


async def test_a_project_keeps_an_owner(owner: Person, shop: Shop) -> None:
    path = f"/v1/users/{owner.user_id}"
    for method, body in (("PUT", {"role": "editor"}), ("DELETE", None)):
        answer = await owner.call(method, path, body)
        assert (answer.status_code, answer.json()["key"]) == (409, "last_owner")

    second = await a_person(shop)

    assert (await owner.call("PUT", path, {"role": "editor"})).status_code == 200
    assert (await second.call("DELETE", f"/v1/users/{second.user_id}")).status_code == 409


async def test_of_two_owners_who_remove_each_other_one_stays(shop: Shop) -> None:
    first, second = await a_person(shop), await a_person(shop)
    tokens = await first.token(), await second.token()

    answers = await asyncio.gather(
        first.call("DELETE", f"/v1/users/{second.user_id}", headers=tokens[0]),
        second.call("DELETE", f"/v1/users/{first.user_id}", headers=tokens[1]),
    )

    assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_a_partner_is_one_of_the_projects_and_sees_the_portal_alone(
    owner: Person, shop: Shop, rival: Shop
) -> None:
    mine = await shop.made("/v1/partners", {"name": "Blog"})
    theirs = await rival.made("/v1/partners", {"name": "Blog"})
    editor = await a_person(shop, "editor")
    path = f"/v1/users/{editor.user_id}"
    for body, status in (
        ({"role": "partner"}, 400),
        ({"role": "editor", "partner_id": mine["id"]}, 400),
        ({"role": "partner", "partner_id": theirs["id"]}, 404),
        ({"role": "boss"}, 400),
        ({"role": "partner", "partner_id": mine["id"]}, 200),
    ):
        assert (await owner.call("PUT", path, body)).status_code == status, body

    token = await editor.token()

    for path in ("/v1/campaigns", "/v1/vouchers", "/v1/partners", "/v1/users", "/v1/project"):
        assert (await editor.call("GET", path, headers=token)).status_code == 403, path
    for path in ("/v1/account", "/v1/sessions", "/v1/sessions/current"):
        assert (await editor.call("GET", path, headers=token)).status_code == 200, path


async def test_a_stranger_finds_no_user_of_another_project(owner: Person, rival: Shop) -> None:
    stranger = await a_person(rival)
    path = f"/v1/users/{owner.user_id}"
    for method, body in (("GET", None), ("PUT", {"role": "viewer"}), ("DELETE", None)):
        assert (await stranger.call(method, path, body)).status_code == 404
    listed = (await stranger.call("GET", "/v1/users")).json()["users"]
    assert [user["id"] for user in listed] == [stranger.user_id]


async def test_one_person_may_belong_to_two_projects(shop: Shop, rival: Shop) -> None:
    here = await a_person(shop, "viewer", email=ANN)
    there = await rival.http.post(
        f"/management/v1/projects/{rival.project_id}/users",
        json={"email": ANN, "role": "owner"},
        headers=MANAGEMENT,
    )
    assert there.json()["id"] == here.user_id

    projects = (await here.session())["projects"]

    assert {p["id"]: p["role"] for p in projects} == {
        shop.project_id: "viewer",
        rival.project_id: "owner",
    }


# Invitations


async def test_who_is_invited_comes_in_once(owner: Person, shop: Shop, pool: asyncpg.Pool) -> None:
    made = await invited(owner)
    look = await shop.http.get(f"/v1/invitations/{made['token']}")
    assert look.json() == {
        "email": ANN,
        "role": "editor",
        "project_name": "shop",
        "expires_at": made["expires_at"],
        "has_account": False,
        "object": "invitation",
    }

    came = await accepted(shop.http, made["token"])

    session = came.json()
    assert came.status_code == 200, came.text
    assert (session["user"]["email"], session["user"]["name"]) == (ANN, "Ann Lee")
    assert [(p["id"], p["role"]) for p in session["projects"]] == [(shop.project_id, "editor")]
    assert (await accepted(shop.http, made["token"])).status_code == 404
    assert (await shop.http.get(f"/v1/invitations/{made['token']}")).status_code == 404
    again = {"email": ANN, "password": PASSWORD}
    assert (await shop.http.post("/v1/sessions", json=again)).status_code == 200
    [entry] = await history_of(pool, "invitation.created")
    assert (entry["actor"], entry["name"]) == (owner.user_id, ANN)
    assert made["token"] not in json.dumps(entry["changes"])
    joined = [e for e in await history_of(pool, "user.joined") if e["target"] != owner.user_id]
    assert [e["actor"] for e in joined] == [session["user"]["id"]]


async def test_of_two_who_accept_at_once_one_comes_in(owner: Person, shop: Shop) -> None:
    token = (await invited(owner))["token"]

    answers = await asyncio.gather(*(accepted(shop.http, token) for _ in range(4)))

    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 200
    assert set(codes[1:]) <= {404, 409, 401}


async def test_who_has_an_account_comes_in_by_its_password_and_no_other(
    owner: Person, shop: Shop, rival: Shop
) -> None:
    ann = await a_person(rival, "viewer", email=ANN)
    token = (await invited(owner))["token"]
    assert (await shop.http.get(f"/v1/invitations/{token}")).json()["has_account"] is True

    stranger = await accepted(shop.http, token, "a password of a stranger")
    came = await accepted(shop.http, token, ann.password, name=None)

    assert (stranger.status_code, stranger.json()["key"]) == (401, "sign_in_failed")
    assert {p["id"] for p in came.json()["projects"]} == {shop.project_id, rival.project_id}


async def test_an_account_that_an_owner_made_under_a_strangers_email_comes_in_nowhere_else(
    owner: Person, shop: Shop, rival: Shop
) -> None:
    squatter = await accepted(shop.http, (await invited(owner))["token"])
    assert squatter.status_code == 200

    async def added(**more: str) -> httpx.Response:
        return await rival.http.post(
            f"/management/v1/projects/{rival.project_id}/users",
            json={"email": ANN, "role": "owner", **more},
            headers=MANAGEMENT,
        )

    refused = await added()
    reset = await added(account="reset")

    assert (refused.status_code, refused.json()["key"]) == (409, "account_exists")
    assert "account=reset" in refused.json()["details"]
    assert reset.status_code == 200, reset.text
    headers = {"Authorization": f"Bearer {squatter.json()['secret']}"}
    assert (await shop.http.get("/v1/sessions/current", headers=headers)).status_code == 401
    tries = [
        await shop.http.post("/v1/sessions", json={"email": ANN, "password": password})
        for password in (PASSWORD, reset.json()["password"])
    ]
    assert [each.status_code for each in tries] == [401, 200]
    third = await open_shop(rival.http, "third")
    there = await a_person(third, email=ANN)  # the operator has given it to Ann by now
    assert there.user_id == reset.json()["id"]


async def test_an_operator_says_that_an_account_is_its_persons(
    owner: Person, shop: Shop, rival: Shop
) -> None:
    await accepted(shop.http, (await invited(owner))["token"])
    path = f"/management/v1/projects/{rival.project_id}/users"
    body = {"role": "viewer", "account": "keep"}

    kept = await shop.http.post(path, json=body | {"email": ANN}, headers=MANAGEMENT)
    none = await shop.http.post(path, json=body | {"email": "bo@x.example"}, headers=MANAGEMENT)

    assert (kept.status_code, kept.json()["password"]) == (200, None)
    assert (none.status_code, ".account" in none.json()["message"]) == (400, True)


async def test_passwords_are_not_tried_by_way_of_invitations(
    owner: Person, shop: Shop, rival: Shop
) -> None:
    await a_person(rival, "viewer", email=ANN)
    token = (await invited(owner))["token"]
    codes = [(await accepted(shop.http, token, f"guess number {n}")).status_code for n in range(6)]
    assert codes == [401] * 5 + [429]


async def test_an_invitation_ends(owner: Person, shop: Shop, pool: asyncpg.Pool) -> None:
    made = await invited(owner)
    await pool.execute("UPDATE invitations SET expires_at = now() - interval '1 second'")

    assert (await accepted(shop.http, made["token"])).status_code == 404
    assert (await owner.call("GET", "/v1/invitations")).json()["total"] == 0
    assert (await owner.call("DELETE", f"/v1/invitations/{made['id']}")).status_code == 404
    assert await invited(owner)


async def test_an_invitation_is_revoked_or_replaced(owner: Person, shop: Shop, rival: Shop) -> None:
    first = await invited(owner)
    second = await invited(owner, role="viewer")
    assert (await accepted(shop.http, first["token"])).status_code == 404
    listed = await owner.call("GET", "/v1/invitations")
    assert [each["id"] for each in listed.json()["invitations"]] == [second["id"]]
    assert listed.json()["invitations"][0]["created_by"]["id"] == owner.user_id
    assert second["token"] not in listed.text
    stranger = await a_person(rival)
    path = f"/v1/invitations/{second['id']}"
    assert (await stranger.call("DELETE", path)).status_code == 404

    assert (await owner.call("DELETE", path)).status_code == 204

    assert (await accepted(shop.http, second["token"])).status_code == 404


async def test_whoever_is_in_is_not_invited(owner: Person) -> None:
    body = {"email": owner.email, "role": "viewer"}
    answer = await owner.call("POST", "/v1/invitations", body)
    assert (answer.status_code, answer.json()["key"]) == (409, "duplicate_found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": PASSWORD}, "name"),
        ({"name": "Ann", "password": "short"}, "password"),
        ({"name": "Ann", "password": "ababababababab"}, "password"),
        ({"name": "Ann", "password": ANN}, "password"),
        ({"name": " ", "password": PASSWORD}, "name"),
        ({"name": "Ann", "password": PASSWORD, "role": "owner"}, "role"),
    ],
)
async def test_a_new_account_needs_a_name_and_a_password_worth_the_word(
    owner: Person, shop: Shop, body: dict[str, Any], field: str
) -> None:
    token = (await invited(owner))["token"]
    answer = await shop.http.post(f"/v1/invitations/{token}/accept", json=body)
    assert answer.status_code == 400
    assert f".{field}" in answer.json()["message"]
    assert body["password"] not in answer.text or body["password"] == ANN


# The account


async def test_one_changes_ones_name_and_preferences(owner: Person) -> None:
    changes = {"name": "Ann", "preferences": {"theme": "dark", "columns": {"codes": ["code"]}}}
    changed = await owner.call("PUT", "/v1/account", changes)
    assert changed.json()["preferences"] == {
        "theme": "dark",
        "letters": True,
        "columns": {"codes": ["code"]},
    }

    await owner.call("PUT", "/v1/account", {"preferences": {"letters": False}})

    shown = (await owner.call("GET", "/v1/account")).json()
    assert (shown["name"], shown["preferences"]["theme"]) == ("Ann", "dark")
    assert shown["preferences"]["letters"] is False


@pytest.mark.parametrize(
    "preferences",
    [
        {"theme": "pink"},
        {"letters": "yes"},
        {"size": 3},
        {"columns": {"codes": ["x"] * 51}},
        {"columns": {f"list{n}": [] for n in range(51)}},
        {"columns": {"codes": ["<script>"]}},
        {"columns": {"codes": "all"}},
    ],
)
async def test_preferences_are_few_and_known(owner: Person, preferences: dict[str, Any]) -> None:
    answer = await owner.call("PUT", "/v1/account", {"preferences": preferences})
    assert answer.status_code == 400


async def test_a_new_password_needs_the_old_one_and_ends_all_other_sessions(
    owner: Person,
) -> None:
    mine, other = await owner.session(), await owner.session()
    new = "another password altogether"
    wrong = await owner.call(
        "PUT",
        "/v1/account",
        {"password": "not the one", "new_password": new},
        headers=secret_of(mine),
    )
    assert (wrong.status_code, wrong.json()["key"]) == (400, "wrong_password")

    body = {"password": owner.password, "new_password": new}
    changed = await owner.call("PUT", "/v1/account", body, headers=secret_of(mine))

    assert changed.status_code == 200, changed.text
    assert (await owner.sign_in()).status_code == 401
    assert (await owner.sign_in(new)).status_code == 200
    assert (await owner.call("GET", "/v1/account", headers=secret_of(mine))).status_code == 200
    assert (await owner.call("GET", "/v1/account", headers=secret_of(other))).status_code == 401


async def test_the_old_password_is_not_guessed_by_way_of_the_account(owner: Person) -> None:
    mine = secret_of(await owner.session())
    codes = []
    for number in range(6):
        body = {"password": f"guess {number}", "new_password": PASSWORD}
        answer = await owner.call("PUT", "/v1/account", body, headers=mine)
        codes.append(answer.status_code)
    assert codes == [400] * 5 + [429]


@pytest.mark.parametrize("new", ["short", "x" * 201, "aaaaaaaaaaaaaaaa"])
async def test_a_new_password_is_worth_the_word(owner: Person, new: str) -> None:
    body = {"password": owner.password, "new_password": new}
    answer = await owner.call("PUT", "/v1/account", body)
    assert answer.status_code == 400
    assert new not in answer.text


async def test_the_operator_gives_a_new_password_and_history_says_so(
    owner: Person, shop: Shop, pool: asyncpg.Pool
) -> None:
    session = await owner.session()
    path = f"/management/v1/projects/{shop.project_id}/users/{owner.email.upper()}/password"

    answer = await shop.http.post(path, headers=MANAGEMENT)

    fresh = answer.json()["password"]
    assert (await owner.sign_in()).status_code == 401
    assert (await owner.sign_in(fresh)).status_code == 200
    gone = await owner.call("GET", "/v1/account", headers=secret_of(session))
    assert gone.status_code == 401
    [entry] = await history_of(pool, "user.password_reset")
    assert entry["actor"] == "operator"
    assert fresh not in str(entry)
