"""`counterfoil keys`, as an operator types it."""

import json
from typing import Any, get_args

import httpx
import pytest
from kit.commands import counterfoil
from kit.plain_http import PLAIN

from contracts.projects import KeyScope, Scope
from counterfoil.platform import Platform

pytestmark = pytest.mark.process

NOWHERE = {
    "CAMPAIGNS_URL": "http://127.0.0.1:9",
    "CAMPAIGNS_MANAGEMENT_ID": "counterfoil",
    "CAMPAIGNS_MANAGEMENT_TOKEN": "guessed",
}


def way(platform: Platform) -> dict[str, str]:
    return {
        "CAMPAIGNS_URL": platform.gateway,
        "CAMPAIGNS_MANAGEMENT_ID": platform.management_id,
        "CAMPAIGNS_MANAGEMENT_TOKEN": platform.management_token,
    }


def typed(platform: Platform, *words: str) -> Any:
    done = counterfoil("keys", *words, "--json", **way(platform))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def status_of(platform: Platform, key: dict[str, Any], path: str) -> int:
    headers = {"X-App-Id": key["app_id"], "X-App-Token": key["app_token"]}
    return httpx.get(platform.gateway + path, headers=headers, **PLAIN).status_code


def test_no_scope_is_offered_that_a_key_cannot_have() -> None:
    done = counterfoil("keys", "new", "proj_1", "--scope", "portal", **NOWHERE)

    assert done.returncode != 0
    assert "client_validations" in done.stderr + done.stdout
    assert get_args(KeyScope)
    assert "portal" not in get_args(KeyScope)
    assert {*get_args(KeyScope), "portal"} == {*get_args(Scope)}


def test_a_key_is_made_opens_what_it_may_and_opens_nothing_once_revoked(
    platform: Platform,
) -> None:
    project = platform.project["id"]

    made = typed(platform, "new", project, "--scope", "campaigns", "--scope", "redemptions")

    assert (made["project"], made["scopes"]) == (project, ["campaigns", "redemptions"])
    assert status_of(platform, made, "/v1/campaigns") == 200
    assert status_of(platform, made, "/v1/reports/partners") == 403
    [listed] = [
        key for key in typed(platform, "list", project)["keys"] if key["app_id"] == made["app_id"]
    ]
    assert "app_token" not in listed
    assert (listed["scopes"], listed["revoked_at"]) == (made["scopes"], None)
    assert typed(platform, "revoke", project, made["app_id"])["revoked"] == made["app_id"]
    assert status_of(platform, made, "/v1/campaigns") == 401
    assert typed(platform, "revoke", project, made["app_id"])["revoked"] == made["app_id"]
    [listed] = [
        key for key in typed(platform, "list", project)["keys"] if key["app_id"] == made["app_id"]
    ]
    assert listed["revoked_at"] is not None


def test_a_publishable_key_is_made_for_the_pages_of_its_origins(platform: Platform) -> None:
    project, shop = platform.project["id"], "https://shop.example"

    made = typed(
        platform, "new", project, "--scope", "client_validations", "--origin", f"{shop}:8443"
    )

    headers = {"X-Client-Application-Id": made["app_id"], "X-Client-Token": made["app_token"]}
    asked = {"redeemables": [{"object": "voucher", "id": "NOBODYS"}]}
    statuses = [
        httpx.post(
            platform.gateway + "/client/v1/validations",
            json=asked,
            headers=headers | {"Origin": origin},
            **PLAIN,
        ).status_code
        for origin in (f"{shop}:8443", shop)
    ]
    assert statuses == [200, 403]
    typed(platform, "revoke", project, made["app_id"])


def test_people_see_a_token_once_and_a_table(platform: Platform) -> None:
    project, data = platform.project["id"], ("--data", str(platform.folder.path))

    made = counterfoil("keys", "new", project, "--scope", "reports", *data).stdout
    [app_id] = [line.split()[1] for line in made.splitlines() if line.startswith("X-App-Id")]
    table = counterfoil("keys", "list", project, *data).stdout
    ended = counterfoil("keys", "revoke", project, app_id, *data).stdout

    assert "shown this once" in made
    [line] = [line for line in table.splitlines() if app_id in line]
    assert line.split("  ")[0] == app_id
    assert "Of the operator" in line
    assert "reports" in line
    assert ended == f"{app_id} opens nothing any more\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "proj_typo"), "proj_typo"),
        (("new", "proj_typo", "--scope", "reports"), "proj_typo"),
        (("new", "{project}", "--scope", "everything"), "everything"),
        (("new", "{project}"), "--scope"),
        (("new", "{project}", "--scope", "client_validations"), "needs some"),
        (("revoke", "{project}", "cpn_live_typo/.."), "cpn_live_typo/.."),
        (("revoke", "{project}"), "KEY"),
    ],
    ids=lambda each: each if isinstance(each, str) else each[0],
)
def test_what_makes_no_sense_is_refused_by_name_in_one_line(
    platform: Platform, words: tuple[str, ...], said: str
) -> None:
    project = platform.project["id"]

    done = counterfoil("keys", *(w.format(project=project) for w in words), **way(platform))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert said in done.stderr


def test_who_is_no_operator_is_told_so_in_one_line(platform: Platform) -> None:
    guessed = way(platform) | {"CAMPAIGNS_MANAGEMENT_TOKEN": "guessed"}

    done = counterfoil("keys", "list", platform.project["id"], **guessed)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert "401 Unauthorized" in done.stderr


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (NOWHERE, "campaigns at http://127.0.0.1:9: ConnectError"),
        (NOWHERE | {"CAMPAIGNS_URL": "nowhere"}, "campaigns at nowhere"),
        (NOWHERE | {"CAMPAIGNS_MANAGEMENT_TOKEN": ""}, "needs CAMPAIGNS_MANAGEMENT_ID and"),
        ({"COUNTERFOIL_DATA": "/nowhere"}, "no platform runs in /nowhere"),
    ],
    ids=["nobody-there", "no-address", "no-token", "no-platform"],
)
def test_what_cannot_be_reached_is_said_in_one_line(environment: dict[str, str], said: str) -> None:
    done = counterfoil("keys", "list", "proj_a", **environment)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert said in done.stderr
