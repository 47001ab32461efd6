"""What people read of a campaign, or this service alone goes by, as clients write it."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from campaigns.api.body import Body
from campaigns.api.fields import Text, Url
from campaigns.campaigns.windows import Duration
from campaigns.model import CampaignType, Details


class DetailFields(Body):
    """What people read of a campaign, as it stands in its bodies and in its answers."""

    description: Text | None = None
    contract_notes: Text | None = None
    deal_url: Url | None = None
    landing_url: Url | None = None
    activity_duration_after_publishing: Annotated[
        Duration | None,
        Field(description="How long a code holds once a customer was given it; days by the clock."),
    ] = None
    join_once: Annotated[
        bool | None,
        Field(strict=True, description="Whether a customer is given one of its codes and no more."),
    ] = None


def to_details(campaign_type: CampaignType, fields: DetailFields) -> Details:
    lasts = fields.activity_duration_after_publishing
    return Details(
        type=campaign_type,
        description=fields.description,
        contract_notes=fields.contract_notes,
        deal_url=fields.deal_url,
        landing_url=fields.landing_url,
        active_after_publishing_seconds=None if lasts is None else int(lasts.total_seconds()),
        join_once=bool(fields.join_once),
    )


def from_details(details: Details) -> DetailFields:
    lasts = details.active_after_publishing_seconds
    return DetailFields(
        description=details.description,
        contract_notes=details.contract_notes,
        deal_url=details.deal_url,
        landing_url=details.landing_url,
        activity_duration_after_publishing=None if lasts is None else timedelta(seconds=lasts),
        join_once=details.join_once,
    )
