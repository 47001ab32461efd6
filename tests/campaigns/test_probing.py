"""What the probe of the kill switch tells of a gateway that keeps its promise, or does not."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from kit.patience import until_true

from campaigns.metrics import Metrics
from campaigns.probing import CODE, NAME, FailedError, Probe

MANAGEMENT = {"X-Management-Id": "operator", "X-Management-Token": "secret"}


class World:
    """A gateway that remembers what was asked of it; `answer` says otherwise, or nothing."""

    def __init__(self, answer: Callable[[str], httpx.Response | None] = lambda _path: None) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.projects: list[dict[str, Any]] = []
        self.keys: dict[str, bool] = {}
        self.shown: dict[str, tuple[str, dict[str, Any]]] = {}  # each key's project, and the key
        self.active = False
        self.campaign = self.code = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(f"{request.method} {path}")
        if (said := self.answer(path)) is not None:
            return said
        if path.startswith("/management/"):
            assert request.headers["X-Management-Token"] == "secret"
            return self._manage(request.method, path, json.loads(request.content or b"{}"))
        if not self.keys.get(request.headers.get("X-App-Id", "")):
            return httpx.Response(401, json={"key": "unauthorized"})
        return self._call(path, json.loads(request.content or b"{}"))

    def key(self, project: str, name: str, by: str = "operator") -> str:
        """Give a project a key."""
        key = f"key_{len(self.keys)}"
        self.keys[key] = True
        self.shown[key] = project, {"app_id": key, "name": name, "created_by": {"kind": by}}
        return key

    def _manage(self, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        if method == "DELETE":
            self.keys[path.rpartition("/")[2]] = False
            return httpx.Response(204)
        if method == "GET" and path.endswith("/keys"):
            keys = [
                key | {"revoked_at": None if self.keys[id_] else "then"}
                for id_, (project, key) in self.shown.items()
                if f"/{project}/" in path
            ]
            return httpx.Response(200, json={"keys": keys})
        if method == "GET":
            return httpx.Response(200, json={"projects": self.projects})
        if path.endswith("/projects"):
            made = {"id": f"proj_{len(self.projects)}", "name": body["name"]}
            self.projects.append(made)
            key = self.key(made["id"], "First key")
            return httpx.Response(200, json=made | {"app_id": key, "app_token": "secret"})
        key = self.key(path.split("/")[4], body["name"])
        return httpx.Response(200, json={"app_id": key, "app_token": "secret"})

    def _call(self, path: str, body: dict[str, Any]) -> httpx.Response:
        if path.endswith("/disable"):
            self.active = False
        elif path.endswith("/enable"):
            if not self.code:
                return httpx.Response(404, json={"key": "not_found"})
            self.active = True
        elif path == "/v1/validations":
            return httpx.Response(200, json={"valid": self.active})
        elif path == "/v1/redemptions" and not self.active:
            return httpx.Response(400, json={"key": "campaign_inactive"})
        elif path == "/v1/campaigns":
            made, self.campaign = self.campaign, True
            self.active = self.active if made else body.get("active", True)
            return httpx.Response(409 if made else 200, json={"key": "duplicate_found"})
        elif path.endswith(f"/vouchers/{CODE}"):
            made, self.code = self.code, True
            return httpx.Response(409 if made else 200, json={"key": "duplicate_found"})
        return httpx.Response(200, json={})


@asynccontextmanager
async def probing(world: World) -> AsyncIterator[tuple[Probe, Metrics]]:
    metrics = Metrics("probe")
    transport = httpx.MockTransport(world)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as gateway:
        yield Probe(gateway, MANAGEMENT, metrics, every_seconds=0), metrics


def counted(metrics: Metrics, sample: str) -> float:
    found = re.search(rf"^{sample}[^\n]* ([\d.e+]+)$", metrics.page().decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


async def test_a_round_switches_off_tries_and_measures_between_both() -> None:
    world = World()
    async with probing(world) as (probe, metrics):
        await probe.go_round()
        first = len(world.asked)
        await probe.go_round()

    assert world.asked[first:] == [
        f"POST /v1/campaigns/{NAME}/enable",
        "POST /v1/validations",
        f"POST /v1/campaigns/{NAME}/disable",
        "POST /v1/redemptions",
    ]
    assert counted(metrics, "switch_probe_seconds_count") == 2
    assert counted(metrics, "switch_probe_last_success_timestamp_seconds") > 0


async def test_one_that_starts_anew_finds_its_project_and_revokes_its_old_key() -> None:
    world = World()
    for _ in range(2):
        async with probing(world) as (probe, _metrics):
            await probe.go_round()

    assert len(world.projects) == 1
    assert world.keys == {"key_0": False, "key_1": False, "key_2": True}


@pytest.mark.parametrize(
    ("name", "by"), [("Checkout", "user"), ("First key", "operator"), (NAME, "user")]
)
async def test_a_project_of_the_same_name_with_a_key_of_its_own_is_left_alone(
    name: str, by: str
) -> None:
    world = World()
    world.projects.append({"id": "proj_shop", "name": NAME})
    world.key("proj_shop", NAME)
    theirs = world.key("proj_shop", name, by)

    async with probing(world) as (probe, _metrics):
        await probe.go_round()

    assert world.keys[theirs]
    assert [each["id"] for each in world.projects] == ["proj_shop", "proj_1"]
    assert not [each for each in world.asked if "proj_shop" in each and "GET" not in each]


async def test_a_project_of_the_same_name_without_a_key_is_left_alone() -> None:
    world = World()
    world.projects.append({"id": "proj_shop", "name": NAME})

    async with probing(world) as (probe, _metrics):
        await probe.go_round()

    assert {project for project, _key in world.shown.values()} == {"proj_1"}


@pytest.mark.parametrize("path", ["/v1/campaigns", f"/vouchers/{CODE}", "/keys"])
async def test_a_first_round_that_fails_half_way_is_finished_by_the_next(path: str) -> None:
    world = World(at(path, 503, key="service_unavailable"))
    async with probing(world) as (probe, _metrics):
        with pytest.raises(FailedError):
            await probe.go_round()
        assert not world.active
        world.answer = lambda _path: None
        await probe.go_round()

    assert len(world.projects) == 1


@pytest.mark.parametrize("failing", ["/validations", "/enable"])
async def test_it_is_off_after_a_round_that_failed(failing: str) -> None:
    world = World()
    async with probing(world) as (probe, _metrics):
        await probe.go_round()
        world.answer = at(failing, 503, key="service_unavailable")
        world.active = True
        with pytest.raises(FailedError, match="503"):
            await probe.go_round()

    assert not world.active


async def test_a_revoked_key_is_replaced_by_the_round_after() -> None:
    world = World()
    async with probing(world) as (probe, _metrics):
        await probe.go_round()
        world.keys = dict.fromkeys(world.keys, False)
        with pytest.raises(FailedError):
            await probe.go_round()
        await probe.go_round()


def unanswered(_path: str) -> httpx.Response:
    raise httpx.ConnectError("nobody")


def at(path: str, status: int, **body: Any) -> Callable[[str], httpx.Response | None]:
    return lambda asked: httpx.Response(status, json=body) if asked.endswith(path) else None


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (at("/redemptions", 200), "redeemed_afterwards"),
        (at("/redemptions", 404, key="not_found"), "refused"),
        (at("/redemptions", 503, key="service_unavailable"), "refused"),
        (at("/disable", 503, key="not_enforced_yet"), "refused"),
        (at("/management/v1/projects", 401, key="unauthorized"), "refused"),
        (at("/validations", 200, valid=False), "not_live"),
        (unanswered, "unanswered"),
    ],
)
async def test_what_goes_wrong_is_told_by_how_and_the_probe_goes_on(
    answer: Callable[[str], httpx.Response | None], failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.probing.LIVE_SECONDS", 0)
    world = World(answer)
    async with probing(world) as (probe, metrics):
        running = asyncio.create_task(probe.run())
        await until_true(lambda: counted(metrics, "switch_probe_failures_total") >= 2)
        assert probe.missing is not None
        assert f'switch_probe_failures_total{{failure="{failure}"' in metrics.page().decode()
        assert counted(metrics, "switch_probe_seconds_count") == 0
        world.answer = lambda _path: None
        await until_true(lambda: probe.missing is None)
        running.cancel()
    assert counted(metrics, "switch_probe_seconds_count") >= 1
