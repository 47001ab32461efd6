"""Composition root of the api: makes what it needs and hands it down."""

import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from analytics.api import attempts, pace, portal, reports, timeseries, totals
from analytics.api.dependencies import Dependencies
from analytics.api.turns import Turns
from analytics.keys import ProjectKeys
from analytics.metrics import Metrics
from analytics.settings import GROUP, SERVICE, ApiSettings
from analytics.store import ClickHouse, is_outage
from contracts import topics
from contracts.campaigns import CampaignChanged
from contracts.guesses import GuessesRefused
from contracts.projects import ProjectChanged
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded
from contracts.rollbacks import RedemptionRolledBack
from contracts.segments import SegmentChanged
from contracts.visits import Visited
from servicekit import health
from servicekit.http.application import application
from servicekit.http.doors import Door
from servicekit.http.edge import Edge
from servicekit.http.keys import KeyTable
from servicekit.http.openapi import KEY_HEADERS
from servicekit.http.tokens import Keys, public_keys
from servicekit.kafka import asyncapi
from servicekit.kafka.following import follow
from servicekit.lifecycle import background_task

DESCRIPTION: Final = "What each partner earned. Amounts are in minor units, instants in UTC."
SCOPE: Final = "reports"
RESOURCES: Final = (reports, timeseries, totals, attempts, pace, portal)
OUTAGE_ADVICE: Final = "the figures are out of reach for the moment: ask again"


def api(settings: ApiSettings) -> ASGIApp:
    """HTTP: reports. Needs ClickHouse, and Kafka for whose keys there are."""
    keys = ProjectKeys()
    reading_keys = partial(follow, settings.kafka, topics.PROJECTS.name, keys.take, keys.freshness)
    signed_by = public_keys(settings.token_public_keys)
    return reporting(settings.clickhouse_url.get_secret_value(), keys, reading_keys, signed_by)


def now() -> datetime:
    return datetime.now(UTC)


def reporting(
    clickhouse_url: str,
    keys: ProjectKeys,
    reading_keys: Callable[[], Coroutine[Any, Any, None]],
    signed_by: Keys,
    clock: Callable[[], datetime] = now,
) -> ASGIApp:
    """Serve the reports to who has one of these keys or a token, and read keys meanwhile."""
    metrics = Metrics(SERVICE, "api")
    clickhouse = ClickHouse(clickhouse_url)
    dependencies = Dependencies(clickhouse, Turns(), clock)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.aclosing(clickhouse), background_task(reading_keys()):
            yield

    records = asyncapi.document(
        "Counterfoil analytics",
        GROUP,
        {
            topics.REDEMPTIONS.name: RedemptionSucceeded | RedemptionFailed | RedemptionRolledBack,
            topics.VISITS.name: Visited,
            topics.GUESSES.name: GuessesRefused,
            topics.CAMPAIGNS.name: CampaignChanged,
            topics.SEGMENTS.name: SegmentChanged,
            topics.PROJECTS.name: ProjectChanged,
        },
        {},
    )
    app = application(SERVICE, DESCRIPTION, lifespan)
    for resource in RESOURCES:
        made: APIRouter = resource.router(dependencies)
        app.include_router(made, dependencies=KEY_HEADERS)
    app.router.routes.extend(asyncapi.routes(SERVICE, records))
    ready = {"clickhouse": clickhouse.probe, "keys": keys.freshness.probe}
    health.answer(app, metrics, ready, alive=[keys.freshness.stuck_reason])
    callers = KeyTable(keys.stamp, keys.in_force, signed_by)
    doors = [
        Door("/v1/reports/portal/", callers.admits(portal.SCOPE), largest_body=0),
        Door("/v1/", callers.admits(SCOPE), largest_body=0),
    ]
    return Edge(app, metrics, is_outage, outage_advice=OUTAGE_ADVICE, doors=doors)
