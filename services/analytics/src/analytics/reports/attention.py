"""What needs a look: whose codes are refused far more often than in the period before."""

from typing import Final, Literal

from pydantic import BaseModel

from analytics.query import BEFORE, NOW, performance
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
        maxIf(n.partner_name, n.bucket = {NOW}) AS partner_name,
        nullIf(n.campaign_id, '') AS campaign_id,
        if(campaign_id IS NULL, NULL, maxIf(n.campaign_name, n.bucket = {NOW})) AS campaign_name,
        n.currency AS currency,
        sumIf(n.refused, n.bucket = {NOW}) AS refused,
        maxIf(n.refusal_rate, n.bucket = {NOW}) AS refusal_rate,
        sumIf(n.refused_minor, n.bucket = {NOW}) AS refused_minor,
        sumIf(n.refused, n.bucket = {BEFORE}) AS before,
        toInt64(refused) - toInt64(before) AS difference,
        if(before = 0, NULL, difference / before) AS ratio,
        before = 0 AS new
    FROM {performance(*groups)} AS n
    WHERE n.partner_id != ''
    GROUP BY n.partner_id, n.campaign_id, n.currency
    HAVING difference >= {MORE_BY} AND refused >= {TIMES} * before
    """  # noqa: S608  # constants of ours
    return Report(Attention, sql, "partner_id, campaign_id, currency", STEEPEST)
