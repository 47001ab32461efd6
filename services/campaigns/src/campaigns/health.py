"""Whether this process lives, what it waits for, and what it counts."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import asyncpg
from aiokafka.client import AIOKafkaClient
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PROBE_SECONDS = 2.0
STUCK_SECONDS = 90.0

# Raises, and so says what is wrong, where the dependency does not answer.
Probe = Callable[[], Awaitable[None]]


class Progress:
    """When a loop last went round; a class because it remembers."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def beat(self) -> None:
        self._last = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        return time.monotonic() - self._last

    def stuck(self) -> str | None:
        """Say what is wrong with the loop, or None."""
        idle = self.idle_seconds
        return f"no progress for {idle:.0f} s" if idle > STUCK_SECONDS else None


def postgres_answers(pool: asyncpg.Pool) -> Probe:
    async def probe() -> None:
        await pool.fetchval("SELECT 1")

    return probe


def kafka_answers(servers: str) -> Probe:
    """Ask with a fresh connection: a connected client notices an absent broker late."""

    async def probe() -> None:
        client = AIOKafkaClient(bootstrap_servers=servers, client_id="campaigns-probe")
        try:
            await client.bootstrap()
        finally:
            await client.close()

    return probe


def routes(
    registry: CollectorRegistry,
    ready: Mapping[str, Probe],
    alive: Callable[[], str | None] = lambda: None,
) -> list[Route]:
    """Make `/livez`, `/readyz` and `/metrics`."""

    async def livez(_request: Request) -> Response:
        stuck = alive()
        body = {"alive": stuck is None, "why": stuck}
        return JSONResponse(body, 200 if stuck is None else 503)

    async def readyz(_request: Request) -> Response:
        answers = await asyncio.gather(*(_ask(probe) for probe in ready.values()))
        missing = {n: why for n, why in zip(ready, answers, strict=True) if why is not None}
        dependencies = {name: missing.get(name, "ok") for name in ready}
        body = {"ready": not missing, "dependencies": dependencies}
        return JSONResponse(body, 503 if missing else 200)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]


async def _ask(probe: Probe) -> str | None:
    # Not `wait_for`: a client whose server hangs does not let go of a cancelled call either.
    asked = asyncio.ensure_future(probe())
    await asyncio.wait({asked}, timeout=PROBE_SECONDS)
    if not asked.done():
        asked.cancel()
        asked.add_done_callback(_forget)
        return f"no answer within {PROBE_SECONDS:g} s"
    error = asked.exception()
    return None if error is None else f"{type(error).__name__}: {error}"


def _forget(asked: asyncio.Future[None]) -> None:
    if not asked.cancelled():
        asked.exception()  # seen, so that nobody complains
