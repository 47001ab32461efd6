"""What needs a look: whose codes are refused far more often than in the period before."""

from typing import Final, Literal

from pydantic import BaseModel

from analytics.query import performance
from analytics.reports.listing import Report

By = Literal["campaign", "partner"]

MORE_BY: Final = 10  # fewer are chance
TIMES: Final = 1.5


class Attention(BaseModel):
    """Refusals of a campaign or a partner, and how many there were before."""

    kind: Literal["refusals_up"] = "refusals_up"
    partner_id: str
    partner_name: str
    campaign_id: str | None
    campaign_name: str | None
    currency: str
    refused: int
    refusal_rate: float
    refused_minor: int
    before: int
    difference: int
    ratio: float | None
    new: bool


STEEPEST: Final = "-difference"


def report(by: By) -> Report[Attention]:
    """Return the report with a row for each campaign, or each partner."""
    groups = ("partner",) if by == "partner" else ("partner", "campaign")
    sql = f"""
    SELECT
        'refusals_up' AS kind,
        n.partner_id AS partner_id,
        n.partner_name AS partner_name,
        nullIf(n.campaign_id, '') AS campaign_id,
        if(campaign_id IS NULL, NULL, n.campaign_name) AS campaign_name,
        n.currency AS currency,
        n.refused AS refused,
        n.refusal_rate AS refusal_rate,
        n.refused_minor AS refused_minor,
        b.refused AS before,
        toInt64(n.refused) - toInt64(before) AS difference,
        if(before = 0, NULL, difference / before) AS ratio,
        before = 0 AS new
    FROM {performance(*groups)} AS n
    LEFT JOIN {performance(*groups, of="before_")} AS b
        ON b.partner_id = n.partner_id
        AND b.campaign_id = n.campaign_id
        AND b.currency = n.currency
    WHERE n.partner_id != '' AND difference >= {MORE_BY} AND n.refused >= {TIMES} * before
    """  # noqa: S608  # constants of ours
    return Report(Attention, sql, "partner_id, campaign_id, currency", STEEPEST)
