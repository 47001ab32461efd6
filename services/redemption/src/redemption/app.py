"""Composition root of the api: makes what it needs and hands it down."""

import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from contracts import topics
from contracts.answers import RequestAnswered
from contracts.applied import SnapshotApplied
from contracts.campaigns import CampaignChanged
from contracts.guesses import GuessesRefused
from contracts.orders import OrderChanged
from contracts.projects import ProjectChanged
from contracts.redemptions import RedemptionFailed, RedemptionRequested, RedemptionSucceeded
from contracts.rollbacks import RedemptionRolledBack, RollbackRequested
from contracts.segments import SegmentChanged
from contracts.vouchers import VoucherChanged, VouchersIssued
from redemption.api import (
    customers,
    lists,
    openapi,
    orders,
    redemptions,
    rollbacks,
    segments,
    strangers,
    uses,
)
from redemption.api.answers_described import describing_answers
from redemption.api.crowds import Crowds
from redemption.batches.decider import Decider
from redemption.batches.validate import Forecasts
from redemption.browsing.merging import merge_for_ever
from redemption.connections import store_pool
from redemption.guesses.counting import Guesses
from redemption.guesses.places import Places
from redemption.guesses.telling import telling
from redemption.loading.memory import Memory
from redemption.metrics import Metrics
from redemption.settings import GROUP, SERVICE, ApiSettings
from redemption.store.keys import key_stamp, load_keys
from servicekit import health
from servicekit.http.application import application
from servicekit.http.doors import Door
from servicekit.http.edge import Edge
from servicekit.http.keys import KeyTable
from servicekit.http.openapi import CLIENT_HEADERS, KEY_HEADERS
from servicekit.http.tokens import public_keys
from servicekit.kafka import asyncapi
from servicekit.lifecycle import background_task
from servicekit.postgres.bulkheads import Bulkheads
from servicekit.postgres.pool import is_outage, pool_lifespan, postgres_answers

READS_OF_A_PROJECT: Final = 3  # of the api's: others' forecasts and look-ups find one free
DECIDING_CONNECTIONS: Final = 2  # of the api's decider alone, which does one thing at a time
WAITING_OF_A_PROJECT: Final = 1000  # half of what may wait for a decision
LARGEST_BODY: Final = 500_000  # 500 items with three ids of 200 characters each
OUTAGE_ADVICE: Final = "send the same request again with the same Idempotency-Key"


def api(settings: ApiSettings) -> ASGIApp:
    """HTTP: needs Postgres alone, so it redeems while Kafka is away."""
    metrics = Metrics(SERVICE, "api")
    dsn = settings.postgres_dsn.get_secret_value()
    store = store_pool(dsn, "api")
    # Of its own: what a project's crowd asks for keeps nobody's decision waiting for a connection.
    deciding = store_pool(dsn, "api decider", DECIDING_CONNECTIONS)
    memory = Memory()
    decider, guesses = Decider(deciding, metrics, memory), Guesses()
    reads = Bulkheads(store, READS_OF_A_PROJECT)
    signed_by = public_keys(settings.token_public_keys)
    callers = KeyTable(partial(key_stamp, store), partial(load_keys, store), signed_by)
    dependencies = redemptions.Dependencies(
        reads=reads,
        decider=decider,
        crowds=Crowds(WAITING_OF_A_PROJECT),
        forecasts=Forecasts(reads, memory),
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
            background_task(merge_for_ever(store)),
            telling(store, guesses, metrics),
        ):
            yield

    records = asyncapi.document(
        "Counterfoil redemption",
        GROUP,
        {
            topics.REDEMPTION_REQUESTS.name: RedemptionRequested | RollbackRequested,
            topics.for_project("{project_id}"): RedemptionRequested | RollbackRequested,
            topics.REDEMPTION_REQUESTS_HISTORY.name: RedemptionRequested | RollbackRequested,
            topics.ORDERS.name: OrderChanged,
            topics.PROJECTS.name: ProjectChanged,
            topics.CAMPAIGNS.name: CampaignChanged,
            topics.VOUCHERS.name: VoucherChanged | VouchersIssued,
            topics.SEGMENTS.name: SegmentChanged,
        },
        {
            topics.REDEMPTIONS.name: RedemptionSucceeded | RedemptionFailed | RedemptionRolledBack,
            topics.APPLIED.name: SnapshotApplied,
            topics.answers_for("{project_id}"): RequestAnswered,
            topics.GUESSES.name: GuessesRefused,
        },
    )
    app = application(SERVICE, openapi.DESCRIPTION, lifespan)
    of_shops, of_pages = redemptions.hot(dependencies), strangers.hot(dependencies)
    app.include_router(redemptions.router(dependencies, of_shops), dependencies=KEY_HEADERS)
    app.include_router(strangers.router(of_pages), dependencies=CLIENT_HEADERS)
    app.include_router(rollbacks.router(dependencies), dependencies=KEY_HEADERS)
    looks = lists.Reads(dependencies.reads, lists.Exports(), dependencies.customer_key)
    app.include_router(lists.router(looks), dependencies=KEY_HEADERS)
    app.include_router(uses.router(looks, dependencies), dependencies=KEY_HEADERS)
    app.include_router(orders.router(looks, decider, dependencies.crowds), dependencies=KEY_HEADERS)
    app.include_router(customers.router(looks), dependencies=KEY_HEADERS)
    of_customers = segments.router(dependencies.reads, dependencies.customer_key)
    app.include_router(of_customers, dependencies=KEY_HEADERS)
    app.router.routes.extend(asyncapi.routes(SERVICE, describing_answers(records)))
    health.answer(app, metrics, {"postgres": postgres_answers(store)}, [decider.stuck_reason])
    app.openapi = openapi.describing(app)  # type: ignore[method-assign]  # as FastAPI documents it
    return Edge(
        app,
        metrics,
        is_outage,
        outage_advice=OUTAGE_ADVICE,
        doors=[
            # It is a look, although it is a POST: nothing is taken.
            Door(
                "/v1/validations",
                callers.admits(redemptions.SCOPE, redemptions.READ_SCOPE),
                LARGEST_BODY,
            ),
            Door(
                f"{strangers.PREFIX}validations",
                strangers.admits(callers, strangers.VALIDATE_SCOPE, strangers.REDEEM_SCOPE),
                LARGEST_BODY,
            ),
            Door(
                strangers.PREFIX,
                strangers.admits(callers, strangers.REDEEM_SCOPE),
                LARGEST_BODY,
            ),
            Door(
                "/v1/",
                callers.admits(redemptions.SCOPE, read=(redemptions.READ_SCOPE,)),
                LARGEST_BODY,
            ),
        ],
        hot={**of_shops, **of_pages},
        cross_origin=strangers.PREFIX,
    )
