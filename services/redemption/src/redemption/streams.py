"""Composition roots of the roles that read Kafka: each makes what it needs and hands it down.

Each is an ASGI application, so that it answers for its health.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from functools import partial

from faststream.kafka import KafkaBroker
from starlette.applications import Starlette
from starlette.types import ASGIApp

from redemption import definitions as definition_handlers
from redemption import handlers
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.connections import store_pool
from redemption.guesses.counting import Guesses
from redemption.guesses.sifting import Sieve
from redemption.guesses.telling import telling
from redemption.kafka import order_records
from redemption.kafka.answers import Answers
from redemption.kafka.beside import Beside
from redemption.kafka.projects import KnownProjects
from redemption.loading.memory import Memory
from redemption.metrics import Metrics
from redemption.orders.overdue import roll_back_for_ever
from redemption.settings import GROUP, SERVICE, StreamSettings, WorkerSettings
from servicekit.http.health_application import health_application
from servicekit.kafka.answering import kafka_answers
from servicekit.kafka.background_commits import BackgroundCommits
from servicekit.kafka.broker import consuming, subscribing
from servicekit.kafka.consumer_health import ConsumerHealth
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.producing import Producing
from servicekit.kafka.publishing import make_idempotent_producer, publish
from servicekit.lifecycle import background_task
from servicekit.postgres.outbox import Message
from servicekit.postgres.pool import pool_lifespan, postgres_answers


def worker(settings: WorkerSettings) -> ASGIApp:
    """Kafka in: requests, and what shops tell of their orders."""
    metrics = Metrics(SERVICE, "worker")
    kafka = settings.kafka
    store = store_pool(settings.postgres_dsn.get_secret_value(), "worker")
    memory, guesses = Memory(), Guesses()
    decider = Decider(store, metrics, memory, with_bodies=False)  # the answer is the outcome
    dead_letters = DeadLetters(kafka, GROUP, metrics)
    answers = Answers(Producing(partial(make_idempotent_producer, kafka)), metrics)
    commits = BackgroundCommits()
    consumers = ConsumerHealth(metrics, kafka_answers(kafka))
    dependencies = handlers.Dependencies(
        decider=decider,
        sieve=Sieve(store, memory, guesses),
        projects=KnownProjects(store),
        dead_letters=dead_letters,
        answers=answers,
        commits=commits,
        customer_key=settings.customer_id_key.get_secret_value().encode(),
        store=store,
    )
    of_orders = order_records.Dependencies(
        store, decider, dependencies.projects, dead_letters, dependencies.customer_key
    )

    def subscribed() -> KafkaBroker:
        requests_and_orders = handlers.router()
        order_records.subscribe(requests_and_orders)
        return subscribing(
            kafka, requests_and_orders, dependencies=dependencies, of_orders=of_orders
        )

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with (
            pool_lifespan(store),
            contextlib.AsyncExitStack() as stack,
            background_task(decider.run()),
            background_task(roll_back_for_ever(store, decider)),
            telling(store, guesses, metrics),
            consuming(subscribed, consumers, dead_letters),
            commits.running(),
        ):
            stack.push_async_callback(answers.stop)
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
    store = store_pool(settings.postgres_dsn.get_secret_value(), "definitions")
    dead_letters = DeadLetters(kafka, GROUP, metrics)
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
