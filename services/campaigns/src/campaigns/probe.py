"""Composition root of the role that probes the kill switch; it needs no engine, but the gateway."""

import contextlib
from collections.abc import AsyncIterator

import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp

from campaigns.metrics import Metrics
from campaigns.probing import Probe
from campaigns.settings import ProbeSettings
from servicekit.http.health_application import health_application
from servicekit.lifecycle import background_task

ANSWER_SECONDS = 15.0  # a switch answers within five


def probe(settings: ProbeSettings) -> ASGIApp:
    """HTTP out: a campaign that is switched off and on for ever."""
    metrics = Metrics("probe")
    gateway = httpx.AsyncClient(
        base_url=settings.probe_url, timeout=ANSWER_SECONDS, trust_env=False
    )
    management = {
        "X-Management-Id": settings.management_id.get_secret_value(),
        "X-Management-Token": settings.management_token.get_secret_value(),
    }
    own = Probe(gateway, management, metrics, settings.probe_seconds)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with gateway, background_task(own.run()):
            yield

    async def last_round() -> str | None:
        return own.missing

    return health_application(
        lifespan, metrics, {"switch": last_round}, [own.heartbeat.stuck_reason]
    )
