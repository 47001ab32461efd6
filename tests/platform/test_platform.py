"""The whole platform as a user handles it. Each platform started here takes some ten seconds."""

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from kit import engines, platforms
from kit.commands import counterfoil

from counterfoil.folder import Folder
from counterfoil.platform import Platform
from counterfoil.ports import is_free

pytestmark = pytest.mark.process

SERVICES = {
    "campaigns",
    "campaigns-worker",
    "campaigns-relay",
    "redemption",
    "redemption-worker",
    "redemption-relay",
    "analytics",
    "analytics-worker",
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


def test_the_first_projects_keys_open_the_gateway(platform: Platform) -> None:
    keys = {"X-App-Id": platform.project["app_id"], "X-App-Token": platform.project["app_token"]}

    answer = httpx.get(f"{platform.gateway}/v1/campaigns", headers=keys, trust_env=False)
    refused = httpx.get(f"{platform.gateway}/v1/campaigns", trust_env=False)

    assert (answer.status_code, refused.status_code) == (200, 401)


def test_secrets_are_for_their_owner_alone(platform: Platform) -> None:
    for name in ("secrets.json", "platform.json"):
        assert (platform.folder.path / name).stat().st_mode & 0o077 == 0


def test_a_service_that_dies_is_reported_and_started_again(platform: Platform) -> None:
    killed = platform.pid("redemption-relay")
    assert killed is not None
    before = platform.folder.state()["parts"]["redemption-relay"]["restarts"]

    os.kill(killed, signal.SIGKILL)

    gives_up = time.monotonic() + 60
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

    child.process.wait(timeout=60)
    assert platforms.left(family) == []
    ports = folder.state()["ports"]
    assert [name for name, port in ports.items() if not is_free(port)] == []


def test_a_start_that_fails_says_why_and_leaves_nothing(platform_folder: Path) -> None:
    child = platforms.begin(platform_folder, engines.NO_KAFKA.environment())

    code = asyncio.run(asyncio.wait_for(child.wait(), 60))

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
