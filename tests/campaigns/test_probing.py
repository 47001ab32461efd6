"""What the probe of the kill switch tells of a gateway that keeps its promise, or does not."""

import asyncio
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
        self.active = True
        self.made = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(f"{request.method} {path}")
        if (said := self.answer(path)) is not None:
            return said
        if path.startswith("/management/"):
            assert request.headers["X-Management-Token"] == "secret"
            return self._manage(request.method, path)
        if not self.keys.get(request.headers["X-App-Id"]):
            return httpx.Response(401, json={"key": "unauthorized"})
        return self._call(path)

    def _manage(self, method: str, path: str) -> httpx.Response:
        if method == "DELETE":
            self.keys[path.rpartition("/")[2]] = False
            return httpx.Response(204)
        if method == "GET" and path.endswith("/keys"):
            keys = [
                {"app_id": key, "revoked_at": None if works else "then"}
                for key, works in self.keys.items()
            ]
            return httpx.Response(200, json={"keys": keys})
        if method == "GET":
            return httpx.Response(200, json={"projects": self.projects})
        if path.endswith("/projects"):
            self.projects.append({"id": "proj_1", "name": NAME})
        key = f"key_{len(self.keys)}"
        self.keys[key] = True
        return httpx.Response(200, json={"app_id": key, "app_token": "secret"})

    def _call(self, path: str) -> httpx.Response:
        if path.endswith("/disable"):
            self.active = False
        elif path.endswith("/enable"):
            self.active = True
        elif path == "/v1/validations":
            return httpx.Response(200, json={"valid": self.active})
        elif path == "/v1/redemptions" and not self.active:
            return httpx.Response(400, json={"key": "campaign_inactive"})
        elif path == "/v1/campaigns" or path.endswith(f"/vouchers/{CODE}"):
            made, self.made = self.made, path != "/v1/campaigns" or self.made
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
    assert world.keys == {"key_0": False, "key_1": True}


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
