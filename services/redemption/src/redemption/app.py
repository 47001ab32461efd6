"""Composition roots: one function per role makes what it needs and hands it down.

Each role is an ASGI application, so that each answers for its health. A task that ends by itself is
a bug: it ends the process, whose supervisor starts it again from the last commit.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
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

from redemption import dead_letters, handlers, health
from redemption.api import openapi, redemptions
from redemption.api.edge import HANDLERS, Edge
from redemption.api.keys import Keys
from redemption.consuming import die_of_what_cannot_be_fetched
from redemption.decider import Decider
from redemption.lifecycle import STOP_SECONDS, bounded, opened, running, until_started
from redemption.metrics import Metrics
from redemption.outbox import Relay
from redemption.settings import ApiSettings, RelaySettings, WorkerSettings
from redemption.watching import Watch

NEW_TOPICS_WITHIN_MS = 5_000  # how soon a vendor's new topic is noticed


def api(settings: ApiSettings) -> FastAPI:
    """HTTP: needs Postgres alone, so it redeems while Kafka is away."""
    metrics = Metrics()
    pool = _pool(settings.postgres_dsn.get_secret_value(), "redemption api")
    decider = Decider(pool, metrics)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with opened(pool), running(decider.run()):
            yield

    app = FastAPI(
        title="Counterfoil redemption",
        version="1",
        description=openapi.DESCRIPTION,
        docs_url="/docs/redemption",
        openapi_url="/openapi/redemption.json",
        redoc_url=None,
        lifespan=lifespan,
        exception_handlers=HANDLERS,
    )
    tools = redemptions.Tools(
        pool, decider, Keys(pool), settings.customer_id_key.get_secret_value().encode()
    )
    app.include_router(
        redemptions.router(tools), dependencies=openapi.KEY_HEADERS, responses=openapi.ERRORS
    )
    app.router.routes += health.routes(
        metrics.registry, {"postgres": health.postgres_answers(pool)}, decider.stuck
    )
    app.openapi = openapi.describe(app)  # type: ignore[method-assign]  # as FastAPI documents it
    app.add_middleware(Edge)
    return app


def worker(settings: WorkerSettings) -> Starlette:
    """Kafka in: requests and snapshots."""
    metrics = Metrics()
    pool = _pool(settings.postgres_dsn.get_secret_value(), "redemption worker")
    decider = Decider(pool, metrics)
    watch = Watch()
    waiting = {"kafka": "not connected yet"}
    answering = health.kafka_answers(settings.kafka_bootstrap_servers)

    def dead_letter_producer() -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=settings.kafka_bootstrap_servers,
            acks="all",  # not idempotent: a letter that is too large would leave it stuck for good
            compression_type="lz4",
            max_request_size=dead_letters.LARGEST_REQUEST,
        )

    def tools(producer: AIOKafkaProducer | None = None) -> handlers.Tools:
        key = settings.customer_id_key.get_secret_value().encode()
        return handlers.Tools(decider, pool, producer, metrics, key)

    async def consume(stack: contextlib.AsyncExitStack) -> None:
        producer = await until_started(dead_letter_producer, waiting)
        stack.push_async_callback(lambda: bounded(producer.stop()))
        broker = await until_started(
            lambda: subscribing(settings.kafka_bootstrap_servers, tools(producer)), waiting
        )
        stack.push_async_callback(lambda: bounded(broker.stop()))
        watch.broker = broker
        waiting.clear()

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with (
            opened(pool),
            running(decider.run()),
            contextlib.AsyncExitStack() as stack,
            running(consume(stack)),
        ):
            yield

    async def kafka() -> str | None:
        return waiting.get("kafka") or await answering()

    async def asyncapi(_request: Request) -> HTMLResponse:
        broker = subscribing(settings.kafka_bootstrap_servers, tools())
        page = AsyncAPI(broker, title="Counterfoil redemption").to_specification()
        return HTMLResponse(get_asyncapi_html(page, try_it_out_path=None))

    probes = {"postgres": health.postgres_answers(pool), "kafka": kafka}
    routes = health.routes(metrics.registry, probes, lambda: decider.stuck() or watch.stuck())
    return Starlette(routes=[*routes, Route("/asyncapi/redemption", asyncapi)], lifespan=lifespan)


def subscribing(servers: str, tools: handlers.Tools) -> KafkaBroker:
    """Make the worker's subscriptions, not started yet."""
    broker = KafkaBroker(
        servers,
        routers=[handlers.router()],
        context=ContextRepo({"tools": tools}),
        allow_auto_create_topics=False,  # or a misspelt name would become a topic
        metadata_max_age_ms=NEW_TOPICS_WITHIN_MS,
        graceful_timeout=STOP_SECONDS - 2,
        logger=None,
    )
    die_of_what_cannot_be_fetched(broker)
    return broker


def relay(settings: RelaySettings) -> Starlette:
    """Kafka out: the outbox."""
    metrics = Metrics()
    answering = health.kafka_answers(settings.kafka_bootstrap_servers)
    dsn = settings.postgres_dsn.get_secret_value()
    moving = Relay(dsn, settings.kafka_bootstrap_servers, metrics)
    pool = _pool(dsn, "redemption relay's probe")  # the relay has a connection of its own

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with opened(pool), running(moving.run()) as task:
            yield
            moving.stop()
            await asyncio.wait([task], timeout=STOP_SECONDS)

    # Asked anew: an idle relay asks Kafka nothing, a busy one learns late that somebody is away,
    # and from a Postgres that hangs it learns nothing at all.
    answers = health.postgres_answers(pool)

    async def postgres() -> str | None:
        return moving.missing.get("postgres") or await answers()

    async def kafka() -> str | None:
        return moving.missing.get("kafka") or await answering()

    probes = {"postgres": postgres, "kafka": kafka}
    return Starlette(routes=health.routes(metrics.registry, probes), lifespan=lifespan)


def _pool(dsn: str, name: str) -> asyncpg.Pool:
    return asyncpg.create_pool(
        dsn,
        min_size=0,  # an absent server delays requests, not the start
        max_size=8,
        command_timeout=15,
        timeout=5,
        server_settings={
            "application_name": name,
            "statement_timeout": "10s",
            "lock_timeout": "2s",
            "idle_in_transaction_session_timeout": "15s",
            "enable_seqscan": "off",  # a plan from when a table was empty would scan it for ever
            "jit": "off",
        },
    )
