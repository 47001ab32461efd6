"""Plays the year: sets up, sends, waits for what becomes of it, asks what each partner earned."""

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import clickhouse_connect
from aiokafka import AIOKafkaProducer
from clickhouse_connect.driver.asyncclient import AsyncClient
from rich.console import Console

from counterfoil.demo import arrivals, baskets, dataset
from counterfoil.demo.assumptions import CURRENCY
from counterfoil.demo.dead_letters import set_aside
from counterfoil.demo.figures import report
from counterfoil.demo.gateway import Gateway
from counterfoil.demo.judging import judged_campaigns, unlike_the_data
from counterfoil.demo.made_up import made_up
from counterfoil.demo.progress import stage
from counterfoil.demo.real_year import real_year
from counterfoil.demo.scenario import Act, RequestPlan, Scenario, UnreadablePlan, together
from counterfoil.demo.sending import Created, send_requests, send_visits
from counterfoil.demo.setting_up import set_up_campaigns, set_up_codes, switch_off
from counterfoil.demo.site import Site
from counterfoil.demo.tables import Outcome
from counterfoil.demo.waiting import until
from counterfoil.reconcile.reconciling import Addresses, reconcile

# Baskets are large: the usual 16 KB would hold four requests, and every batch is a round trip.
BATCH_BYTES = 500_000
DECIDING = ("redemption-worker",)
REPORTING = ("redemption-relay", "analytics-worker")


@dataclass(frozen=True, slots=True)
class Stage:
    """What the scenes are played with."""

    site: Site
    scenario: Scenario
    gateway: Gateway
    producer: AIOKafkaProducer
    warehouse: AsyncClient
    console: Console


async def play(site: Site, console: Console) -> Outcome:
    """Play it as this project; the outcome names every difference."""
    with stage(console, "Read the retailer's year", 1) as advance:
        scenario = await asyncio.to_thread(prepare, site)
        advance(1)
    headers = {"X-App-Id": site.app_id, "X-App-Token": site.app_token}
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(Gateway(site.gateway, headers))
        producer = AIOKafkaProducer(
            bootstrap_servers=site.kafka,
            enable_idempotence=True,
            acks="all",
            linger_ms=20,
            max_batch_size=BATCH_BYTES,
        )
        await producer.start()
        stack.push_async_callback(producer.stop)
        warehouse = await clickhouse_connect.get_async_client(dsn=site.clickhouse_url)
        stack.push_async_callback(warehouse.close)
        on = Stage(site, scenario, gateway, producer, warehouse, console)

        campaigns = await _set_up(on)
        await _replay(on, campaigns)
        return await _tell(on)


def prepare(site: Site) -> Scenario:
    """Read the data set, and add what is made up."""
    source = dataset.load()
    return together(real_year(source, baskets.uses(source)), made_up(site.project_id))


async def _set_up(on: Stage) -> dict[str, Created]:
    scenario, site = on.scenario, on.site
    codes = sum(len(plan.codes) for plan in scenario.campaigns)
    with stage(on.console, "Campaigns created over HTTP", len(scenario.campaigns)) as advance:
        campaigns = await set_up_campaigns(on.gateway, scenario, advance)
    with stage(on.console, "Codes created over HTTP", codes) as advance:
        await set_up_codes(on.gateway, scenario, campaigns, advance)
    with stage(on.console, "Codes known to redemption", codes) as advance:
        # A request that comes before its code is refused for good: wait for every one of them.
        await until(
            lambda: arrivals.known_codes(site),
            codes,
            advance,
            name="codes known to redemption",
            parts=("campaigns-relay", "redemption-worker"),
        )
    return campaigns


async def _replay(on: Stage, campaigns: dict[str, Created]) -> None:
    scenario = on.scenario
    with stage(on.console, "Visits sent", len(scenario.visits)) as advance:
        await send_visits(on.producer, on.site, scenario.visits, campaigns, advance)
    await _act(on, "opening", "Requests sent and decided", scenario.unreadable)
    with stage(on.console, "Campaign disabled over HTTP", len(scenario.switch_off)) as advance:
        for number, name in enumerate(scenario.switch_off, start=1):
            await switch_off(on.gateway, campaigns[name])
            advance(number)
    await _act(on, "after the switch", "Requests after that decided", ())
    await _stored(on)


async def _act(on: Stage, act: Act, title: str, unreadable: Iterable[UnreadablePlan]) -> None:
    """Send the requests of an act in the order of time, and wait until all are decided."""
    asked = [plan for plan in on.scenario.requests if plan.act == act]
    so_far = asked if act == "opening" else on.scenario.requests
    answers = len({plan.request.request_id for plan in so_far})
    plans: list[RequestPlan | UnreadablePlan] = sorted(
        [*asked, *unreadable], key=lambda plan: plan.at
    )
    with stage(on.console, title, answers) as advance:
        await send_requests(on.producer, on.site, plans)
        await until(
            lambda: arrivals.decided(on.site), answers, advance, name="decided", parts=DECIDING
        )


async def _stored(on: Stage) -> None:
    project_id, scenario = on.site.project_id, on.scenario
    answers = len({plan.request.request_id for plan in scenario.requests})
    with stage(on.console, "Outcomes in ClickHouse", answers) as advance:
        await until(
            lambda: arrivals.stored_outcomes(on.warehouse, project_id),
            answers,
            advance,
            name="outcomes in ClickHouse",
            parts=REPORTING,
        )
    with stage(on.console, "Visits in ClickHouse", len(scenario.visits)) as advance:
        await until(
            lambda: arrivals.stored_visits(on.warehouse, project_id),
            len(scenario.visits),
            advance,
            name="visits in ClickHouse",
            parts=("analytics-worker",),
        )
    with stage(on.console, "Campaigns in ClickHouse", len(scenario.campaigns)) as advance:
        await until(
            lambda: arrivals.stored_campaigns(on.warehouse, project_id),
            len(scenario.campaigns),
            advance,
            name="campaigns in ClickHouse",
            parts=("campaigns-relay", "analytics-worker"),
        )


async def _tell(on: Stage) -> Outcome:
    site, scenario = on.site, on.scenario
    campaigns = judged_campaigns(scenario, await report(on.gateway, "campaigns"))
    failures = await report(on.gateway, "failures")
    partners = await report(on.gateway, "partners")
    dead_letters = await set_aside(site.kafka, site.project_id)
    with stage(on.console, "Reconciled", 1) as advance:
        reconciliation = await reconcile(
            Addresses(site.redemption_dsn, site.kafka, site.clickhouse_url),
            project_id=site.project_id,
        )
        advance(1)
    made_up_partners = {plan.partner for plan in scenario.campaigns if plan.made_up}
    return Outcome(
        currency=CURRENCY,
        partners=partners,
        campaigns=campaigns,
        failures=failures,
        dead_letters=dead_letters,
        differences=[
            *unlike_the_data(scenario, campaigns, failures, dead_letters),
            *reconciliation.differences,
        ],
        checked=reconciliation.checked,
        assumptions=scenario.assumptions,
        made_up=scenario.made_up,
        made_up_partners=frozenset(made_up_partners),
    )
