"""Composition root of the api: what its process is made of."""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache, partial

import httpx
from fastapi import FastAPI
from starlette.routing import BaseRoute

from campaigns.api import errors, unserved
from campaigns.api.access import Dependencies, operator
from campaigns.api.gate import Gate
from campaigns.api.owners import Owners
from campaigns.api.places import ExportPlaces
from campaigns.bin import api as bin_
from campaigns.bulk import api as bulk
from campaigns.bulk import worker as bulk_worker
from campaigns.campaigns import api as campaigns
from campaigns.campaigns import store as campaign_store
from campaigns.categories import api as categories
from campaigns.connections import store_pool
from campaigns.doors import doors
from campaigns.feeds import api as feeds
from campaigns.feeds import store as feed_store
from campaigns.feeds.door import feed_door
from campaigns.history import api as history
from campaigns.invitations import api as invitations
from campaigns.issuing import api as issuing
from campaigns.issuing import worker as issue_worker
from campaigns.keys import api as keys
from campaigns.keys import callers as known_callers
from campaigns.keys.uses import KeyUses
from campaigns.listing import api as listing
from campaigns.metrics import Metrics
from campaigns.oidc import api as oidc
from campaigns.oidc.provider import Provider, Registration
from campaigns.partners import api as partners
from campaigns.people import api as people
from campaigns.portal import api as portal
from campaigns.previews import api as previews
from campaigns.product_collections import api as product_collections
from campaigns.products import api as products
from campaigns.projects import api as projects
from campaigns.propagation.waiter import PropagationWaiter
from campaigns.publications import api as publications
from campaigns.rules import api as rules
from campaigns.rules import assignments_api as rule_assignments
from campaigns.segments import api as segments
from campaigns.sessions import api as sessions
from campaigns.sessions import signed_in
from campaigns.sessions.passwords import Passwords
from campaigns.sessions.signed_in import SigningIn
from campaigns.settings import GROUP, ApiSettings
from campaigns.shares import api as shares
from campaigns.shares import campaign_api as shares_of_campaign
from campaigns.standalone import api as standalone
from campaigns.visits import api as visits
from campaigns.vouchers import api as vouchers
from contracts import topics
from contracts.applied import SnapshotApplied
from contracts.campaigns import CampaignChanged
from contracts.projects import ProjectChanged
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded
from contracts.rollbacks import RedemptionRolledBack
from contracts.segments import SegmentChanged
from contracts.visits import Visited
from contracts.vouchers import VoucherChanged, VouchersIssued
from servicekit import health
from servicekit.health import Heartbeat
from servicekit.http.application import application, routes
from servicekit.http.edge import Edge
from servicekit.http.keys import REVOKED_WITHIN_SECONDS, KeyTable
from servicekit.http.openapi import KEY_HEADERS
from servicekit.http.tokens import private_key, public_keys
from servicekit.kafka import asyncapi
from servicekit.lifecycle import background_task
from servicekit.postgres.bulkheads import Bulkhead, Bulkheads
from servicekit.postgres.pool import is_outage, pool_lifespan, postgres_answers

API_CONNECTIONS = 10
# Of these, what one project may have at once: the others' switches need but one for a moment.
READS_OF_A_PROJECT = 3
CHANGES_OF_A_PROJECT = 4
ALLOTMENTS = 2  # of all projects at once: one of a hundred thousand codes takes a second or two
FEED_CONNECTIONS = 3  # of their own: partners' machines poll as often as they like
LINK_CONNECTIONS = 3  # of their own: links are followed without a key, by however many
SIGN_IN_CONNECTIONS = 3  # of their own: whoever comes without a key or token, and who has a session
EXPORT_CONNECTIONS = 2  # whole lists are read by a few at a time, and delay nobody
OWNER_CONNECTIONS = 1  # whose campaign a link names is asked of all links at once

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
    metrics, issues, bulk_jobs = Metrics("api"), Heartbeat("bulk issues"), Heartbeat("bulk jobs")
    database = store_pool(settings, API_CONNECTIONS)
    for_links = store_pool(settings, LINK_CONNECTIONS)
    for_owners = store_pool(settings, OWNER_CONNECTIONS)
    for_exports = store_pool(settings, EXPORT_CONNECTIONS)
    for_signing_in = store_pool(settings, SIGN_IN_CONNECTIONS)
    signing_secret = settings.token_private_key.get_secret_value()
    registration = _registration(settings)
    provider_client = None if registration is None else httpx.AsyncClient(trust_env=False)
    signing_in = SigningIn(
        gate=Gate(for_signing_in, "sign in"),
        passwords=Passwords(),
        signing_key=private_key(signing_secret),
    )
    for_feeds = store_pool(settings, FEED_CONNECTIONS)
    deps = Dependencies(
        pool=database,
        reads=Bulkheads(database, READS_OF_A_PROJECT),
        changes=Bulkheads(database, CHANGES_OF_A_PROJECT),
        exports=ExportPlaces(for_exports),
        links=Gate(for_links, "follow links"),
        allotments=Bulkheads(Bulkhead(database, ALLOTMENTS), most=1),
        feeds=Bulkheads(for_feeds, most=1),
        owners=Owners(partial(campaign_store.projects_of, for_owners)),
        propagation=PropagationWaiter(
            database, metrics, waits.deadline_seconds, waits.patience_seconds
        ),
        job_started=asyncio.Event(),
        bulk_started=asyncio.Event(),
        customer_key=settings.customer_id_key.get_secret_value().encode(),
        key_memory_seconds=waits.key_memory_seconds,
        management_id=settings.management_id,
        management_token=settings.management_token,
    )

    uses = KeyUses(database)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with (
            pool_lifespan(database),
            pool_lifespan(for_links),
            pool_lifespan(for_owners),
            pool_lifespan(for_signing_in),
            provider_client or contextlib.nullcontext(),
            pool_lifespan(for_feeds),
            pool_lifespan(for_exports),
            background_task(deps.propagation.run()),
            background_task(uses.run()),
            background_task(issue_worker.run(database, deps.job_started, metrics, issues)),
            background_task(bulk_worker.run(database, deps.bulk_started, bulk_jobs)),
        ):
            yield

    records = asyncapi.document(
        "Counterfoil campaigns",
        GROUP,
        {
            topics.APPLIED.name: SnapshotApplied,
            topics.REDEMPTIONS.name: RedemptionSucceeded | RedemptionFailed | RedemptionRolledBack,
        },
        {
            topics.PROJECTS.name: ProjectChanged,
            topics.CAMPAIGNS.name: CampaignChanged,
            topics.VOUCHERS.name: VoucherChanged | VouchersIssued,
            topics.SEGMENTS.name: SegmentChanged,
            topics.VISITS.name: Visited,
        },
    )
    app = application("campaigns", DESCRIPTION, lifespan, errors.handlers())
    app.state.dependencies = deps
    app.state.signing_in = signing_in
    app.state.key_uses = uses
    app.state.oidc = oidc.Oidc(
        Provider(registration, provider_client) if registration and provider_client else None,
        hmac.digest(signing_secret.encode(), b"oidc", "sha256"),
    )
    app.router.routes.extend(_routes())
    app.router.routes.extend(unserved.routes())
    app.router.routes.extend(asyncapi.routes("campaigns", records))
    health.answer(
        app,
        metrics,
        {"postgres": postgres_answers(database)},
        [issues.stuck_reason, bulk_jobs.stuck_reason],
    )
    callers = known_callers.table(database, public_keys(settings.token_public_keys))
    feed_keys = KeyTable(
        partial(feed_store.key_stamp, database), partial(feed_store.load_keys, database)
    )
    guarded = doors(
        callers,
        uses,
        feed=feed_door(feed_keys),
        person=signed_in.admits(signing_in.gate, callers.bearer),
        operator=operator(deps),
    )
    app.add_middleware(Edge, metrics=metrics, is_outage=is_outage, doors=guarded)
    return app


@cache
def _routes() -> list[BaseRoute]:
    keyed = (
        *(listing, partners, categories, previews, campaigns, issuing, bulk, vouchers, standalone),
        *(segments, products, product_collections, rules, rule_assignments),
        *(bin_, history, projects, people, invitations, keys),
        *(shares, shares_of_campaign, feeds, portal, publications),
    )
    others = (
        *(sessions.signing_in, sessions.router, people.account),
        *(invitations.by_token, oidc.router),
        *(projects.management, people.management, keys.management),
        visits.router,
    )
    return routes(
        *((router, KEY_HEADERS) for router in (*(each.router for each in keyed), feeds.keys)),
        *((router, ()) for router in others),
    )


def _registration(settings: ApiSettings) -> Registration | None:
    """Return as whom a provider knows us, if there is one."""
    if (
        settings.oidc_issuer is None
        or settings.oidc_client_id is None
        or settings.oidc_client_secret is None
        or settings.oidc_redirect_url is None
    ):
        return None
    return Registration(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        settings.oidc_redirect_url,
    )
