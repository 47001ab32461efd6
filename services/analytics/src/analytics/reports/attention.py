"""What needs a look: whose codes are refused far more often than in the period before."""

from typing import Final, Literal

from pydantic import BaseModel

from analytics.query import BEFORE, NOW, SEGMENT_NAME, named_figures
from analytics.reports.listing import Report

By = Literal["campaign", "partner", "segment"]

MORE_BY: Final = 10  # fewer are chance
TIMES: Final = 1.5


class Attention(BaseModel):
    """Refusals of a campaign, a partner or a segment, and how many there were before."""

    kind: Literal["refusals_up"] = "refusals_up"
    partner_id: str | None
    partner_name: str | None
    campaign_id: str | None
    campaign_name: str | None
    segment_id: str | None
    segment_name: str | None
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
    """Return the report with a row for each campaign, or each partner, or each segment."""
    groups = ("partner", "campaign") if by == "campaign" else (by,)
    subject = "segment_id" if by == "segment" else "partner_id"
    sql = f"""
    SELECT
        'refusals_up' AS kind,
        nullIf(f.partner_id, '') AS partner_id,
        if(partner_id IS NULL, NULL, maxIf(c.partner_name, f.bucket = {NOW})) AS partner_name,
        nullIf(f.campaign_id, '') AS campaign_id,
        if(campaign_id IS NULL, NULL, maxIf(c.campaign_name, f.bucket = {NOW})) AS campaign_name,
        nullIf(f.segment_id, '') AS segment_id,
        if(segment_id IS NULL, NULL, {SEGMENT_NAME}) AS segment_name,
        f.currency AS currency,
        sumIf(f.refused, f.bucket = {NOW}) AS refused,
        maxIf(f.refusal_rate, f.bucket = {NOW}) AS refusal_rate,
        sumIf(f.refused_minor, f.bucket = {NOW}) AS refused_minor,
        sumIf(f.refused, f.bucket = {BEFORE}) AS before,
        toInt64(refused) - toInt64(before) AS difference,
        if(before = 0, NULL, difference / before) AS ratio,
        before = 0 AS new
    FROM {named_figures(*groups)}
    WHERE f.{subject} != ''
    GROUP BY f.partner_id, f.campaign_id, f.segment_id, f.currency
    HAVING difference >= {MORE_BY} AND refused >= {TIMES} * before
    """  # noqa: S608  # constants of ours
    return Report(Attention, sql, "partner_id, campaign_id, segment_id, currency", STEEPEST)
