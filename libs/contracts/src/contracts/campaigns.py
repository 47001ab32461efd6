"""A campaign as redemption enforces it and analytics names it: one per partner and channel."""

from typing import Literal

from contracts.event import Event, Identifier, Model
from contracts.money import BasisPoints, Count, Currency, Minor
from contracts.terms import Terms


class CommissionPlan(Model):
    """What a partner is owed per accepted redemption: the sum of its parts.

    `share_basis_points` is of the net (order less discount); the bonus is for a new customer.
    """

    share_basis_points: BasisPoints = 0
    flat_minor: Minor = 0
    new_customer_bonus_minor: Minor = 0


class Named(Model):
    """A partner or a category: joined by id, shown by name."""

    id: Identifier
    name: str


class CampaignCategory(Named):
    """Codes of a lower hierarchy apply first, where the project says so."""

    hierarchy: Count = 0


class CampaignSnapshot(Model):
    """The campaign in force: whose it is, what it enforces, what it costs."""

    id: Identifier
    version: Count
    name: str
    partner: Named
    channel: str
    category: CampaignCategory | None
    active: bool
    currency: Currency
    time_zone: str = "UTC"  # of its project, by which days begin: an IANA name
    terms: Terms
    commission_plan: CommissionPlan
    margin_basis_points: BasisPoints


class CampaignChanged(Event):
    """The whole campaign as it now is; the highest version wins."""

    type: Literal["coupons.campaign.changed.v1"] = "coupons.campaign.changed.v1"
    data: CampaignSnapshot
