"""A campaign as redemption enforces it and analytics names it: one per partner and channel."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.event import Event, Key, Model
from contracts.instants import Instant
from contracts.money import BasisPoints, Count, Currency, Minor


class AmountOff(Model):
    """Takes a fixed amount off the order, never more than the order."""

    type: Literal["AMOUNT"] = "AMOUNT"
    amount_off_minor: Minor


class PercentOff(Model):
    """Takes a share off the order, rounded half up to the minor unit."""

    type: Literal["PERCENT"] = "PERCENT"
    basis_points: BasisPoints


Discount = Annotated[AmountOff | PercentOff, Field(discriminator="type")]


class CommissionPlan(Model):
    """What a partner is owed per accepted redemption: the sum of its parts.

    `share_basis_points` is of the net (order less discount); the bonus is for a new customer.
    """

    share_basis_points: BasisPoints = 0
    flat_minor: Minor = 0
    new_customer_bonus_minor: Minor = 0


class Named(Model):
    """A partner or a category: joined by id, shown by name."""

    id: Key
    name: str


class Campaign(Model):
    """The terms in force. `starts_at` is inclusive, `ends_at` exclusive; None is "without"."""

    id: Key
    version: Count
    name: str
    partner: Named
    channel: str
    category: Named | None
    active: bool
    currency: Currency
    discount: Discount
    starts_at: Instant | None
    ends_at: Instant | None
    total_limit: Count | None
    per_customer_limit: Count | None
    commission_plan: CommissionPlan
    margin_basis_points: BasisPoints


class CampaignChanged(Event):
    """The whole campaign as it now is; the highest version wins."""

    type: Literal["coupons.campaign.changed.v1"] = "coupons.campaign.changed.v1"
    data: Campaign
