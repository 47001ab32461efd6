"""What needs a look: whose codes are refused far more often than in the period before."""

from typing import Final, Literal

from pydantic import BaseModel

from analytics.query import BEFORE, NOW, named_figures
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
        f.partner_id AS partner_id,
        maxIf(c.partner_name, f.bucket = {NOW}) AS partner_name,
        nullIf(f.campaign_id, '') AS campaign_id,
        if(campaign_id IS NULL, NULL, maxIf(c.campaign_name, f.bucket = {NOW})) AS campaign_name,
        f.currency AS currency,
        sumIf(f.refused, f.bucket = {NOW}) AS refused,
        maxIf(f.refusal_rate, f.bucket = {NOW}) AS refusal_rate,
        sumIf(f.refused_minor, f.bucket = {NOW}) AS refused_minor,
        sumIf(f.refused, f.bucket = {BEFORE}) AS before,
        toInt64(refused) - toInt64(before) AS difference,
        if(before = 0, NULL, difference / before) AS ratio,
        before = 0 AS new
    FROM {named_figures(*groups)}
    WHERE f.partner_id != ''
    GROUP BY f.partner_id, f.campaign_id, f.currency
    HAVING difference >= {MORE_BY} AND refused >= {TIMES} * before
    """  # noqa: S608  # constants of ours
    return Report(Attention, sql, "partner_id, campaign_id, currency", STEEPEST)
