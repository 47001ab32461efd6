"""Whether this process lives, what it waits for, and what it counts."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import asyncpg
from aiokafka.client import AIOKafkaClient
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PROBE_SECONDS = 2.0

# Raises, or returns what is wrong; None where the dependency answers.
Probe = Callable[[], Awaitable[str | None]]


def postgres_answers(pool: asyncpg.Pool) -> Probe:
    async def probe() -> str | None:
        await pool.fetchval("SELECT 1")
        return None

    return probe


def kafka_answers(servers: str) -> Probe:
    """Ask with a fresh connection: a connected client notices an absent broker late."""

    async def probe() -> str | None:
        client = AIOKafkaClient(bootstrap_servers=servers, client_id="redemption-probe")
        try:
            await client.bootstrap()
        finally:
            await client.close()
        return None

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
    return asked.result() if error is None else f"{type(error).__name__}: {error}"


def _forget(asked: asyncio.Future[str | None]) -> None:
    if not asked.cancelled():
        asked.exception()  # seen, so that nobody complains
