"""What the demo sets up and sends, whether from the data set or made up: plain values, no I/O."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.campaigns import CommissionPlan
from contracts.redemptions import RedemptionRequest

Phase = Literal["opening", "after the switch"]


@dataclass(frozen=True, slots=True)
class PartnerPlan:
    """A partner with the deal that was struck."""

    name: str
    prefix: str
    channel: str
    contract_notes: str
    deal_link: str
    landing_page: str
    commission: CommissionPlan


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """A campaign to create: `expected` is how many redemptions of it must be accepted."""

    name: str
    description: str
    partner: str
    category: str
    amount_off_minor: int
    starts_at: datetime
    ends_at: datetime
    codes: tuple[str, ...]
    expected: int
    made_up: bool = False
    total_limit: int | None = None
    per_customer_limit: int | None = None
    products: tuple[int, ...] = ()  # that its coupons are for; none: for any


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """Somebody saw a campaign; `key` tells this visit from any other of the demo."""

    key: str
    campaign: str
    customer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A request and the time that its record carries."""

    request: RedemptionRequest
    at: datetime
    phase: Phase = "opening"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that it spends together; its record is keyed by the first."""
        return self.request.codes


@dataclass(frozen=True, slots=True)
class UnreadablePlan:
    """Bytes that no reader can take for a request."""

    value: bytes
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refusals:
    """How often a reason must come up where it was provoked; campaign None: unknown codes."""

    campaign: str | None
    reason: str
    times: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """A part of the demo. `switch_off` names the campaigns that are disabled between the phases."""

    partners: tuple[PartnerPlan, ...]
    campaigns: tuple[CampaignPlan, ...]
    visits: tuple[VisitPlan, ...] = ()
    requests: tuple[RequestPlan, ...] = ()
    unreadable: tuple[UnreadablePlan, ...] = ()
    refusals: tuple[Refusals, ...] = ()
    switch_off: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    made_up: tuple[str, ...] = ()


def decisions(requests: Iterable[RequestPlan]) -> int:
    """Count what becomes of them: an entry for each code of each request, however often sent."""
    return sum({plan.request.request_id: len(plan.codes) for plan in requests}.values())


def together(first: Scenario, second: Scenario) -> Scenario:
    """Join two parts; requests and visits in the order of time."""
    return Scenario(
        partners=first.partners + second.partners,
        campaigns=first.campaigns + second.campaigns,
        visits=tuple(sorted(first.visits + second.visits, key=lambda visit: visit.at)),
        requests=tuple(sorted(first.requests + second.requests, key=lambda plan: plan.at)),
        unreadable=first.unreadable + second.unreadable,
        refusals=first.refusals + second.refusals,
        switch_off=first.switch_off + second.switch_off,
        assumptions=first.assumptions + second.assumptions,
        made_up=first.made_up + second.made_up,
    )
