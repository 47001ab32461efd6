"""Previews as clients read them: null where a draft does not say enough."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from campaigns.campaigns import words
from campaigns.codes import CodeConfig
from campaigns.previews import estimates
from campaigns.previews.estimates import Cost
from contracts.campaigns import CommissionPlan
from contracts.discounts import Discount
from contracts.instants import Instant


class ProblemObject(BaseModel):
    field: str
    message: str


class CodeSpace(BaseModel):
    """How many codes can look like this: exactly, in digits, since numbers of JSON are not."""

    size: str
    words: str
    bits: float


class Sample(BaseModel):
    order_minor: int
    discount_minor: int
    to_pay_minor: int
    offer_text: str


class CommissionSample(BaseModel):
    known_customer_minor: int
    new_customer_minor: int
    text: str


class LastAccepted(BaseModel):
    """The last moment at which it accepts, and what clocks of the project show then."""

    at: Instant
    local: str
    time_zone: str


class CostObject(BaseModel):
    """What all uses cost at most, at such orders: as if each customer were a new one."""

    uses: int
    discount_minor: int
    commission_minor: int
    cost_minor: int


class CampaignPreview(BaseModel):
    object: Literal["campaign_preview"] = "campaign_preview"
    problems: list[ProblemObject]
    sample_codes: list[str] | None = None
    code_space: CodeSpace | None = None
    sample: Sample | None = None
    commission: CommissionSample | None = None
    last_accepted: LastAccepted | None = None
    if_all_used: CostObject | None = None
    currency: str
    minor_units: int


def code_space(config: CodeConfig) -> CodeSpace:
    size = config.capacity
    return CodeSpace(size=str(size), words=estimates.in_words(size), bits=estimates.bits(config))


def sample(discount: Discount, order_minor: int, currency: str) -> Sample:
    discount_minor = estimates.discount_on(discount, order_minor)
    return Sample(
        order_minor=order_minor,
        discount_minor=discount_minor,
        to_pay_minor=order_minor - discount_minor,
        offer_text=words.offer(discount, currency),
    )


def commission_sample(plan: CommissionPlan, net_minor: int, currency: str) -> CommissionSample:
    return CommissionSample(
        known_customer_minor=estimates.commission_on(plan, net_minor, customer_is_new=False),
        new_customer_minor=estimates.commission_on(plan, net_minor, customer_is_new=True),
        text=words.commission(plan, currency),
    )


def last_accepted(ends_at: datetime, zone: str) -> LastAccepted:
    last = estimates.last_accepted(ends_at)
    local = last.astimezone(ZoneInfo(zone)).isoformat(timespec="milliseconds")
    return LastAccepted(at=last, local=local, time_zone=zone)


def cost_response(cost: Cost) -> CostObject:
    return CostObject.model_validate(cost, from_attributes=True)
