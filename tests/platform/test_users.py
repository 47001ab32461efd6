"""`counterfoil users`, as an operator types it; and the first login that `up` makes."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from kit.commands import counterfoil
from kit.plain_http import PLAIN

from counterfoil import logins
from counterfoil.platform import Platform

pytestmark = pytest.mark.process


def way(platform: Platform) -> dict[str, str]:
    return {
        "CAMPAIGNS_URL": platform.gateway,
        "CAMPAIGNS_MANAGEMENT_ID": platform.management_id,
        "CAMPAIGNS_MANAGEMENT_TOKEN": platform.management_token,
    }


def typed(platform: Platform, *words: str) -> Any:
    done = counterfoil("users", *words, "--json", **way(platform))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def signed_in(platform: Platform, email: str, password: str) -> httpx.Response:
    body = {"email": email, "password": password}
    return httpx.post(f"{platform.gateway}/v1/sessions", json=body, **PLAIN)


def an_owner_alone(platform: Platform) -> tuple[str, str]:
    """Open a project with one owner; return its id and the e-mail."""
    keys = {
        "X-Management-Id": platform.management_id,
        "X-Management-Token": platform.management_token,
    }
    body = {"name": f"Shop {uuid4().hex[:8]}", "currency": "EUR"}
    answer = httpx.post(
        f"{platform.gateway}/management/v1/projects", json=body, headers=keys, **PLAIN
    )
    project, email = answer.json()["id"], f"{uuid4().hex[:8]}@shop.example"
    typed(platform, "add", project, email)
    return project, email


def test_a_person_is_let_in_gets_another_password_and_is_let_out(platform: Platform) -> None:
    project, email = platform.project["id"], f"{uuid4().hex[:8]}@shop.example"

    made = typed(platform, "add", project, email, "--role", "editor", "--name", "Ann Lee")

    assert (made["email"], made["role"], made["name"]) == (email, "editor", "Ann Lee")
    assert signed_in(platform, email, made["password"]).status_code == 200
    [listed] = [u for u in typed(platform, "list", project)["users"] if u["email"] == email]
    assert listed["last_seen_at"] is not None
    assert made["password"] not in json.dumps(listed)

    fresh = typed(platform, "password", project, email)["password"]

    assert signed_in(platform, email, made["password"]).status_code == 401
    assert signed_in(platform, email, fresh).status_code == 200
    assert typed(platform, "remove", project, made["id"])["removed"] == made["id"]
    assert signed_in(platform, email, fresh).json()["projects"] == []


def test_what_is_refused_is_said_in_one_line(platform: Platform) -> None:
    project = platform.project["id"]
    for words in (
        ("add", project, "no address"),
        ("add", project, "a@shop.example", "--role", "partner"),
        ("add", project, "a@shop.example", "--role", "partner", "--partner", "part_unknown"),
        ("add", "proj_unknown", "a@shop.example"),
        ("add", project, "a@shop.example", "--account", "keep"),
        ("remove", project, "nobody@shop.example"),
        ("password", project, "nobody@shop.example"),
        ("remove", *an_owner_alone(platform)),
    ):
        done = counterfoil("users", *words, **way(platform))
        assert done.returncode == 2, words
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_whoever_starts_a_platform_can_sign_in_to_its_first_project(platform: Platform) -> None:
    login = logins.kept(platform.folder)

    assert login is not None
    assert login["password"] is not None
    answer = signed_in(platform, login["email"], login["password"])
    [project] = [p for p in answer.json()["projects"] if p["id"] == platform.project["id"]]
    assert project["role"] == "owner"
