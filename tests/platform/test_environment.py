"""`counterfoil env`: enough to run a role by hand, and one line where that cannot be."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from kit.commands import counterfoil, counterfoil_process
from kit.plain_http import PLAIN

from counterfoil.platform import Platform
from counterfoil.services import PROBE, ROLES

LISTENS_SECONDS = 60.0


@pytest.mark.parametrize("role", ["redemption-worker", "campaigns", PROBE.name])
def test_a_role_runs_by_hand_from_what_is_printed(platform: Platform, role: str) -> None:
    data = str(platform.folder.path)
    [found] = [each for each in (*ROLES, PROBE) if each.name == role]
    command = f'eval "$({sys.executable} -m counterfoil env {role} --data {data})" && exec '
    command += f"{sys.executable} -m {found.service} {found.command}"
    port_variable = f"{found.service.upper()}_PORT"
    script = command.replace("exec ", f"echo ${port_variable} && exec ", 1)
    bare = {"PATH": os.environ["PATH"]}
    with subprocess.Popen(
        ["/bin/sh", "-c", script], env=bare, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            assert until_ready(f"http://127.0.0.1:{port}/readyz", process)
        finally:
            process.terminate()


def until_ready(url: str, process: subprocess.Popen[str]) -> bool:
    gives_up = time.monotonic() + LISTENS_SECONDS
    while time.monotonic() < gives_up and process.poll() is None:
        try:
            if httpx.get(url, **PLAIN, timeout=5).is_success:
                return True
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    return False


def test_a_script_reads_the_same_as_json(platform: Platform) -> None:
    data = str(platform.folder.path)

    told = json.loads(counterfoil("env", "redemption-relay", "--json", "--data", data).stdout)

    own_port = platform.services["redemption-relay"].rpartition(":")[2]
    assert told.pop("REDEMPTION_PORT") != own_port
    assert told == {
        "REDEMPTION_POSTGRES_DSN": platform.postgres["redemption"],
        **platform.principals["redemption"].environment(),
        "REDEMPTION_HOST": "127.0.0.1",
    }


@pytest.mark.parametrize(
    ("role", "user"), [("analytics", "analytics_api"), ("analytics-worker", "analytics_worker")]
)
def test_each_role_of_analytics_has_a_way_of_its_own_into_clickhouse(
    platform: Platform, role: str, user: str
) -> None:
    data = str(platform.folder.path)

    told = json.loads(counterfoil("env", role, "--json", "--data", data).stdout)

    assert urlsplit(told["CLICKHOUSE_URL"]).username == user
    assert platform.clickhouse not in told.values()  # the owner's


def test_who_is_no_service_is_told_how_to_come_into_kafka(platform: Platform) -> None:
    data = str(platform.folder.path)

    told = json.loads(counterfoil("env", "checkout", "--json", "--data", data).stdout)

    assert told == platform.principals["checkout"].environment()
    assert told["KAFKA_USERNAME"] == "checkout"


def test_an_unknown_role_is_told_the_known_ones_in_one_line(platform_folder: Path) -> None:
    done = counterfoil("env", "redemption-cook", "--data", str(platform_folder))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert all(role.name in done.stderr for role in (*ROLES, PROBE))


def test_where_nothing_runs_that_is_said_in_one_line(platform_folder: Path) -> None:
    done = counterfoil("env", "redemption-worker", "--data", str(platform_folder))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("arguments", [["env"], ["env", "--nonsense"], ["nonsense"]])
def test_what_is_no_command_is_refused_in_one_line(arguments: list[str]) -> None:
    done = counterfoil(*arguments)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.process
def test_a_process_ends_as_its_command_does() -> None:
    done = counterfoil_process("nonsense")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
