"""Composition roots: what each role is made of. The only place that knows every part."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from analytics import asyncapi, health, settings
from analytics import worker as consumers
from analytics.api import errors, reports
from analytics.api.requests import Accounted
from analytics.dead_letters import DeadLetters
from analytics.ingest import Ingestion
from analytics.keyring import Keyring
from analytics.metrics import Metrics
from analytics.store import Warehouse
from analytics.watch import Watch
from analytics.worker import Fate

log = structlog.get_logger()


def api(given: settings.Api) -> ASGIApp:
    """HTTP: reports, their OpenAPI page, health. Needs ClickHouse and nothing else."""
    warehouse, metrics = Warehouse(given.clickhouse_url), Metrics()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await warehouse.close()

    app = FastAPI(
        title="Counterfoil analytics",
        version="1",
        description="What each partner earned. Amounts are in minor units, instants in UTC.",
        docs_url="/docs/analytics",
        redoc_url=None,
        openapi_url="/openapi/analytics.json",
        lifespan=lifespan,
    )
    app.state.warehouse, app.state.keyring = warehouse, Keyring()
    app.include_router(reports.router)
    app.router.routes.extend(health.routes({"clickhouse": warehouse.check}, lambda: None, metrics))
    errors.install(app)
    return Accounted(app, metrics)


def worker(given: settings.Worker, fate: Fate) -> ASGIApp:
    """Kafka to ClickHouse, with health and the AsyncAPI page over HTTP."""
    warehouse, metrics = Warehouse(given.clickhouse_url), Metrics()
    dead_letters = DeadLetters(given.kafka_bootstrap_servers)
    ingestion = Ingestion(warehouse, dead_letters, metrics)
    watch = Watch(metrics)
    page = asyncapi.page(given.kafka_bootstrap_servers)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        tasks = [
            _guarded(consumers.consume(given, ingestion, watch, fate), fate),
            _guarded(watch.run(), fate),
        ]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await dead_letters.stop()
        await warehouse.close()

    async def asyncapi_page(_request: Request) -> Response:
        return HTMLResponse(page)

    checks = {"clickhouse": warehouse.check, "kafka": watch.kafka}
    return Starlette(
        routes=[
            *health.routes(checks, watch.standstill, metrics),
            Route("/asyncapi/analytics", asyncapi_page, methods=["GET"]),
        ],
        lifespan=lifespan,
    )


def _guarded(work: Coroutine[Any, Any, None], fate: Fate) -> asyncio.Task[None]:
    """Run it beside everything else; should it break, the process ends instead of living on."""

    def look(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("giving up", exc_info=error)
            fate.give_up()

    task = asyncio.create_task(work)
    task.add_done_callback(look)
    return task
