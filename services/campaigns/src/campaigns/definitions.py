"""What campaigns knows: the values that the store returns and that snapshots are made of."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from campaigns.codes import Shape
from contracts.campaigns import CommissionPlan, Discount, Named
from contracts.projects import Scope

Growth = Literal["AUTO_UPDATE", "STATIC", "STANDALONE"]
JobStatus = Literal["ENQUEUED", "IN_PROGRESS", "DONE", "FAILED"]
Metadata = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Key:
    """An API key in force, without its secret."""

    id: str
    digest: str
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """One tenant and the keys in force."""

    id: str
    version: int
    name: str
    currency: str
    time_zone: str
    keys: tuple[Key, ...]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Partner:
    """Who brings shoppers, and what was agreed."""

    id: str
    name: str
    contract_notes: str | None
    deal_url: str | None
    landing_url: str | None
    contact: str | None
    metadata: Metadata
    created_at: datetime
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Category:
    """Groups campaigns; a lower hierarchy comes first."""

    id: str
    name: str
    hierarchy: int
    created_at: datetime
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Codes:
    """What codes are like. A quantity of None was either given, "without limit", or not given."""

    shape: Shape = field(default_factory=Shape)
    quantity: int | None = None
    quantity_given: bool = False

    @property
    def of_each_drawn(self) -> int | None:
        """A unique code is for one use unless told otherwise; a fixed one has no limit."""
        return self.quantity if self.quantity_given else 1


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person decides about a campaign, and may change later."""

    name: str
    growth: Growth
    description: str | None
    contract_notes: str | None
    deal_url: str | None
    landing_url: str | None
    channel: str
    discount: Discount
    starts_at: datetime | None
    ends_at: datetime | None
    total_limit: int | None
    per_customer_limit: int | None
    commission_plan: CommissionPlan
    margin_basis_points: int
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Campaign:
    """One deal with one partner on one channel."""

    id: str
    version: int
    active: bool
    currency: str
    terms: Terms
    partner: Named
    category: Named | None
    codes: Codes
    vouchers_count: int
    issuing: bool
    created_at: datetime
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Voucher:
    """One code and how often it was used, as far as we have heard."""

    id: str
    code: str
    campaign_id: str
    drawn: bool
    active: bool
    version: int
    quantity: int | None
    redeemed_quantity: int
    metadata: Metadata
    created_at: datetime
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Job:
    """A bulk issue and how far it got."""

    project_id: str
    id: str
    campaign_id: str
    status: JobStatus
    wanted: int
    done: int
    quantity: int | None
    shape: Shape
    metadata: Metadata
    request_id: str
    failure: str | None
    created_at: datetime
    updated_at: datetime
