"""The whole platform as a user handles it. Each platform started here takes some ten seconds."""

import asyncio
import json
import os
import re
import signal
import stat
import time
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from kit import engines, platforms
from kit.commands import counterfoil
from kit.plain_http import PLAIN

from counterfoil.folder import Folder
from counterfoil.platform import Platform
from counterfoil.ports import is_free

pytestmark = pytest.mark.process

SERVICES = {
    "campaigns",
    "campaigns-worker",
    "campaigns-applied",
    "campaigns-relay",
    "redemption",
    "redemption-worker",
    "redemption-definitions",
    "redemption-relay",
    "analytics",
    "analytics-worker",
    "console",
}


def status(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(counterfoil("status", "--json", "--data", str(data)).stdout)
    return found


def test_status_tells_scripts_where_everything_is(platform: Platform) -> None:
    found = status(platform.folder.path)

    assert found["gateway"] == platform.gateway
    assert found["kafka"] == platform.kafka.servers
    assert found["kafka_security"]["sasl_mechanism"] == "SCRAM-SHA-512"
    assert set(found["kafka_security"]["users"]) == {"operator", "checkout", "importer"}
    assert set(found["postgres"]) == {"campaigns", "redemption"}
    assert found["clickhouse"].endswith("/coupons")
    assert set(found["project"]) == {"id", "app_id", "app_token"}
    assert set(found["services"]) == SERVICES
    assert {name for name, part in found["services"].items() if not part["healthy"]} == set()


def test_status_says_how_to_use_each_project_and_where_the_operators_token_is(
    platform: Platform,
) -> None:
    found = status(platform.folder.path)

    first = found["projects"][0]
    assert first.items() >= found["project"].items()
    assert first["clickhouse_reader"] == found["clickhouse_reader"]
    operator = found["management"]
    token = json.loads(Path(operator["token_file"]).read_text())["management_token"]
    keys = {"X-Management-Id": operator["id"], "X-Management-Token": token}
    url = f"{platform.gateway}/management/v1/projects/{first['id']}/keys"
    answer = httpx.post(url, headers=keys, json={"scopes": ["reports"]}, **PLAIN)
    assert answer.is_success, answer.text

    told = counterfoil("status", "--data", str(platform.folder.path)).stdout
    for said in (operator["token_file"], first["app_id"], first["clickhouse_reader"]):
        assert said in told


def test_the_first_projects_keys_open_the_gateway(platform: Platform) -> None:
    keys = {"X-App-Id": platform.project["app_id"], "X-App-Token": platform.project["app_token"]}

    answer = httpx.get(f"{platform.gateway}/v1/campaigns", headers=keys, **PLAIN)
    refused = httpx.get(f"{platform.gateway}/v1/campaigns", **PLAIN)

    assert (answer.status_code, refused.status_code) == (200, 401)


@pytest.mark.parametrize("left", [{}, {"state": "running", "addresses": {}}], ids=["new", "killed"])
def test_a_script_is_told_in_json_that_nothing_runs(tmp_path: Path, left: dict[str, Any]) -> None:
    if left:
        Folder(tmp_path).save_state(left)

    done = counterfoil("status", "--json", "--data", str(tmp_path))

    told = json.loads(done.stdout)
    assert (told["state"], told["services"], told["engines"]) == ("stopped", {}, {})
    assert told.keys() >= {"gateway", "kafka", "postgres", "clickhouse", "project", "data"}
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_script_is_told_in_json_that_it_still_starts(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with folder.locked():
        folder.save_state({"state": "starting", "supervisor": 1})
        done = counterfoil("status", "--json", "--data", str(tmp_path))

    assert json.loads(done.stdout)["state"] == "starting"


def test_what_the_gateways_page_names_is_there(platform: Platform) -> None:
    with httpx.Client(base_url=platform.gateway, **PLAIN) as client:
        page = client.get("/").text
        links = re.findall(r'href="([^"]+)"', page)
        paths = {path for path in re.findall(r"<code>(/[^<]+)</code>", page) if path.count("/") > 1}

        assert {path: client.get(path).status_code for path in links} == dict.fromkeys(links, 200)
        there = {path: client.get(path).status_code for path in paths - {"/go/{campaign}"}}
        assert set(there.values()) <= {200, 401, 405}, there


def test_everything_in_the_data_folder_is_its_owners_alone(platform: Platform) -> None:
    """Postgres' data are its user's, whom root makes `nobody`; all others are the platform's."""
    folder = platform.folder.path
    postgres_data, server = folder / "postgres" / "data", platform.pid("postgres")
    assert server is not None
    postgres_user = psutil.Process(server).uids().real
    seen, open_to_others = 0, []
    inside = (Path(at) / name for at, *names in os.walk(folder) for name in chain(*names))
    for path in chain([folder], inside):
        try:
            found = path.lstat()
        except FileNotFoundError:  # a temporary file of an engine
            continue
        seen += 1
        below = path == postgres_data or postgres_data in path.parents
        if found.st_uid != (postgres_user if below else os.geteuid()):
            open_to_others.append(f"{path} belongs to {found.st_uid}")
        elif found.st_mode & 0o077 and not path.is_symlink():
            open_to_others.append(f"{path} is {stat.filemode(found.st_mode)}")

    assert open_to_others == []
    assert seen > 500


def test_a_service_that_dies_is_reported_and_started_again(platform: Platform) -> None:
    killed = platform.pid("redemption-relay")
    assert killed is not None
    before = platform.folder.state()["parts"]["redemption-relay"]["restarts"]

    os.kill(killed, signal.SIGKILL)

    gives_up = time.monotonic() + 120
    relay: dict[str, Any] = {"healthy": False, "pid": killed}
    while time.monotonic() < gives_up and not (relay["healthy"] and relay["pid"] != killed):
        relay = status(platform.folder.path)["services"]["redemption-relay"]
    assert relay["healthy"]
    assert (relay["restarts"], relay["last_exit"]) == (before + 1, "signal SIGKILL")


def test_a_folder_has_one_platform(platform: Platform) -> None:
    second = counterfoil("up", "--data", str(platform.folder.path))

    assert second.returncode == 2
    assert second.stderr.count("\n") == 1


def test_two_platforms_side_by_side_and_nothing_outlives_a_killed_one(
    platform: Platform, platform_folder: Path
) -> None:
    child = platforms.begin(platform_folder)
    beside = platforms.until_up(child, platform_folder)

    assert beside.gateway != platform.gateway
    assert status(platform.folder.path)["gateway"] == platform.gateway
    family = platforms.family(child)
    os.kill(child.pid, signal.SIGKILL)
    child.process.wait()
    assert platforms.left(family) == []
    assert not Folder(platform_folder).is_locked()

    # And the folder is good for another life: same ports, same project, data recovered.
    with platforms.running(platform_folder) as again:
        assert (again.gateway, again.project) == (beside.gateway, beside.project)


@pytest.mark.parametrize("state", ["starting", "running"])
def test_ctrl_c_half_way_leaves_no_process_and_no_port(platform_folder: Path, state: str) -> None:
    folder, child = Folder(platform_folder), platforms.begin(platform_folder)
    gives_up = time.monotonic() + platforms.UP_SECONDS
    while all(part["state"] != state for part in folder.state().get("parts", {}).values()):
        assert time.monotonic() < gives_up, child.program.tail()
        time.sleep(0.01)
    family = platforms.family(child)

    child.process.send_signal(signal.SIGINT)

    child.process.wait(timeout=120)
    assert platforms.left(family) == []
    ports = folder.state()["ports"]
    assert [name for name, port in ports.items() if not is_free(port)] == []


def test_a_start_that_fails_says_why_and_leaves_nothing(platform_folder: Path) -> None:
    child = platforms.begin(platform_folder, engines.NO_KAFKA.environment())

    code = asyncio.run(asyncio.wait_for(child.wait(), 120))

    assert code == 2
    assert "127.0.0.1" in child.program.tail(1)
    assert not Folder(platform_folder).is_locked()
    states = {part["state"] for part in Folder(platform_folder).state()["parts"].values()}
    assert states <= {"stopped", "external"}


def test_commands_say_in_one_line_that_nothing_runs(platform_folder: Path) -> None:
    for command in ("status", "topics"):
        done = counterfoil(command, "--data", str(platform_folder))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("command", ["up", "status", "down", "logs", "env", "topics"])
def test_every_command_explains_itself(command: str) -> None:
    assert command in counterfoil(command, "--help").stdout
