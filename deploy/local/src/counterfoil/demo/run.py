"""Runs the year: sets up, sends, waits for what becomes of it, asks what each partner earned."""

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
from counterfoil.demo.orders import BASKETS, send_orders
from counterfoil.demo.progress import stage
from counterfoil.demo.real_year import real_year
from counterfoil.demo.scenario import (
    Phase,
    RequestPlan,
    Scenario,
    UnreadablePlan,
    decisions,
    together,
)
from counterfoil.demo.sending import Created, send_requests, send_visits
from counterfoil.demo.setting_up import set_up_campaigns, set_up_codes, switch_off
from counterfoil.demo.tables import Outcome
from counterfoil.demo.target import Target
from counterfoil.demo.waiting import until
from counterfoil.reconcile.reconciling import Addresses, reconcile
from servicekit.kafka.connection import Kafka

# Baskets are large: the usual 16 KB would hold four requests, and every batch is a round trip.
BATCH_BYTES = 500_000
DECIDING = ("redemption-worker",)
REPORTING = ("redemption-relay", "analytics-worker")


@dataclass(frozen=True, slots=True)
class Context:
    """What every step of the run works with."""

    target: Target
    scenario: Scenario
    gateway: Gateway
    importing: AIOKafkaProducer
    operating: AIOKafkaProducer  # visits: no importer may write them
    warehouse: AsyncClient
    console: Console


async def run(target: Target, console: Console) -> Outcome:
    """Run it as this project; the outcome names every difference."""
    with stage(console, "Read the retailer's year", 1) as advance:
        scenario = await asyncio.to_thread(prepare, target)
        advance(1)
    headers = {"X-App-Id": target.app_id, "X-App-Token": target.app_token}
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(Gateway(target.gateway, headers))
        importing = await stack.enter_async_context(_producer(target.importer))
        operating = await stack.enter_async_context(_producer(target.kafka))
        warehouse = await clickhouse_connect.get_async_client(dsn=target.clickhouse_url)
        stack.push_async_callback(warehouse.close)
        context = Context(target, scenario, gateway, importing, operating, warehouse, console)

        campaigns = await _set_up(context)
        await _replay(context, campaigns)
        return await _tell(context)


def _producer(kafka: Kafka) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        **kafka.options(),
        enable_idempotence=True,
        acks="all",
        linger_ms=20,
        max_batch_size=BATCH_BYTES,
    )


def prepare(target: Target) -> Scenario:
    """Read the data set, and add what is made up."""
    source = dataset.load()
    return together(real_year(source, baskets.uses(source)), made_up(target.project_id))


async def _set_up(context: Context) -> dict[str, Created]:
    scenario, target = context.scenario, context.target
    codes = sum(len(plan.codes) for plan in scenario.campaigns)
    with stage(context.console, "Campaigns created over HTTP", len(scenario.campaigns)) as advance:
        campaigns = await set_up_campaigns(context.gateway, scenario, advance)
    with stage(context.console, "Codes created over HTTP", codes) as advance:
        await set_up_codes(context.gateway, scenario, campaigns, advance)
    with stage(context.console, "Codes known to redemption", codes) as advance:
        # A request that comes before its code is refused for good: wait for every one of them.
        await until(
            lambda: arrivals.known_codes(target),
            codes,
            advance,
            name="codes known to redemption",
            parts=("campaigns-relay", "redemption-definitions"),
        )
    return campaigns


async def _replay(context: Context, campaigns: dict[str, Created]) -> None:
    scenario = context.scenario
    with stage(context.console, "Visits sent", len(scenario.visits)) as advance:
        await send_visits(context.operating, context.target, scenario.visits, campaigns, advance)
    await _orders(context)
    await _phase(context, "opening", "Requests sent and decided", scenario.unreadable)
    with stage(context.console, "Campaign disabled over HTTP", len(scenario.switch_off)) as advance:
        for number, name in enumerate(scenario.switch_off, start=1):
            await switch_off(context.gateway, campaigns[name])
            advance(number)
    await _phase(context, "after the switch", "Requests after that decided", ())
    await _stored(context)


async def _orders(context: Context) -> None:
    """Tell of the year's orders before its coupons: who had bought before is no new customer."""
    with stage(context.console, "Orders sent", BASKETS) as advance:
        await send_orders(context.operating, context.target, advance)
    with stage(context.console, "Orders known to redemption", BASKETS) as advance:
        await until(
            lambda: arrivals.known_orders(context.target),
            BASKETS,
            advance,
            name="orders known to redemption",
            parts=DECIDING,
        )


async def _phase(
    context: Context, phase: Phase, title: str, unreadable: Iterable[UnreadablePlan]
) -> None:
    """Send the requests of a phase in the order of time, and wait until all are decided."""
    asked = [plan for plan in context.scenario.requests if plan.phase == phase]
    so_far = asked if phase == "opening" else context.scenario.requests
    answers = decisions(so_far)
    plans: list[RequestPlan | UnreadablePlan] = sorted(
        [*asked, *unreadable], key=lambda plan: plan.at
    )
    with stage(context.console, title, answers) as advance:
        await send_requests(context.importing, context.target, plans)
        await until(
            lambda: arrivals.decided(context.target),
            answers,
            advance,
            name="decided",
            parts=DECIDING,
        )


async def _stored(context: Context) -> None:
    project_id, scenario = context.target.project_id, context.scenario
    answers = decisions(scenario.requests)
    with stage(context.console, "Outcomes in ClickHouse", answers) as advance:
        await until(
            lambda: arrivals.stored_outcomes(context.warehouse, project_id),
            answers,
            advance,
            name="outcomes in ClickHouse",
            parts=REPORTING,
        )
    with stage(context.console, "Visits in ClickHouse", len(scenario.visits)) as advance:
        await until(
            lambda: arrivals.stored_visits(context.warehouse, project_id),
            len(scenario.visits),
            advance,
            name="visits in ClickHouse",
            parts=("analytics-worker",),
        )
    with stage(context.console, "Campaigns in ClickHouse", len(scenario.campaigns)) as advance:
        await until(
            lambda: arrivals.stored_campaigns(context.warehouse, project_id),
            len(scenario.campaigns),
            advance,
            name="campaigns in ClickHouse",
            parts=("campaigns-relay", "analytics-worker"),
        )


async def _tell(context: Context) -> Outcome:
    target, scenario = context.target, context.scenario
    campaigns = judged_campaigns(scenario, await report(context.gateway, "campaigns"))
    failures = await report(context.gateway, "failures", group_by=("reason", "partner"))
    partners = await report(context.gateway, "partners")
    dead_letters = await set_aside(target.kafka, target.project_id)
    with stage(context.console, "Reconciled", 1) as advance:
        reconciliation = await reconcile(
            Addresses(target.redemption_dsn, target.kafka, target.clickhouse_url),
            project_id=target.project_id,
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
