"""What a record has brought about, looked for where its reader keeps what it was told."""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

import asyncpg
import clickhouse_connect
from aiokafka import ConsumerRecord
from pydantic import TypeAdapter, ValidationError

from contracts import topics
from contracts.applied import SnapshotApplied
from contracts.campaigns import CampaignChanged
from contracts.guesses import GuessesRefused
from contracts.orders import OrderChanged
from contracts.projects import ProjectChanged
from contracts.redemptions import RedemptionFailed, RedemptionRequested, RedemptionSucceeded
from contracts.rollbacks import RedemptionRolledBack, RollbackRequested
from contracts.segments import SegmentChanged
from contracts.topics import Topic
from contracts.visits import Visited
from contracts.vouchers import VoucherChanged, VouchersIssued
from counterfoil.platform import Platform
from kit.records import Ends, everything_since

Event = (
    ProjectChanged
    | CampaignChanged
    | VoucherChanged
    | VouchersIssued
    | SegmentChanged
    | SnapshotApplied
    | RedemptionRequested
    | RedemptionSucceeded
    | RedemptionFailed
    | RedemptionRolledBack
    | RollbackRequested
    | OrderChanged
    | Visited
    | GuessesRefused
)
OUTCOMES = RedemptionSucceeded | RedemptionFailed | RedemptionRolledBack
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
DEFINITIONS = (topics.PROJECTS, topics.CAMPAIGNS, topics.SEGMENTS)
REQUESTS = (topics.REDEMPTION_REQUESTS, topics.REDEMPTION_REQUESTS_HISTORY)
ROWS = {
    topics.PROJECTS: "SELECT project_id FROM projects",
    topics.CAMPAIGNS: "SELECT campaign_id FROM campaigns",
    topics.SEGMENTS: "SELECT segment_id FROM segments",
    topics.REDEMPTIONS: "SELECT event_id FROM redemption_events",
    topics.VISITS: "SELECT event_id FROM visits",
    topics.GUESSES: "SELECT event_id FROM guess_events",
}

IsTaken = Callable[[bytes | None], bool]


async def taken(platform: Platform, topic: Topic, reader: str, outcomes: Ends) -> IsTaken:
    """Return what says of a record's value whether this reader has done with it what it must.

    `outcomes` is where the topic of outcomes ended before the records were sent.
    """
    if topic in REQUESTS:
        answered = await answers(platform, outcomes)
        return lambda value: asked(read(value)) in answered
    if topic == topics.ORDERS:
        kept = await orders_kept(platform)
        return lambda value: told_of(read(value)) in kept
    if reader == "analytics":
        rows = await in_clickhouse(platform, topic)
        return lambda value: stored_as(topic, value) in rows
    if topic == topics.REDEMPTIONS:
        uses = await uses_followed(platform)
        return lambda value: is_followed(read(value), uses) or is_refusal(value)
    applied = await in_force(platform)
    return lambda value: applied_as(read(value)) in applied


def read(value: bytes | None) -> Event | None:
    """Read it by the contract; None where it is no record of ours."""
    try:
        return None if value is None else EVENT.validate_json(value)
    except ValidationError:
        return None


async def answers(platform: Platform, since: Ends) -> Collection[object]:
    """Name the requests that were answered."""
    return {
        (event.projectid, event.data.request_id)
        for record in await everything_since(platform.kafka, since)
        if isinstance(event := read(record.value), OUTCOMES)
    }


def asked(event: Event | None) -> object:
    if not isinstance(event, RedemptionRequested | RollbackRequested):
        return None
    return event.projectid, event.data.request_id


async def orders_kept(platform: Platform) -> Collection[object]:
    """Name the orders that redemption knows."""
    conn = await asyncpg.connect(platform.postgres["redemption"])
    try:
        rows = await conn.fetch("SELECT project_id, order_id FROM orders")
    finally:
        await conn.close()
    return {tuple(row) for row in rows}


def told_of(event: Event | None) -> object:
    if not isinstance(event, OrderChanged):
        return None
    return event.projectid, event.data.order_id


def is_refusal(value: bytes | None) -> bool:
    """Tell a type that campaigns passes over, knowing it by its name alone."""
    return value is not None and b'"coupons.redemption.failed.v1"' in value


async def uses_followed(platform: Platform) -> Mapping[object, int]:
    """Return of each voucher which outcome its `redeemed_quantity` was last taken from."""
    conn = await asyncpg.connect(platform.postgres["campaigns"])
    try:
        rows = await conn.fetch("SELECT project_id, id, sequence FROM vouchers")
    finally:
        await conn.close()
    return {(project, voucher): sequence for project, voucher, sequence in rows}


def is_followed(event: Event | None, followed: Mapping[object, int]) -> bool:
    """Tell whether a voucher's uses are this outcome's, or a later one's."""
    if not isinstance(event, RedemptionSucceeded | RedemptionRolledBack):
        return False
    sequence = followed.get((event.projectid, event.data.voucher_id))
    # A code that nobody issued has no uses to follow.
    return sequence is None or sequence >= event.data.sequence


async def in_force(platform: Platform) -> Collection[object]:
    """Name what redemption has applied and campaigns has heard of."""
    conn = await asyncpg.connect(platform.postgres["campaigns"])
    try:
        rows = await conn.fetch("SELECT project_id, kind, id FROM applied_versions")
    finally:
        await conn.close()
    return {tuple(row) for row in rows}


def applied_as(event: Event | None) -> object:
    match event:
        case SnapshotApplied():
            return event.projectid, event.data.kind, event.data.id
        case ProjectChanged():
            return event.projectid, "project", event.data.id
        case CampaignChanged():
            return event.projectid, "campaign", event.data.id
        case VoucherChanged():
            return event.projectid, "voucher", event.data.id
        case SegmentChanged():
            return event.projectid, "segment", event.data.id
        case VouchersIssued():
            return event.projectid, "chunk", f"{event.data.campaign_id}:{event.data.number}"
        case _:
            return None


async def in_clickhouse(platform: Platform, topic: Topic) -> Collection[object]:
    client = await clickhouse_connect.get_async_client(dsn=platform.clickhouse)
    try:
        return {row[0] for row in (await client.query(ROWS[topic])).result_rows}
    finally:
        await client.close()


def stored_as(topic: Topic, value: bytes | None) -> str | None:
    """Name the row by what the record says of itself: analytics needs less than the contract."""
    try:
        event = json.loads(value or b"")
        name = event["data"]["id"] if topic in DEFINITIONS else event["id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return name if isinstance(name, str) else None


def origin(letter: ConsumerRecord) -> list[tuple[str, int, int]]:
    """Return the places that a dead letter stands for: mostly one."""
    told: dict[str, Any] = {name: value for name, value in letter.headers if value is not None}
    first, partition = int(told["original-offset"]), int(told["original-partition"])
    last = int(told.get("original-last-offset", first))
    return [(told["original-topic"].decode(), partition, n) for n in range(first, last + 1)]
