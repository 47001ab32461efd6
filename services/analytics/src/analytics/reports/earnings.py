"""What each partner, each campaign and the customers of each segment earned."""

from typing import Any, Final, Literal

from pydantic import BaseModel

from analytics.query import SEGMENT_NAME, figures, named_figures
from analytics.reports.figures import COLUMNS, Figures
from analytics.reports.listing import Report

SplitBy = Literal["segment"]


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


class OfSegment(BaseModel):
    """Whose customers; both are null of those who were in none."""

    segment_id: str | None
    segment_name: str | None


class PartnerEarnings(Figures, Partner):
    """What a partner earned."""


class CampaignEarnings(Figures, Campaign):
    """What a campaign earned."""


class PartnerEarningsBySegment(Figures, Partner, OfSegment):
    """What a partner earned with customers of a segment."""


class CampaignEarningsBySegment(Figures, Campaign, OfSegment):
    """What a campaign earned with customers of a segment."""


class SegmentEarnings(Figures):
    """What was earned with customers of a segment; without id and name: of those in none."""

    segment_id: str | None
    name: str | None
    currency: str


MOST_PROFITABLE: Final = "-profit_minor"
_SEGMENT: Final = "nullIf(f.segment_id, '') AS segment_id"
_BY_SEGMENT: Final = f"""
    {_SEGMENT}, if(f.segment_id = '', NULL, {SEGMENT_NAME}) AS segment_name,
"""

# What nobody issued is nobody's: it is among the failures alone.
_PARTNER: Final = "f.partner_id AS partner_id, c.partner_name AS name, f.currency AS currency,"
_CAMPAIGN: Final = """
    f.campaign_id AS campaign_id,
    c.campaign_name AS name,
    f.partner_id AS partner_id,
    c.partner_name AS partner_name,
    toString(c.channel) AS channel,
    f.currency AS currency,
"""


def _issued(row: type[Any], shown: str, *by: str, tie_breaker: str) -> Report[Any]:
    sql = f"""
    SELECT {shown} {COLUMNS} FROM {named_figures(*by)} WHERE f.partner_id != ''
    """  # noqa: S608  # constants of ours
    return Report(row, sql, tie_breaker, MOST_PROFITABLE)


PARTNERS: Final[Report[PartnerEarnings]] = _issued(
    PartnerEarnings, _PARTNER, "partner", tie_breaker="partner_id, currency"
)
CAMPAIGNS: Final[Report[CampaignEarnings]] = _issued(
    CampaignEarnings,
    _CAMPAIGN,
    *("partner", "campaign"),
    tie_breaker="campaign_id, partner_id, currency",
)
PARTNERS_BY_SEGMENT: Final[Report[PartnerEarningsBySegment]] = _issued(
    PartnerEarningsBySegment,
    _BY_SEGMENT + _PARTNER,
    *("partner", "segment"),
    tie_breaker="partner_id, segment_id, currency",
)
CAMPAIGNS_BY_SEGMENT: Final[Report[CampaignEarningsBySegment]] = _issued(
    CampaignEarningsBySegment,
    _BY_SEGMENT + _CAMPAIGN,
    *("partner", "campaign", "segment"),
    tie_breaker="campaign_id, partner_id, segment_id, currency",
)
SEGMENTS: Final = Report(
    SegmentEarnings,
    f"""
    SELECT
        {_SEGMENT},
        if(f.segment_id = '', NULL, {SEGMENT_NAME}) AS name,
        f.currency AS currency,
        {COLUMNS}
    FROM {figures("segment")} AS f
    """,  # noqa: S608  # constants of ours
    "segment_id, currency",
    MOST_PROFITABLE,
)
