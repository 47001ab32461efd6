"""What a supervisor asks, and what it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace

import httpx
import pytest
from kit.patience import until_true
from starlette.applications import Starlette

from servicekit import health
from servicekit.health import Heartbeat, Probe, StuckReason
from servicekit.metrics import Metrics


async def well() -> str | None:
    return None


async def broken() -> str | None:
    raise ConnectionRefusedError("nobody listens")


async def hanging() -> str | None:
    await asyncio.sleep(60)
    return None


async def ask(
    path: str, ready: dict[str, Probe], alive: Sequence[StuckReason] = ()
) -> httpx.Response:
    app = Starlette()
    health.answer(app, Metrics("kit", "test"), ready, alive)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kit") as client:
        return await client.get(path)


async def test_ready_when_everything_answers() -> None:
    answer = await ask("/readyz", {"kafka": well, "postgres": well})

    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "dependencies": {"kafka": "ok", "postgres": "ok"}}


async def test_what_is_missing_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.05)

    answer = await ask("/readyz", {"kafka": broken, "postgres": hanging, "clickhouse": well})

    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "dependencies": {
            "kafka": "ConnectionRefusedError: nobody listens",
            "postgres": "no answer within 0.05 s",
            "clickhouse": "ok",
        },
    }


async def test_alive_says_what_is_stuck() -> None:
    assert (await ask("/livez", {})).json() == {"alive": True, "why": None}

    answer = await ask("/livez", {}, [lambda: None, lambda: "the relay", lambda: "the reader"])

    assert answer.status_code == 503
    assert answer.json() == {"alive": False, "why": "the relay; the reader"}


def test_a_loop_is_stuck_when_it_went_round_too_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=lambda: now))
    heartbeat = Heartbeat("the loop", stuck_seconds=20)
    now += 20
    assert heartbeat.stuck_reason() is None
    now += 1
    assert heartbeat.stuck_reason() == "the loop: no progress for 21 s"
    heartbeat.beat()
    assert heartbeat.stuck_reason() is None


async def test_the_event_loop_beats_and_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LOOP_LOOK_SECONDS", 0.01)
    metrics, heartbeat = Metrics("kit", "test"), Heartbeat("event loop")
    beats = watched_beats(monkeypatch)

    watching = asyncio.create_task(health.watch_event_loop(metrics, heartbeat))
    await until_true(lambda: len(beats) > 2)

    assert "event_loop_lag_seconds" in metrics.page().decode()
    watching.cancel()


async def test_every_application_watches_its_event_loop_while_it_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "LOOP_LOOK_SECONDS", 0.01)
    steps = []

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, str]]:
        steps.append("started")
        yield {"made": "by the service"}
        steps.append("stopped")

    metrics, app = Metrics("kit", "test"), Starlette(lifespan=lifespan)
    health.answer(app, metrics, {}, [])
    beats = watched_beats(monkeypatch)

    async with app.router.lifespan_context(app) as state:
        await until_true(lambda: len(beats) > 2)
    beaten = len(beats)
    await asyncio.sleep(0.05)

    assert (steps, state) == (["started", "stopped"], {"made": "by the service"})
    assert "event_loop_lag_seconds" in metrics.page().decode()
    assert beaten == len(beats)


def watched_beats(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    beats: list[None] = []
    monkeypatch.setattr(Heartbeat, "beat", lambda _: beats.append(None))
    return beats


async def test_an_event_loop_that_stood_still_is_told_beside_what_else_is_stuck(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Heartbeat, "stuck_reason", lambda _: "the loop")

    answer = await ask("/livez", {}, [lambda: "the reader"])

    assert answer.json() == {"alive": False, "why": "the loop; the reader"}
