"""People of campaigns' api: who signs in, and what each may do."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from kit.campaigns_samples import MANAGEMENT, Shop

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Person:
    """Somebody with an account, who calls as whoever is signed in."""

    http: httpx.AsyncClient
    shop: Shop
    user_id: str
    email: str
    password: str

    async def sign_in(self, password: str | None = None, **headers: str) -> httpx.Response:
        body = {"email": self.email, "password": password or self.password}
        return await self.http.post("/v1/sessions", json=body, headers=headers)

    async def session(self) -> dict[str, Any]:
        answer = await self.sign_in()
        assert answer.status_code == 200, answer.text
        begun: dict[str, Any] = answer.json()
        return begun

    async def token(self, session: dict[str, Any] | None = None) -> dict[str, str]:
        """Return the header of a token for the shop, of a session of one's own if none is given."""
        session = session or await self.session()
        answer = await self.http.post(
            "/v1/sessions/tokens",
            json={"project_id": self.shop.project_id},
            headers=secret_of(session),
        )
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    async def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Call with a fresh token, unless another header is given."""
        headers = headers or await self.token()
        return await self.http.request(method, path, json=body, headers=headers)


def secret_of(session: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['secret']}"}


async def a_person(shop: Shop, role: str = "owner", **more: Any) -> Person:
    """Make an account and let it into the shop, as the operator does."""
    email = more.pop("email", f"{uuid4().hex[:8]}@shop.example")
    answer = await shop.http.post(
        f"/management/v1/projects/{shop.project_id}/users",
        json={"email": email, "role": role, **more},
        headers=MANAGEMENT,
    )
    assert answer.status_code == 200, answer.text
    made = answer.json()
    return Person(shop.http, shop, made["id"], made["email"], made["password"])
