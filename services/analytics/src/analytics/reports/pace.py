"""How fast a campaign is used up: redemptions per day of late, from which its end can be told."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from clickhouse_connect.driver.asyncclient import AsyncClient
from pydantic import BaseModel

from analytics.query import ReportQuery, fetch_rows, server_time

A_DAY: Final = timedelta(days=1)


class Pace(BaseModel):
    """Redemptions until now, net of rollbacks: those of a window may be below zero.

    A campaign younger than a window is divided by its days.
    """

    campaign_id: str
    as_of: datetime
    first_at: datetime | None
    redemptions: int
    last_7_days: int
    per_day_7: float
    last_28_days: int
    per_day_28: float


_PACE: Final = """
    SELECT
        campaign_id,
        minIf(occurred_at, is_accepted) AS first_at,
        sum(redemptions) AS redemptions_so_far,
        sumIf(redemptions, occurred_at >= {last_7:DateTime64(3, 'UTC')}) AS last_7_days,
        sumIf(redemptions, occurred_at >= {last_28:DateTime64(3, 'UTC')}) AS last_28_days
    FROM decisions
    WHERE project_id = {project:String}
        AND campaign_id IN {campaigns:Array(String)}
        AND NOT is_refused
        AND occurred_at < {ends_at:DateTime64(3, 'UTC')}
    GROUP BY campaign_id
"""


async def fetch(
    client: AsyncClient, query: ReportQuery, campaigns: Sequence[str], now: datetime
) -> list[Pace]:
    """Return a row for each campaign, in the order in which they were asked for."""
    since = {f"last_{days}": server_time(now - days * A_DAY) for days in (7, 28)}
    found = {row["campaign_id"]: row for row in await fetch_rows(client, _PACE, query, **since)}
    paces = []
    for campaign_id in dict.fromkeys(campaigns):
        row = found.get(campaign_id, {})
        first_at = row["first_at"].astimezone(UTC) if row else None
        last_7, last_28 = row.get("last_7_days", 0), row.get("last_28_days", 0)
        paces.append(
            Pace(
                campaign_id=campaign_id,
                as_of=now,
                first_at=first_at,
                redemptions=row.get("redemptions_so_far", 0),
                last_7_days=last_7,
                per_day_7=last_7 / _days(7, first_at, now),
                last_28_days=last_28,
                per_day_28=last_28 / _days(28, first_at, now),
            )
        )
    return paces


def _days(window: int, first_at: datetime | None, now: datetime) -> float:
    """Return by how many days a window's redemptions are divided: one at least."""
    return float(window) if first_at is None else min(window, max(1.0, (now - first_at) / A_DAY))
