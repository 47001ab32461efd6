"""Composition roots, one per role: what each process is made of."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from fastapi import FastAPI
from faststream import ContextRepo
from faststream.kafka import KafkaBroker
from faststream.specification import AsyncAPI
from faststream.specification.asyncapi.site import get_asyncapi_html
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from campaigns import dead_letters, handlers, health
from campaigns.api.access import Dependencies
from campaigns.api.edge import Edge
from campaigns.api.errors import HANDLERS
from campaigns.campaigns import api as campaigns
from campaigns.categories import api as categories
from campaigns.issuing import api as issuing
from campaigns.issuing import worker as issue_worker
from campaigns.lifecycle import STOP_SECONDS, bounded, running, until_started
from campaigns.metrics import Metrics
from campaigns.outbox import Relay
from campaigns.partners import api as partners
from campaigns.projects import api as projects
from campaigns.propagation.waiter import PropagationWaiter
from campaigns.settings import ApiSettings, StreamSettings
from campaigns.store import connecting
from campaigns.visits import api as visits
from campaigns.vouchers import api as vouchers
from campaigns.watching import Watch

API_CONNECTIONS = 10
WORKER_CONNECTIONS = 3

DESCRIPTION = "Projects, partners, campaigns and their codes; in the manner of Voucherify's API."


@dataclass(frozen=True, slots=True)
class Waits:
    """How long callers wait: for a kill switch to be applied, and for any other change.

    And for a revoked key to be forgotten: redemption remembers one for a second, analytics for two.
    """

    deadline_seconds: float = 5.0
    patience_seconds: float = 1.0
    key_memory_seconds: float = 2.0


def api(settings: ApiSettings, waits: Waits = Waits()) -> FastAPI:
    """HTTP, and the bulk issues that it starts: needs Postgres alone."""
    metrics = Metrics()
    pool = connecting.pool(settings.postgres_dsn.get_secret_value(), API_CONNECTIONS)
    deps = Dependencies(
        pool=pool,
        propagation=PropagationWaiter(pool, waits.deadline_seconds, waits.patience_seconds),
        job_started=asyncio.Event(),
        key_memory_seconds=waits.key_memory_seconds,
        customer_key=settings.customer_id_key.get_secret_value().encode(),
        management_id=settings.management_id,
        management_token=settings.management_token,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with (
            connecting.opened(pool),
            running(deps.propagation.run()),
            running(issue_worker.run(pool, deps.job_started, metrics)),
        ):
            yield

    app = FastAPI(
        title="Counterfoil campaigns",
        version="1",
        description=DESCRIPTION,
        docs_url="/docs/campaigns",
        openapi_url="/openapi/campaigns.json",
        redoc_url=None,
        redirect_slashes=False,  # a client that is redirected loses its body
        strict_content_type=False,  # not every client names the type of what it sends
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.state.dependencies = deps
    for resource in (projects, partners, categories, campaigns, issuing, vouchers, visits):
        app.include_router(resource.router)
    app.router.routes += health.routes(
        metrics.registry, {"postgres": health.postgres_answers(pool)}
    )
    app.add_middleware(Edge, metrics=metrics)
    return app


def worker(settings: StreamSettings) -> Starlette:
    """Kafka in: what redemption enforces, and how often codes are used."""
    metrics = Metrics()
    servers = settings.kafka_bootstrap_servers
    pool = connecting.pool(settings.postgres_dsn.get_secret_value(), WORKER_CONNECTIONS)
    watch = Watch()

    def broker(producer: AIOKafkaProducer | None = None) -> KafkaBroker:
        deps = handlers.Dependencies(pool, producer, metrics, watch)
        return KafkaBroker(
            servers,
            routers=[handlers.router()],
            context=ContextRepo({"dependencies": deps}),
            consumer_only=True,
            allow_auto_create_topics=False,
            graceful_timeout=STOP_SECONDS - 2,
            logger=None,
        )

    async def consume(stack: contextlib.AsyncExitStack) -> None:
        producer = await until_started(lambda: dead_letters.producer(servers))
        stack.push_async_callback(lambda: bounded(producer.stop()))
        consumer = await until_started(lambda: broker(producer))
        stack.push_async_callback(lambda: bounded(consumer.stop()))
        watch.broker = consumer

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with (
            connecting.opened(pool),
            contextlib.AsyncExitStack() as stack,
            running(consume(stack)),
        ):
            yield

    async def asyncapi(_request: Request) -> HTMLResponse:
        page = AsyncAPI(broker(), title="Counterfoil campaigns").to_specification()
        return HTMLResponse(get_asyncapi_html(page, try_it_out_path=None))

    probes = {
        "postgres": health.postgres_answers(pool),
        "kafka": health.kafka_answers(servers),
    }
    routes = health.routes(metrics.registry, probes, watch.stuck)
    return Starlette(routes=[*routes, Route("/asyncapi/campaigns", asyncapi)], lifespan=lifespan)


def relay(settings: StreamSettings) -> Starlette:
    """Kafka out: the outbox."""
    metrics = Metrics()
    dsn = settings.postgres_dsn.get_secret_value()
    servers = settings.kafka_bootstrap_servers
    moving = Relay(dsn, servers, metrics)
    pool = connecting.pool(dsn, 1)  # to ask whether Postgres answers; the relay has its own

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with connecting.opened(pool), running(moving.run()) as task:
            yield
            moving.stop()
            await asyncio.wait([task], timeout=STOP_SECONDS)

    probes = {
        "postgres": health.postgres_answers(pool),
        "kafka": health.kafka_answers(servers),
    }
    routes = health.routes(metrics.registry, probes, moving.progress.stuck)
    return Starlette(routes=routes, lifespan=lifespan)
