"""Composition root of the api: what its process is made of."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI

from campaigns.api import errors
from campaigns.api.access import SCOPE, Dependencies, operator
from campaigns.api.gate import Gate
from campaigns.api.owners import Owners
from campaigns.campaigns import api as campaigns
from campaigns.campaigns import store as campaign_store
from campaigns.categories import api as categories
from campaigns.connections import store_pool
from campaigns.feeds import api as feeds
from campaigns.feeds import store as feed_store
from campaigns.feeds.door import feed_door
from campaigns.history import api as history
from campaigns.issuing import api as issuing
from campaigns.issuing import worker as issue_worker
from campaigns.metrics import Metrics
from campaigns.partners import api as partners
from campaigns.projects import api as projects
from campaigns.projects import store as project_store
from campaigns.propagation.waiter import PropagationWaiter
from campaigns.settings import GROUP, ApiSettings
from campaigns.shares import api as shares
from campaigns.standalone import api as standalone
from campaigns.visits import api as visits
from campaigns.vouchers import api as vouchers
from contracts import topics
from contracts.applied import SnapshotApplied
from contracts.campaigns import CampaignChanged
from contracts.projects import ProjectChanged
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded
from contracts.visits import Visited
from contracts.vouchers import VoucherChanged, VouchersIssued
from servicekit import health
from servicekit.health import Heartbeat
from servicekit.http.application import application
from servicekit.http.doors import Door
from servicekit.http.edge import Edge
from servicekit.http.keys import REVOKED_WITHIN_SECONDS, KeyTable
from servicekit.http.openapi import KEY_HEADERS
from servicekit.kafka import asyncapi
from servicekit.lifecycle import background_task
from servicekit.postgres.pool import is_outage, pool_lifespan, postgres_answers
from servicekit.postgres.shares import Share, Shares

API_CONNECTIONS = 10
# Of these, what one project may have at once: the others' switches need but one for a moment.
READS_OF_A_PROJECT = 3
CHANGES_OF_A_PROJECT = 4
ALLOTMENTS = 2  # of all projects at once: one of a hundred thousand codes takes a second or two
FEED_CONNECTIONS = 3  # of their own: partners' machines poll as often as they like
LINK_CONNECTIONS = 3  # of their own: links are followed without a key, by however many
OWNER_CONNECTIONS = 1  # whose campaign a link names is asked of all links at once
# No route imports a file: the longest texts of a campaign and some metadata.
LARGEST_BODY = 100_000
LARGEST_MANAGEMENT_BODY = 10_000

DESCRIPTION = "Projects, partners, campaigns and their codes; in the manner of Voucherify's API."


@dataclass(frozen=True, slots=True)
class Waits:
    """How long callers wait: for a kill switch to be applied, and for any other change.

    And for a revoked key to be forgotten: the services remember one for a moment, and analytics
    hears of its end a moment later than redemption, without confirming it.
    """

    deadline_seconds: float = 5.0
    patience_seconds: float = 1.0
    key_memory_seconds: float = REVOKED_WITHIN_SECONDS + 1.0


def api(settings: ApiSettings, waits: Waits = Waits()) -> FastAPI:
    """HTTP, and the bulk issues that it starts: needs Postgres alone."""
    metrics, issues = Metrics("api"), Heartbeat("bulk issues")
    database, for_links = (
        store_pool(settings, API_CONNECTIONS),
        store_pool(settings, LINK_CONNECTIONS),
    )
    for_owners = store_pool(settings, OWNER_CONNECTIONS)
    for_feeds = store_pool(settings, FEED_CONNECTIONS)
    deps = Dependencies(
        pool=database,
        reads=Shares(database, READS_OF_A_PROJECT),
        changes=Shares(database, CHANGES_OF_A_PROJECT),
        shares=Shares(Share(database, ALLOTMENTS), most=1),
        feeds=Shares(for_feeds, most=1),
        links=Gate(for_links),
        owners=Owners(partial(campaign_store.projects_of, for_owners)),
        propagation=PropagationWaiter(database, waits.deadline_seconds, waits.patience_seconds),
        job_started=asyncio.Event(),
        customer_key=settings.customer_id_key.get_secret_value().encode(),
        key_memory_seconds=waits.key_memory_seconds,
        management_id=settings.management_id,
        management_token=settings.management_token,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with (
            pool_lifespan(database),
            pool_lifespan(for_links),
            pool_lifespan(for_owners),
            pool_lifespan(for_feeds),
            background_task(deps.propagation.run()),
            background_task(issue_worker.run(database, deps.job_started, metrics, issues)),
        ):
            yield

    records = asyncapi.document(
        "Counterfoil campaigns",
        GROUP,
        {
            topics.APPLIED.name: SnapshotApplied,
            topics.REDEMPTIONS.name: RedemptionSucceeded | RedemptionFailed,
        },
        {
            topics.PROJECTS.name: ProjectChanged,
            topics.CAMPAIGNS.name: CampaignChanged,
            topics.VOUCHERS.name: VoucherChanged | VouchersIssued,
            topics.VISITS.name: Visited,
        },
    )
    app = application("campaigns", DESCRIPTION, lifespan, errors.handlers())
    app.state.dependencies = deps
    for resource in (partners, categories, campaigns, issuing, vouchers, standalone, history):
        app.include_router(resource.router, dependencies=KEY_HEADERS)
    for router in (shares.of_partners, shares.of_campaigns, feeds.keys, feeds.router):
        app.include_router(router, dependencies=KEY_HEADERS)
    app.include_router(projects.router)
    app.include_router(visits.router)
    app.router.routes.extend(asyncapi.routes("campaigns", records))
    health.answer(app, metrics, {"postgres": postgres_answers(database)}, [issues.stuck_reason])
    keys = KeyTable(
        partial(project_store.key_stamp, database), partial(project_store.load_keys, database)
    )
    feed_keys = KeyTable(
        partial(feed_store.key_stamp, database), partial(feed_store.load_keys, database)
    )
    doors = [
        Door("/v1/feed", feed_door(feed_keys), 0),
        Door("/v1/", keys.admits(SCOPE), LARGEST_BODY),
        Door("/management/", operator(deps), LARGEST_MANAGEMENT_BODY),
    ]
    app.add_middleware(Edge, metrics=metrics, is_outage=is_outage, doors=doors)
    return app
