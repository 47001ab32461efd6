"""Builders: an event with everything that analytics reads; a test states what it is about."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from aiokafka import ConsumerRecord

from contracts.campaigns import CampaignChanged, CampaignSnapshot, CommissionPlan, Named
from contracts.discounts import AmountOff
from contracts.event import Event
from contracts.guesses import GuessesRefused, RefusedGuesses
from contracts.ids import new, uuid7
from contracts.projects import ApiKey, ProjectChanged, ProjectSnapshot
from contracts.redemptions import (
    Failed,
    Reason,
    RedemptionFailed,
    RedemptionSucceeded,
    Succeeded,
)
from contracts.rollbacks import RedemptionRolledBack, RolledBack
from contracts.segments import SegmentChanged, SegmentSnapshot
from contracts.terms import Terms
from contracts.visits import Visit, Visited

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROJECT = "proj_1"
SECRET = "a-secret"
SECRET_DIGEST = sha256(SECRET.encode()).hexdigest()


def envelope(**overrides: Any) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "source": "/tests",
        "subject": "s",
        "time": NOON,
        "projectid": PROJECT,
    } | overrides


def a_success(*, at: datetime = NOON, project: str = PROJECT, **data: Any) -> RedemptionSucceeded:
    """An accepted redemption: 10.00 less 1.00, at 30 % margin and 5 % commission."""
    told = {
        "redemption_id": new("r_"),
        "request_id": None,
        "code": "SPRING",
        "voucher_id": "v_1",
        "uses": 1,
        "sequence": 1,
        "campaign_id": "camp_1",
        "campaign_version": 1,
        "partner_id": "part_1",
        "channel": "newsletter",
        "category_id": None,
        "customer_id": "cust_1",
        "customer_is_new": False,
        "order_id": None,
        "order_minor": 1000,
        "discount_minor": 100,
        "currency": "EUR",
        "commission_plan": CommissionPlan(share_basis_points=500),
        "margin_basis_points": 3000,
        "visit_id": None,
        "decided_at": at,
    } | data
    return RedemptionSucceeded(
        **envelope(time=at, projectid=project), data=Succeeded.model_validate(told)
    )


def a_failure(*, at: datetime = NOON, project: str = PROJECT, **data: Any) -> RedemptionFailed:
    """A refusal of a basket of 20.00, because the code has expired."""
    told = {
        "redemption_id": new("rf_"),
        "request_id": None,
        "code": "SPRING",
        "reason": Reason.VOUCHER_EXPIRED,
        "hint": "",
        "campaign_id": "camp_1",
        "campaign_version": 1,
        "partner_id": "part_1",
        "channel": "newsletter",
        "category_id": None,
        "customer_id": "cust_1",
        "order_id": None,
        "order_minor": 2000,
        "currency": "EUR",
        "visit_id": None,
        "decided_at": at,
    } | data
    return RedemptionFailed(
        **envelope(time=at, projectid=project), data=Failed.model_validate(told)
    )


def a_rollback(
    of: RedemptionSucceeded,
    *,
    at: datetime | None = None,
    order_minor: int | None = None,
    discount_minor: int = 0,
    left: tuple[int, int] | None = None,
) -> RedemptionRolledBack:
    """Give a redemption back: all of what is `left` of order and discount, or a part of it."""
    known = of.data
    order, discount = left or (known.order_minor, known.discount_minor)
    whole = order_minor is None
    given = order if order_minor is None else order_minor
    off = discount if whole else discount_minor
    names = {name for name in RolledBack.model_fields if name in Succeeded.model_fields}
    told = {name: getattr(known, name) for name in names} | {
        "rollback_id": new("rr_"),
        "sequence": known.sequence + 1,
        "whole": whole,
        "order_minor": given,
        "discount_minor": off,
        "order_left_minor": order - given,
        "discount_left_minor": discount - off,
        "reason": None,
        "redeemed_at": of.time,
        "decided_at": at or of.time,
    }
    return RedemptionRolledBack(
        **envelope(time=at or of.time, projectid=of.projectid),
        data=RolledBack.model_validate(told),
    )


def an_unknown_code(**data: Any) -> RedemptionFailed:
    """A refusal of a code that nobody issued: it has neither campaign nor partner."""
    nobody = dict.fromkeys(("campaign_id", "campaign_version", "partner_id", "channel"))
    return a_failure(**{"reason": Reason.NOT_FOUND, "currency": None} | nobody | data)


def a_visit(*, at: datetime = NOON, project: str = PROJECT, **data: Any) -> Visited:
    told = {
        "visit_id": new("visit_"),
        "campaign_id": "camp_1",
        "campaign_version": 1,
        "partner_id": "part_1",
        "channel": "newsletter",
    } | data
    return Visited(**envelope(time=at, projectid=project), data=Visit.model_validate(told))


def refused_guesses(
    count: int, *, minute: datetime = NOON, project: str = PROJECT, **data: Any
) -> GuessesRefused:
    """So many requests of a minute that were refused unread."""
    told = {"minute": minute, "limit": "address", "caller": "key_1", "count": count} | data
    return GuessesRefused(**envelope(projectid=project), data=RefusedGuesses.model_validate(told))


def a_campaign(*, project: str = PROJECT, **data: Any) -> CampaignChanged:
    told = {
        "id": "camp_1",
        "version": 1,
        "name": "Spring",
        "partner": Named(id="part_1", name="Dealhunt"),
        "channel": "newsletter",
        "category": None,
        "active": True,
        "currency": "EUR",
        "terms": Terms(discount=AmountOff(amount_off_minor=100)),
        "commission_plan": CommissionPlan(share_basis_points=500),
        "margin_basis_points": 3000,
    } | data
    snapshot = CampaignSnapshot.model_validate(told)
    return CampaignChanged(**envelope(projectid=project), data=snapshot)


def a_segment(segment: str = "seg_1", *, project: str = PROJECT, **data: Any) -> SegmentChanged:
    told = {"id": segment, "version": 1, "name": segment, "type": "static", "in_reports": True}
    snapshot = SegmentSnapshot.model_validate(told | data)
    return SegmentChanged(**envelope(projectid=project), data=snapshot)


def a_key(key_id: str = "key_1", *scopes: str) -> ApiKey:
    return ApiKey.model_validate(
        {"id": key_id, "digest": SECRET_DIGEST, "scopes": scopes or ("reports",)}
    )


def a_project(**data: Any) -> ProjectChanged:
    told = {
        "id": PROJECT,
        "version": 1,
        "name": "Shop",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "keys": (a_key(),),
    } | data
    project = ProjectSnapshot.model_validate(told)
    return ProjectChanged(**envelope(projectid=project.id), data=project)


def records(
    topic: str, events: Sequence[Event | bytes | None], *, partition: int = 0, first: int = 0
) -> list[ConsumerRecord]:
    """What a consumer would be given for these events, one offset after the other."""
    return [
        a_record(topic, event, partition=partition, offset=first + number)
        for number, event in enumerate(events)
    ]


def a_record(
    topic: str, event: Event | bytes | None, *, partition: int = 0, offset: int = 0
) -> ConsumerRecord:
    value = event.encode() if isinstance(event, Event) else event
    return ConsumerRecord(
        topic=topic,
        partition=partition,
        offset=offset,
        timestamp=1_795_435_200_000 + offset,
        timestamp_type=0,
        key=b"key",
        value=value,
        checksum=None,
        serialized_key_size=3,
        serialized_value_size=len(value or b""),
        headers=(),
    )
