"""Why customers were refused, from the reason down to the code, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, get_args

from pydantic import BaseModel

from analytics.query import failures
from analytics.reports.listing import Report

GroupBy = Literal["reason", "partner", "campaign", "code"]
GROUPS: Final[tuple[GroupBy, ...]] = get_args(GroupBy)
_COLUMN: Final = {
    group: group if group in {"reason", "code"} else f"{group}_id" for group in GROUPS
}


class Failures(BaseModel):
    """Refusals that have something in common; what they are not grouped by is null.

    So is the partner and the campaign of a code that nobody issued.
    """

    reason: str | None
    partner_id: str | None
    partner_name: str | None
    campaign_id: str | None
    campaign_name: str | None
    code: str | None
    currency: str
    attempts: int
    share: float
    customers: int
    refused_minor: int
    last_at: datetime
    top_partner_id: str | None
    top_partner_name: str | None
    before_attempts: int | None
    difference: int | None
    ratio: float | None
    new: bool


MOST_FREQUENT: Final = "-attempts"


def report(by: Sequence[GroupBy], *, compared: bool) -> Report[Failures]:
    """Return the report that has a row for each of these."""
    keys = [_COLUMN[group] for group in GROUPS if group in by] + ["currency"]
    shown = {group: f"nullIf(n.{_COLUMN[group]}, '')" for group in GROUPS}
    was, with_before = "NULL", ""
    if compared:
        was = "b.failures"
        with_before = f"LEFT JOIN {failures(*by, of='before_')} AS b ON {_same('b', keys)}"
    sql = f"""
    SELECT
        {shown["reason"]} AS reason,
        {shown["partner"]} AS partner_id,
        if(partner_id IS NULL, NULL, n.partner_name) AS partner_name,
        {shown["campaign"]} AS campaign_id,
        if(campaign_id IS NULL, NULL, n.campaign_name) AS campaign_name,
        {shown["code"]} AS code,
        n.currency AS currency,
        n.failures AS attempts,
        n.failures / sum(n.failures) OVER () AS share,
        n.customers AS customers,
        n.refused_minor AS refused_minor,
        n.latest_at AS last_at,
        nullIf(t.partner_id, '') AS top_partner_id,
        if(top_partner_id IS NULL, NULL, t.partner_name) AS top_partner_name,
        {was} AS before_attempts,
        toInt64(n.failures) - toInt64(before_attempts) AS difference,
        if(before_attempts = 0, NULL, difference / before_attempts) AS ratio,
        ifNull(before_attempts = 0, false) AS new
    FROM {failures(*by)} AS n
    LEFT JOIN (
        SELECT * FROM {failures(*dict.fromkeys([*by, "partner"]))}
        WHERE partner_id != ''
        ORDER BY failures DESC, partner_id
        LIMIT 1 BY {", ".join(keys)}
    ) AS t ON {_same("t", keys)}
    {with_before}
    """  # noqa: S608  # constants of ours
    return Report(Failures, sql, "reason, partner_id, campaign_id, code, currency", MOST_FREQUENT)


def _same(other: str, keys: Sequence[str]) -> str:
    return " AND ".join(f"n.{key} = {other}.{key}" for key in keys)
