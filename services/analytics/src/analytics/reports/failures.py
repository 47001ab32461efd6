"""Why customers were refused, from the reason down to the code, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, get_args

from pydantic import BaseModel

from analytics.query import BEFORE, NOW, SEGMENT_NAME, failures
from analytics.reports.listing import Report

GroupBy = Literal["reason", "partner", "campaign", "code", "segment"]
GROUPS: Final[tuple[GroupBy, ...]] = get_args(GroupBy)
_IS_NOW: Final = f"f.bucket = {NOW}"
_COLUMN: Final = {
    group: group if group in {"reason", "code"} else f"{group}_id" for group in GROUPS
}


class Failures(BaseModel):
    """Refusals that have something in common; what they are not grouped by is null.

    So is the partner and the campaign of a code that nobody issued, and the segment of who was in
    none.
    """

    reason: str | None
    partner_id: str | None
    partner_name: str | None
    campaign_id: str | None
    campaign_name: str | None
    code: str | None
    segment_id: str | None
    segment_name: str | None
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


_TIES: Final = "reason, partner_id, campaign_id, code, segment_id, currency"
MOST_FREQUENT: Final = "-attempts"


def report(by: Sequence[GroupBy], *, compared: bool) -> Report[Failures]:
    """Return the report that has a row for each of these.

    One pass over rows by partner tells the other period and the partner with the most as well: the
    view joined with itself was planned two or three times.
    """
    keys = [_COLUMN[group] for group in GROUPS if group in by]
    shown = {
        column: f"nullIf(f.{column}, '')" if column in keys else "NULL"
        for column in _COLUMN.values()
    }
    names = {
        kind: f"if({kind}_id IS NULL, NULL, argMaxIf(f.{kind}_name, f.latest_at, {_IS_NOW}))"
        for kind in ("partner", "campaign")
    }
    name = f"if({_COLUMN['segment']} IS NULL, NULL, {SEGMENT_NAME})" if "segment" in by else "NULL"
    # Who was in two segments counts in the rows of both, and once in what they are shares of.
    every = f"(SELECT sum(failures) FROM {failures()} AS f WHERE {_IS_NOW})"  # noqa: S608
    whole = every if "segment" in by else "sum(attempts) OVER ()"
    was = f"sumIf(f.failures, f.bucket = {BEFORE})" if compared else "NULL"
    grouped = ", ".join([*(f"f.{key}" for key in keys), "f.currency"])
    sql = f"""
    SELECT
        {shown["reason"]} AS reason,
        {shown["partner_id"]} AS partner_id,
        {names["partner"]} AS partner_name,
        {shown["campaign_id"]} AS campaign_id,
        {names["campaign"]} AS campaign_name,
        {shown["code"]} AS code,
        {shown["segment_id"]} AS segment_id,
        {name} AS segment_name,
        f.currency AS currency,
        sumIf(f.failures, {_IS_NOW}) AS attempts,
        attempts / {whole} AS share,
        uniqExactIfMergeIf(f.who, {_IS_NOW}) AS customers,
        sumIf(f.refused_minor, {_IS_NOW}) AS refused_minor,
        maxIf(f.latest_at, {_IS_NOW}) AS last_at,
        argMinIf(
            (f.partner_id, f.partner_name),
            (-toInt64(f.failures), f.partner_id),
            {_IS_NOW} AND f.partner_id != ''
        ) AS top,
        nullIf(top.1, '') AS top_partner_id,
        if(top_partner_id IS NULL, NULL, top.2) AS top_partner_name,
        {was} AS before_attempts,
        toInt64(attempts) - toInt64(before_attempts) AS difference,
        if(before_attempts = 0, NULL, difference / before_attempts) AS ratio,
        ifNull(before_attempts = 0, false) AS new
    FROM {failures(*dict.fromkeys([*by, "partner"]))} AS f
    GROUP BY {grouped}
    HAVING attempts > 0
    """  # noqa: S608  # constants of ours
    return Report(Failures, sql, _TIES, MOST_FREQUENT)
