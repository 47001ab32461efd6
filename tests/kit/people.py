"""People and projects for tests of the console."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from kit.consoles import Browser


@dataclass(frozen=True)
class Somebody:
    """A person, signed in."""

    browser: Browser
    email: str
    password: str
    project_id: str

    @property
    def home(self) -> str:
        return f"/p/{self.project_id}"


@dataclass(frozen=True)
class Shop:
    """A project of a test alone, by its key and by the operator's."""

    http: httpx.Client
    id: str
    keys: dict[str, str]
    management: dict[str, str]

    def another(self) -> "Shop":
        """Make a project beside it, of somebody else."""
        return new_shop(self.http, self.management)

    def made(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.http.post(path, json=body, headers=self.keys)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def listed(self, path: str, somebody: Somebody) -> list[dict[str, Any]]:
        """Ask for a list as somebody who is signed in."""
        session = {"Authorization": f"Bearer {somebody.browser.cookies['__Host-sid']}"}
        body = {"project_id": self.id}
        made = self.http.post("/v1/sessions/tokens", json=body, headers=session).json()
        told = {"Authorization": f"Bearer {made['token']}"}
        answer = self.http.get(path, headers=told)
        assert answer.is_success, answer.text
        found = answer.json()
        things: list[dict[str, Any]] = found[found["data_ref"]]
        return things

    def user(self, role: str, partner_id: str | None = None) -> tuple[str, str]:
        """Let somebody in; return how they sign in."""
        email = f"{role}-{uuid4().hex[:12]}@shop.example"
        body = {"email": email, "role": role} | ({"partner_id": partner_id} if partner_id else {})
        path = f"/management/v1/projects/{self.id}/users"
        answer = self.http.post(path, json=body, headers=self.management)
        assert answer.is_success, answer.text
        return email, answer.json()["password"]


def new_shop(http: httpx.Client, management: dict[str, str]) -> Shop:
    body = {"name": f"Shop {uuid4().hex[:8]}", "currency": "EUR", "time_zone": "Europe/Berlin"}
    made = http.post("/management/v1/projects", json=body, headers=management).json()
    keys = {"X-App-Id": made["app_id"], "X-App-Token": made["app_token"]}
    return Shop(http, made["id"], keys, management)
