"""A campaign's snapshot, as much of it as is stored.

What is enforced is redemption's: a kind of discount that is new here takes no campaign its name.
"""

from typing import Literal

from contracts.campaigns import CommissionPlan, Named
from contracts.event import Event, Identifier, Model
from contracts.money import BasisPoints, Count, Currency
from contracts.terms import Validity


class Terms(Model):
    """When the campaign runs."""

    validity: Validity = Validity()


class NamedCampaign(Model):
    """Whose it is, what it is called, what it costs."""

    id: Identifier
    version: Count
    name: str
    partner: Named
    channel: str
    category: Named | None
    active: bool
    currency: Currency
    terms: Terms
    commission_plan: CommissionPlan
    margin_basis_points: BasisPoints


class CampaignNamed(Event):
    """`contracts.campaigns.CampaignChanged`, without what it enforces."""

    type: Literal["coupons.campaign.changed.v1"] = "coupons.campaign.changed.v1"
    data: NamedCampaign
