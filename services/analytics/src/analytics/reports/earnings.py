"""What each partner and each campaign earned."""

from typing import Final

from pydantic import BaseModel

from analytics.query import performance
from analytics.reports.figures import COLUMNS, Figures
from analytics.reports.listing import Report


class Partner(BaseModel):
    """Who; a name that no snapshot has told yet is empty."""

    partner_id: str
    name: str
    currency: str


class Campaign(BaseModel):
    """Which deal; a name that no snapshot has told yet is empty."""

    campaign_id: str
    name: str
    partner_id: str
    partner_name: str
    channel: str
    currency: str


class PartnerEarnings(Figures, Partner):
    """What a partner earned."""


class CampaignEarnings(Figures, Campaign):
    """What a campaign earned."""


MOST_PROFITABLE: Final = "-profit_minor"

# What nobody issued is nobody's: it is among the failures alone.
PARTNERS: Final = Report(
    PartnerEarnings,
    f"""
    SELECT partner_id, partner_name AS name, currency, {COLUMNS}
    FROM {performance("partner")} WHERE partner_id != ''
    """,  # noqa: S608  # constants of ours
    "partner_id, currency",
    MOST_PROFITABLE,
)

CAMPAIGNS: Final = Report(
    CampaignEarnings,
    f"""
    SELECT campaign_id, campaign_name AS name, partner_id, partner_name, channel, currency,
        {COLUMNS}
    FROM {performance("partner", "campaign")} WHERE partner_id != ''
    """,  # noqa: S608  # constants of ours
    "campaign_id, partner_id, currency",
    MOST_PROFITABLE,
)
