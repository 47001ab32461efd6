"""Puts visits and requests on Kafka, each with an id that is the same however often it is sent."""

from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from aiokafka import AIOKafkaProducer

from contracts import ids, topics
from contracts.redemptions import RedemptionRequested
from contracts.visits import Visit, Visited
from counterfoil.demo.progress import Advance
from counterfoil.demo.scenario import RequestPlan, UnreadablePlan, VisitPlan
from counterfoil.demo.target import Target
from servicekit.kafka.publishing import CLOUD_EVENT

SOURCE = "/counterfoil/demo"
OUR_NAMES = UUID("6f1f3f4e-9f0b-5d0a-8a55-27f1a6d2c0de")
AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Created:
    """A campaign as the platform knows it."""

    id: str
    partner_id: str
    channel: str
    category_id: str | None


async def send_visits(
    producer: AIOKafkaProducer,
    target: Target,
    visits: Iterable[VisitPlan],
    campaigns: Mapping[str, Created],
    advance: Advance,
) -> None:
    """Send the visits; the events carry their time, the records today's, or Kafka drops them."""
    acks: list[Awaitable[object]] = []
    for number, plan in enumerate(visits, start=1):
        event = visited(target, plan, campaigns[plan.campaign])
        acks.append(
            await producer.send(
                topics.VISITS.name,
                event.encode(),
                event.data.campaign_id.encode(),
                headers=CLOUD_EVENT,
            )
        )
        if len(acks) == AT_A_TIME:
            await _acknowledged(acks)
            advance(number)
    await _acknowledged(acks)


async def send_requests(
    producer: AIOKafkaProducer,
    target: Target,
    plans: Iterable[RequestPlan | UnreadablePlan],
) -> None:
    """Send requests in this order, with their own time: by it they are judged."""
    acks: list[Awaitable[object]] = []
    for plan in plans:
        if isinstance(plan, RequestPlan):
            key, value = plan.codes[0].encode(), requested(target, plan).encode()
        else:
            key, value = None, plan.value
        acks.append(
            await producer.send(
                topics.REDEMPTION_REQUESTS_HISTORY.name,
                value,
                key,
                partition=0,
                timestamp_ms=_milliseconds(plan.at),
                headers=CLOUD_EVENT,
            )
        )
        if len(acks) == AT_A_TIME:
            await _acknowledged(acks)
    await _acknowledged(acks)


def visited(target: Target, plan: VisitPlan, campaign: Created) -> Visited:
    visit_id = identity(target, plan.key)
    return Visited(
        id=visit_id,
        source=SOURCE,
        subject=visit_id,
        time=plan.at,
        projectid=target.project_id,
        data=Visit(
            visit_id=visit_id,
            campaign_id=campaign.id,
            partner_id=campaign.partner_id,
            channel=campaign.channel,
            category_id=campaign.category_id,
            customer_id=(
                ids.customer(target.customer_key, target.project_id, plan.customer)
                if target.customer_key
                else None
            ),
        ),
    )


def requested(target: Target, plan: RequestPlan) -> RedemptionRequested:
    return RedemptionRequested(
        id=identity(target, plan.request.request_id),
        source=SOURCE,
        subject=plan.codes[0],
        time=plan.at,
        projectid=target.project_id,
        data=plan.request,
    )


def identity(target: Target, name: str) -> str:
    """Derive an id that belongs to this project and is the same in every attempt."""
    return str(uuid5(OUR_NAMES, f"{target.project_id}/{name}"))


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


async def _acknowledged(acks: list[Awaitable[object]]) -> None:
    for ack in acks:
        await ack
    acks.clear()
