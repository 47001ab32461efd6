"""What each partner and each campaign earned."""

from typing import Final

from pydantic import BaseModel

from analytics.query import named_figures
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
    SELECT f.partner_id AS partner_id, c.partner_name AS name, f.currency AS currency, {COLUMNS}
    FROM {named_figures("partner")} WHERE f.partner_id != ''
    """,  # noqa: S608  # constants of ours
    "partner_id, currency",
    MOST_PROFITABLE,
)

CAMPAIGNS: Final = Report(
    CampaignEarnings,
    f"""
    SELECT
        f.campaign_id AS campaign_id,
        c.campaign_name AS name,
        f.partner_id AS partner_id,
        c.partner_name AS partner_name,
        toString(c.channel) AS channel,
        f.currency AS currency,
        {COLUMNS}
    FROM {named_figures("partner", "campaign")} WHERE f.partner_id != ''
    """,  # noqa: S608  # constants of ours
    "campaign_id, partner_id, currency",
    MOST_PROFITABLE,
)
