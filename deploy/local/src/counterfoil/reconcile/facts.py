"""A decision as each of the three places tells it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, TypeAlias
from uuid import UUID

from contracts.money import share

Place = Literal["ledger", "kafka", "clickhouse"]
PLACES: tuple[Place, ...] = ("ledger", "kafka", "clickhouse")


class Fact(NamedTuple):
    """One decision. `commission_minor` is None in the ledger, which does not know it."""

    project_id: str
    campaign_id: str
    partner_id: str
    accepted: bool
    reason: str
    order_minor: int
    discount_minor: int
    commission_minor: int | None
    currency: str
    day: date


Facts: TypeAlias = Mapping[UUID, Fact]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is reconciled: everything decided before a whole millisecond, as events count time."""

    until: datetime
    project_id: str | None = None


class Day(NamedTuple):
    """What sums are kept by: a partner's day in a project; the partner is empty if unknown."""

    project_id: str
    partner_id: str
    day: date


@dataclass(slots=True)
class Totals:
    """Counts and sums; of accepted decisions, except `refused` and `refused_minor`."""

    accepted: int = 0
    refused: int = 0
    order_minor: int = 0
    refused_minor: int = 0
    discount_minor: int = 0
    commission_minor: int = 0

    def add(self, other: "Totals") -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


def commission(
    *, net_minor: int, is_new: bool, share_basis_points: int, flat_minor: int, bonus_minor: int
) -> int:
    """Recompute what a partner is owed, from the plan that the event carries."""
    owed = share(max(net_minor, 0), share_basis_points) + flat_minor
    return owed + bonus_minor if is_new else owed


def of_event(event: Mapping[str, Any]) -> tuple[UUID, Fact, datetime]:
    """Read an outcome as it is on Kafka, and when it was decided.

    Raises KeyError, TypeError or ValueError for what is none.
    """
    data = event["data"]
    accepted = {
        "coupons.redemption.succeeded.v1": True,
        "coupons.redemption.failed.v1": False,
    }[event["type"]]
    owed = 0
    if accepted:
        plan = data["commission_plan"]
        owed = commission(
            net_minor=data["order_minor"] - data["discount_minor"],
            is_new=data["customer_is_new"],
            share_basis_points=plan["share_basis_points"],
            flat_minor=plan["flat_minor"],
            bonus_minor=plan["new_customer_bonus_minor"],
        )
    fact = Fact(
        project_id=event["projectid"],
        campaign_id=data["campaign_id"] or "",
        partner_id=data["partner_id"] or "",
        accepted=accepted,
        reason="" if accepted else data["reason"],
        order_minor=data["order_minor"],
        discount_minor=data["discount_minor"] if accepted else 0,
        commission_minor=owed,
        currency=data["currency"] or "",
        day=datetime.fromisoformat(event["time"]).date(),
    )
    return UUID(event["id"]), fact, datetime.fromisoformat(data["decided_at"])


def totals(facts: Iterable[Fact]) -> dict[Day, Totals]:
    """Add facts up per project, partner and day."""
    result: dict[Day, Totals] = {}
    for fact in facts:
        of_day = result.setdefault(Day(fact.project_id, fact.partner_id, fact.day), Totals())
        if fact.accepted:
            of_day.accepted += 1
            of_day.order_minor += fact.order_minor
            of_day.discount_minor += fact.discount_minor
            of_day.commission_minor += fact.commission_minor or 0
        else:
            of_day.refused += 1
            of_day.refused_minor += fact.order_minor
    return result
