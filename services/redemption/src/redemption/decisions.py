"""The words of the decision path: what is asked, what a code promises, what was decided.

Named tuples, because a batch makes a thousand of each and they cost half of a frozen dataclass.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.campaigns import AmountOff, CommissionPlan, PercentOff
from contracts.redemptions import Reason

# (project id, the thing's own id): the same text in two projects is two things, in one batch too.
CampaignKey = tuple[str, str]
CodeKey = tuple[str, str]
CustomerKey = tuple[str, str, str]  # project, campaign, customer


class Request(NamedTuple):
    """A wish to spend a code, judged at `at`: its record's timestamp, or its receipt by HTTP.

    `key` identifies the request for ever, `fingerprint` tells whether the same thing is asked.
    """

    project_id: str
    key: bytes
    fingerprint: bytes
    request_id: str | None
    code: str
    customer_id: str | None
    order_id: str | None
    order_minor: int | None
    currency: str | None
    visit_id: str | None
    at: datetime

    @property
    def code_key(self) -> CodeKey:
        return (self.project_id, self.code)


class Offer(NamedTuple):
    """What a code promises, with the terms of its campaign. Limits of None are "without"."""

    campaign_id: str
    campaign_version: int
    campaign_name: str
    partner_id: str
    channel: str
    category_id: str | None
    campaign_active: bool
    starts_at: datetime | None
    ends_at: datetime | None
    total_limit: int | None
    per_customer_limit: int | None
    currency: str
    discount: AmountOff | PercentOff
    commission_plan: CommissionPlan
    margin_basis_points: int
    voucher_id: str
    voucher_active: bool
    quantity: int | None


@dataclass(slots=True)
class Uses:
    """What is used up by now: counts as loaded behind the locks, moved on by each acceptance."""

    of_campaign: dict[CampaignKey, int]
    of_code: dict[CodeKey, int]
    of_customer: dict[CustomerKey, int]
    sequences: dict[CodeKey, int]


class Refusal(NamedTuple):
    """Why not, and what would have made it pass."""

    reason: Reason
    hint: str = ""


class Accepted(NamedTuple):
    """A request that took its use; `uses` and `sequence` are those of its code, after it."""

    id: UUID
    request: Request
    offer: Offer
    discount_minor: int
    uses: int
    sequence: int


class Refused(NamedTuple):
    """A request that took nothing; without an offer the code is unknown."""

    id: UUID
    request: Request
    offer: Offer | None
    refusal: Refusal


Decision = Accepted | Refused


class Answer(NamedTuple):
    """What the asker gets: an HTTP status and a JSON body, the same bytes on every repeat."""

    fingerprint: bytes
    status: int
    body: bytes
    replayed: bool = False
