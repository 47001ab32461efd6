"""Snapshots of campaigns and segments, as much of them as is stored.

What is enforced is redemption's: a kind of discount that is new here takes no campaign its name.
"""

from typing import Literal

from contracts.campaigns import CampaignChanged, CampaignSnapshot
from contracts.event import Event, Identifier, Model
from contracts.money import Count
from contracts.validity import Validity


class Terms(Model):
    """When the campaign runs."""

    validity: Validity = Validity()


class NamedCampaign(CampaignSnapshot):
    """Whose it is, what it is called, what it costs."""

    terms: Terms  # type: ignore[assignment]  # on purpose less than the contract's


class CampaignNamed(CampaignChanged):
    """The contract's event, without what it enforces."""

    data: NamedCampaign


class NamedSegment(Model):
    """What a segment is called, and whether outcomes tell of it; who is in it is redemption's."""

    id: Identifier
    version: Count
    name: Identifier
    in_reports: bool = False
    deleted: bool = False


class SegmentNamed(Event):
    """The contract's event, without filter and members."""

    type: Literal["coupons.segment.changed.v1"] = "coupons.segment.changed.v1"
    data: NamedSegment
