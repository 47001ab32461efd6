"""Composition roots: one function per role makes what it needs and hands it down.

Each role is an ASGI application, so that each answers for its health.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Final

import asyncpg
from fastapi import FastAPI
from faststream.kafka import KafkaBroker
from starlette.applications import Starlette
from starlette.types import ASGIApp

from contracts import topics
from contracts.applied import SnapshotApplied
from contracts.campaigns import CampaignChanged
from contracts.guesses import GuessesRefused
from contracts.projects import ProjectChanged
from contracts.redemptions import RedemptionFailed, RedemptionRequested, RedemptionSucceeded
from contracts.vouchers import VoucherChanged, VouchersIssued
from redemption import definitions as definition_handlers
from redemption import handlers, snapshots
from redemption.api import openapi, redemptions
from redemption.api.crowds import Crowds
from redemption.beside import Beside
from redemption.decider import Decider
from redemption.guesses.counting import Guesses
from redemption.guesses.places import Places
from redemption.guesses.sifting import Sieve
from redemption.guesses.telling import telling
from redemption.memory import Memory
from redemption.metrics import Metrics
from redemption.projects import KnownProjects
from redemption.settings import ApiSettings, StreamSettings, WorkerSettings
from redemption.store.keys import key_stamp, load_keys
from servicekit import health
from servicekit.http.application import application, health_application
from servicekit.http.doors import Door
from servicekit.http.edge import Edge
from servicekit.http.keys import KeyTable
from servicekit.http.openapi import KEY_HEADERS
from servicekit.kafka import asyncapi
from servicekit.kafka.background_commits import BackgroundCommits
from servicekit.kafka.broker import consuming, kafka_answers, subscribing
from servicekit.kafka.consumer_health import ConsumerHealth
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.producing import Producing
from servicekit.kafka.publishing import make_idempotent_producer, publish
from servicekit.lifecycle import background_task
from servicekit.postgres.outbox import Message
from servicekit.postgres.pool import is_outage, pool, pool_lifespan, postgres_answers
from servicekit.postgres.relay_role import relay_application
from servicekit.postgres.shares import Shares

SERVICE: Final = "redemption"
CONNECTIONS: Final = 8
READS_OF_A_PROJECT: Final = 3  # of the api's: others' forecasts and look-ups find one free
DECIDING_CONNECTIONS: Final = 2  # of the api's decider alone, which does one thing at a time
WAITING_OF_A_PROJECT: Final = 1000  # half of what may wait for a decision
SESSION: Final = {
    "statement_timeout": "10s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "15s",
    # A plan from when a table was empty would scan it for ever: rows are found by their index.
    "enable_seqscan": "off",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",  # or a lone request is planned anew each time
}
LARGEST_BODY: Final = 500_000  # 500 items with three ids of 200 characters each
OUTAGE_ADVICE: Final = "send the same request again with the same Idempotency-Key"


def api(settings: ApiSettings) -> ASGIApp:
    """HTTP: needs Postgres alone, so it redeems while Kafka is away."""
    metrics = Metrics(SERVICE, "api")
    dsn = settings.postgres_dsn.get_secret_value()
    store = _pool(dsn, "api")
    # Of its own: what a project's crowd asks for keeps nobody's decision waiting for a connection.
    deciding = _pool(dsn, "api decider", DECIDING_CONNECTIONS)
    memory = Memory()
    decider, guesses = Decider(deciding, metrics, memory), Guesses()
    keys = KeyTable(partial(key_stamp, store), partial(load_keys, store))
    dependencies = redemptions.Dependencies(
        reads=Shares(store, READS_OF_A_PROJECT),
        decider=decider,
        crowds=Crowds(WAITING_OF_A_PROJECT),
        memory=memory,
        guesses=guesses,
        places=Places(guesses, memory),
        customer_key=settings.customer_id_key.get_secret_value().encode(),
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with (
            pool_lifespan(store),
            pool_lifespan(deciding),
            background_task(decider.run()),
            telling(store, guesses, metrics),
        ):
            yield

    records = asyncapi.document(
        "Counterfoil redemption",
        handlers.GROUP,
        {
            topics.REDEMPTION_REQUESTS.name: RedemptionRequested,
            topics.for_project("{project_id}"): RedemptionRequested,
            topics.REDEMPTION_REQUESTS_HISTORY.name: RedemptionRequested,
            topics.PROJECTS.name: ProjectChanged,
            topics.CAMPAIGNS.name: CampaignChanged,
            topics.VOUCHERS.name: VoucherChanged | VouchersIssued,
        },
        {
            topics.REDEMPTIONS.name: RedemptionSucceeded | RedemptionFailed,
            topics.APPLIED.name: SnapshotApplied,
            topics.GUESSES.name: GuessesRefused,
        },
    )
    app = application(SERVICE, openapi.DESCRIPTION, lifespan)
    hot = redemptions.hot(dependencies)
    app.include_router(redemptions.router(dependencies, hot), dependencies=KEY_HEADERS)
    app.router.routes.extend(asyncapi.routes(SERVICE, records))
    health.answer(app, metrics, {"postgres": postgres_answers(store)}, [decider.stuck_reason])
    app.openapi = openapi.describing(app)  # type: ignore[method-assign]  # as FastAPI documents it
    return Edge(
        app,
        metrics,
        is_outage,
        outage_advice=OUTAGE_ADVICE,
        doors=[Door("/v1/", keys.admits(redemptions.SCOPE), LARGEST_BODY)],
        hot=hot,
    )


def worker(settings: WorkerSettings) -> ASGIApp:
    """Kafka in: requests."""
    metrics = Metrics(SERVICE, "worker")
    kafka = settings.kafka
    store = _pool(settings.postgres_dsn.get_secret_value(), "worker")
    memory, guesses = Memory(), Guesses()
    decider = Decider(store, metrics, memory, with_bodies=False)  # the answer is the outcome
    dead_letters = DeadLetters(kafka, handlers.GROUP, metrics)
    commits = BackgroundCommits()
    consumers = ConsumerHealth(metrics, kafka_answers(kafka))
    dependencies = handlers.Dependencies(
        decider=decider,
        sieve=Sieve(store, memory, guesses),
        projects=KnownProjects(store),
        dead_letters=dead_letters,
        commits=commits,
        customer_key=settings.customer_id_key.get_secret_value().encode(),
    )

    def subscribed() -> KafkaBroker:
        return subscribing(kafka, handlers.router(), dependencies=dependencies)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with (
            pool_lifespan(store),
            background_task(decider.run()),
            telling(store, guesses, metrics),
            consuming(subscribed, consumers, dead_letters),
            commits.running(),
        ):
            yield

    return health_application(
        lifespan,
        metrics,
        {"postgres": postgres_answers(store), "kafka": consumers.probe},
        [decider.stuck_reason, consumers.stuck_reason],
    )


def definitions(settings: StreamSettings) -> ASGIApp:
    """Kafka in: snapshots, in a process that no request can stop."""
    metrics = Metrics(SERVICE, "definitions")
    kafka = settings.kafka
    store = _pool(settings.postgres_dsn.get_secret_value(), "definitions")
    dead_letters = DeadLetters(kafka, handlers.GROUP, metrics)
    consumers = ConsumerHealth(metrics, kafka_answers(kafka))
    producing = Producing(partial(make_idempotent_producer, kafka))

    async def report(messages: Sequence[Message]) -> None:
        async with producing.lent() as producer:
            await publish(producer, messages)
        metrics.published.inc(len(messages))

    beside = Beside(partial(snapshots.enforce, store, report), definition_handlers.is_outage)
    dependencies = definition_handlers.Dependencies(store, report, beside, dead_letters)

    def subscribed() -> KafkaBroker:
        return subscribing(kafka, definition_handlers.router(), dependencies=dependencies)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with (
            pool_lifespan(store),
            contextlib.AsyncExitStack() as stack,
            beside.running(),
            consuming(subscribed, consumers, dead_letters),
        ):
            stack.push_async_callback(producing.stop)
            yield

    probes = {"postgres": postgres_answers(store), "kafka": consumers.probe}
    return health_application(lifespan, metrics, probes, [consumers.stuck_reason])


def relay(settings: StreamSettings) -> ASGIApp:
    """Kafka out: the outbox."""
    return relay_application(
        settings.postgres_dsn.get_secret_value(),
        settings.kafka,
        Metrics(SERVICE, "relay"),
    )


def _pool(dsn: str, role: str, size: int = CONNECTIONS) -> asyncpg.Pool:
    return pool(dsn, f"{SERVICE} {role}", size, SESSION)
