"""A person's token opens all three services, and is ended in all of them within seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from kit.patience import until
from kit.shops import Shop, manage

SERVICES = {
    "campaigns": "/v1/campaigns",
    "redemption": "/v1/redemptions/r_0190a5c8e7d07c3a9f0b1c2d3e4f5a6b",
    "analytics": "/v1/reports/partners",
}
# The answer waits for redemption; analytics hears of it by Kafka, within two seconds as a rule.
WITHIN_SECONDS = 20


class Person:
    """Somebody who is signed in to the shop."""

    def __init__(self, shop: Shop, made: dict[str, Any]) -> None:
        self.shop, self.id, self.email, self.password = (
            shop,
            made["id"],
            made["email"],
            made["password"],
        )
        self.secret: dict[str, str] = {}

    async def sign_in(self) -> None:
        body = {"email": self.email, "password": self.password}
        answer = await self.shop.http.post("/v1/sessions", json=body)
        assert answer.status_code == 200, answer.text
        self.secret = {"Authorization": f"Bearer {answer.json()['secret']}"}

    async def token(self) -> dict[str, str]:
        body = {"project_id": self.shop.project_id}
        answer = await self.shop.http.post("/v1/sessions/tokens", json=body, headers=self.secret)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.fixture
async def person(shop: Shop) -> Person:
    body = {"email": f"{uuid4().hex[:8]}@shop.example", "role": "editor"}
    made = await manage(shop.platform, shop.http, "POST", f"/{shop.project_id}/users", body)
    person = Person(shop, made.json())
    await person.sign_in()
    return person


async def statuses(shop: Shop, token: dict[str, str]) -> dict[str, int]:
    async def asked(path: str) -> httpx.Response:
        return await shop.http.get(path, headers=token)

    answers = await asyncio.gather(*map(asked, SERVICES.values()))
    return {name: each.status_code for name, each in zip(SERVICES, answers, strict=True)}


async def refused_everywhere(shop: Shop, token: dict[str, str]) -> bool:
    return set((await statuses(shop, token)).values()) == {401}


async def sign_out(person: Person) -> None:
    answer = await person.shop.http.delete("/v1/sessions/current", headers=person.secret)
    assert answer.status_code == 204


async def become_a_viewer(person: Person) -> None:
    answer = await person.shop.call("PUT", f"/v1/users/{person.id}", {"role": "viewer"})
    assert answer.status_code == 200, answer.text


async def leave(person: Person) -> None:
    answer = await person.shop.call("DELETE", f"/v1/users/{person.id}")
    assert answer.status_code == 204, answer.text


async def lose_the_password(person: Person) -> None:
    path = f"/{person.shop.project_id}/users/{person.id}/password"
    await manage(person.shop.platform, person.shop.http, "POST", path)


@pytest.mark.parametrize("end", [sign_out, become_a_viewer, leave, lose_the_password])
async def test_a_token_is_ended_in_all_services_within_seconds(
    shop: Shop, person: Person, end: Callable[[Person], Awaitable[None]]
) -> None:
    token = await person.token()
    assert await statuses(shop, token) == {"campaigns": 200, "redemption": 404, "analytics": 200}

    await end(person)

    await until(lambda: refused_everywhere(shop, token), WITHIN_SECONDS, what="an end everywhere")


async def test_after_a_change_of_role_the_next_token_has_the_new_one(
    shop: Shop, person: Person
) -> None:
    await become_a_viewer(person)

    token = await person.token()

    assert await statuses(shop, token) == {"campaigns": 200, "redemption": 404, "analytics": 200}
    changed = await shop.http.post("/v1/partners", json={"name": "x"}, headers=token)
    assert changed.status_code == 403
    redeemed = await shop.http.post("/v1/redemptions", json={}, headers=token)
    assert redeemed.status_code == 403


async def test_a_token_opens_no_other_project(shop: Shop, other_shop: Shop, person: Person) -> None:
    theirs = await other_shop.campaign()
    token = await person.token()

    found = await shop.http.get(f"/v1/campaigns/{theirs['id']}", headers=token)

    assert found.status_code == 404


async def test_who_redeems_with_a_token_is_kept_with_the_redemption(
    shop: Shop, person: Person
) -> None:
    role = await shop.call("PUT", f"/v1/users/{person.id}", {"role": "owner"})
    assert role.status_code == 200
    code = await shop.code(await shop.campaign())

    body = {"redeemables": [{"object": "voucher", "id": code}], "order": {"amount": 5000}}
    answer = await shop.http.post("/v1/redemptions", json=body, headers=await person.token())

    assert answer.status_code == 200, answer.text
    [redeemed] = answer.json()["redemptions"]
    shown = (await shop.call("GET", f"/v1/redemptions/{redeemed['id']}")).json()
    assert shown["caller"] == {"kind": "user", "id": person.id}
