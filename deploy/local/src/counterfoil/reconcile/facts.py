"""A decision as each of the three places tells it, and sums over many. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from hashlib import md5
from typing import Any, Literal, NamedTuple

from contracts.money import BASIS, share

Place = Literal["ledger", "kafka", "clickhouse"]
PLACES: tuple[Place, ...] = ("ledger", "kafka", "clickhouse")
MODULO = 2**64
ROLLED_BACK = "rolled_back"


class Fact(NamedTuple):
    """One decision. Commission and margin are None in the ledger, which does not know them.

    What gives a redemption back is not accepted, has `ROLLED_BACK` as its reason, and amounts that
    are negative.
    """

    project_id: str
    campaign_id: str
    partner_id: str
    accepted: bool
    reason: str
    code: str
    customer_id: str
    order_minor: int
    discount_minor: int
    commission_minor: int | None
    margin_basis_points: int | None
    currency: str
    day: date


@dataclass(frozen=True, slots=True)
class Scope:
    """What is reconciled: everything decided before a whole millisecond, as events count time.

    Kafka forgets: of what was decided before `kept_from` it may lack some.
    """

    until: datetime
    project_id: str | None = None
    kept_from: datetime | None = None

    def is_kept(self, decided_at: datetime) -> bool:
        return self.kept_from is None or decided_at >= self.kept_from


class Group(NamedTuple):
    """What sums are kept by: a partner's day in a project; the partner is empty if unknown."""

    project_id: str
    partner_id: str
    day: date
    kept: bool  # by Kafka, surely


@dataclass(slots=True)
class Totals:
    """Counts and sums; net of what was rolled back, except `refused` and `refused_minor`."""

    accepted: int = 0
    rolled_back: int = 0
    refused: int = 0
    order_minor: int = 0
    refused_minor: int = 0
    discount_minor: int = 0
    commission_minor: int = 0

    def add(self, other: "Totals") -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def count(self, fact: Fact) -> None:
        if fact.accepted or fact.reason == ROLLED_BACK:
            self.accepted += fact.accepted
            self.rolled_back += not fact.accepted
            self.order_minor += fact.order_minor
            self.discount_minor += fact.discount_minor
            self.commission_minor += fact.commission_minor or 0
        else:
            self.refused += 1
            self.refused_minor += fact.order_minor

    @property
    def decisions(self) -> int:
        return self.accepted + self.rolled_back + self.refused


@dataclass(slots=True)
class Sums:
    """A group's totals, and two sums modulo 2**64 that no swapped or altered field leaves alone.

    `checksum` adds up a hash of each decision's identity and facts; `terms` adds up the same
    hashes, each times what the ledger does not know.
    """

    totals: Totals
    checksum: int = 0
    terms: int = 0

    def count(self, fact: Fact, hashed: int) -> None:
        self.totals.count(fact)
        self.checksum = (self.checksum + hashed) % MODULO
        self.terms = (self.terms + hashed * terms(fact)) % MODULO


def hashed(event_id: str, fact: Fact) -> int:
    """Hash a decision, as in_ledger.py and in_clickhouse.py have their engines do."""
    told = (
        f"{event_id}\x1f{fact.campaign_id}\x1f{fact.accepted:d}\x1f{fact.reason}"
        f"\x1f{fact.code}\x1f{fact.customer_id}"
        f"\x1f{fact.order_minor}\x1f{fact.discount_minor}\x1f{fact.currency}"
    )
    return int.from_bytes(md5(told.encode(), usedforsecurity=False).digest()[:8])


def terms(fact: Fact) -> int:
    """Put commission and margin into one number, as in_clickhouse.py does."""
    return (fact.commission_minor or 0) * (BASIS + 1) + (fact.margin_basis_points or 0)


def commission(
    *, net_minor: int, is_new: bool, share_basis_points: int, flat_minor: int, bonus_minor: int
) -> int:
    """Recompute what a partner is owed, from the plan that the event carries."""
    owed = share(max(net_minor, 0), share_basis_points) + flat_minor
    return owed + bonus_minor if is_new else owed


def _owed(data: Mapping[str, Any], order_minor: int, discount_minor: int) -> int:
    plan = data["commission_plan"]
    return commission(
        net_minor=order_minor - discount_minor,
        is_new=data["customer_is_new"],
        share_basis_points=plan["share_basis_points"],
        flat_minor=plan["flat_minor"],
        bonus_minor=plan["new_customer_bonus_minor"],
    )


def of_event(event: Mapping[str, Any]) -> tuple[str, Fact, datetime]:
    """Read an outcome as it is on Kafka, and when it was decided.

    Raises KeyError, TypeError or ValueError for what is none.
    """
    data = event["data"]
    reason = {
        "coupons.redemption.succeeded.v1": "",
        "coupons.redemption.failed.v1": data.get("reason"),
        "coupons.redemption.rolled_back.v1": ROLLED_BACK,
    }[event["type"]]
    accepted = reason == ""
    order_minor, discount_minor, owed, margin = data["order_minor"], 0, 0, 0
    if accepted:
        discount_minor, margin = data["discount_minor"], data["margin_basis_points"]
        owed = _owed(data, order_minor, discount_minor)
    elif reason == ROLLED_BACK:
        margin, left = (
            data["margin_basis_points"],
            (data["order_left_minor"], data["discount_left_minor"]),
        )
        owed = 0 if data["whole"] else _owed(data, *left)
        owed -= _owed(data, left[0] + order_minor, left[1] + data["discount_minor"])
        order_minor, discount_minor = -order_minor, -data["discount_minor"]
    fact = Fact(
        project_id=event["projectid"],
        campaign_id=data["campaign_id"] or "",
        partner_id=data["partner_id"] or "",
        accepted=accepted,
        reason=reason,
        code=data["code"],
        customer_id=data["customer_id"] or "",
        order_minor=order_minor,
        discount_minor=discount_minor,
        commission_minor=owed,
        margin_basis_points=margin,
        currency=data["currency"] or "",
        day=datetime.fromisoformat(event["time"]).date(),
    )
    return str(event["id"]), fact, datetime.fromisoformat(data["decided_at"])
