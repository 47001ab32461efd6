"""A campaign's snapshot, as much of it as is stored.

What is enforced is redemption's: a kind of discount that is new here takes no campaign its name.
"""

from contracts.campaigns import CampaignChanged, CampaignSnapshot
from contracts.event import Model
from contracts.terms import Validity


class Terms(Model):
    """When the campaign runs."""

    validity: Validity = Validity()


class NamedCampaign(CampaignSnapshot):
    """Whose it is, what it is called, what it costs."""

    terms: Terms  # type: ignore[assignment]  # on purpose less than the contract's


class CampaignNamed(CampaignChanged):
    """The contract's event, without what it enforces."""

    data: NamedCampaign
