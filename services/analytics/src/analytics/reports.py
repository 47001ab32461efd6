"""The reports: what a row says, and from which view it comes.

What a figure means stands in the views (`migrations/0003_views.sql`), once for reports and BI.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from clickhouse_connect.driver.asyncclient import AsyncClient
from pydantic import BaseModel

from analytics.query import ARGUMENTS, Page, ReportQuery, SortBy, fetch_page


class Earnings(BaseModel):
    """What was seen, redeemed and earned; money in minor units of `currency`."""

    currency: str
    visits: int
    redemptions: int
    new_customers: int
    gross_minor: int
    discount_minor: int
    commission_minor: int
    gross_profit_minor: int
    cost_minor: int
    profit_minor: int
    roi: float | None
    refused: int
    refused_minor: int


class Partner(BaseModel):
    """Who; a name that no snapshot has told yet is empty."""

    partner_id: str
    name: str


class Campaign(BaseModel):
    """Which deal; a name that no snapshot has told yet is empty."""

    campaign_id: str
    name: str
    partner_id: str
    partner_name: str
    channel: str


class PartnerEarnings(Earnings, Partner):
    """What a partner earned."""


class CampaignEarnings(Earnings, Campaign):
    """What a campaign earned."""


class Failures(BaseModel):
    """Refusals for one reason; no partner where nobody had issued the code."""

    reason: str
    partner_id: str | None
    partner_name: str | None
    count: int
    customers: int
    refused_minor: int
    currency: str


Row = TypeVar("Row", bound=BaseModel)


@dataclass(frozen=True)
class Report(Generic[Row]):
    """A report: its rows, the statement that makes them, and the order unless told otherwise."""

    summary: str
    row: type[Row]
    sql: str
    tie_breaker: str
    sort_by: SortBy

    async def fetch(
        self, client: AsyncClient, query: ReportQuery, page: Page
    ) -> tuple[list[Row], int]:
        """Return a page of the rows, and how many there are."""
        found, total = await fetch_page(client, self.sql, self.tie_breaker, query, page)
        return [self.row.model_validate(row) for row in found], total


EARNINGS = ", ".join(Earnings.model_fields)

PARTNERS = Report(
    "What each partner earned",
    PartnerEarnings,
    f"""
    SELECT partner_id, partner_name AS name, {EARNINGS}
    FROM performance(by_day = false, by_campaign = false, {ARGUMENTS})
    """,  # noqa: S608  # constants of ours
    "partner_id, currency",
    SortBy("profit_minor", descending=True),
)

CAMPAIGNS = Report(
    "What each campaign earned",
    CampaignEarnings,
    f"""
    SELECT campaign_id, campaign_name AS name, partner_id, partner_name, channel, {EARNINGS}
    FROM performance(by_day = false, by_campaign = true, {ARGUMENTS})
    """,  # noqa: S608  # constants of ours
    "campaign_id, partner_id, currency",
    SortBy("profit_minor", descending=True),
)

FAILURES = Report(
    "Why customers were refused, and the value of the baskets lost",
    Failures,
    f"""
    SELECT
        reason, nullIf(partner_id, '') AS partner_id, nullIf(partner_name, '') AS partner_name,
        failures AS count, customers, refused_minor, currency
    FROM failures(by_day = false, by_campaign = false, {ARGUMENTS})
    """,  # noqa: S608  # constants of ours
    "reason, partner_id, currency",
    SortBy("count", descending=True),
)

REPORTS: Mapping[str, Report[PartnerEarnings] | Report[CampaignEarnings] | Report[Failures]] = (
    MappingProxyType({"partners": PARTNERS, "campaigns": CAMPAIGNS, "failures": FAILURES})
)
