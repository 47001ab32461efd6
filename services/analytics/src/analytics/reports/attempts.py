"""Single attempts to redeem, accepted and refused, the newest first."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from clickhouse_connect.driver.asyncclient import AsyncClient

from analytics.periods import EARLIEST, Period
from analytics.query import NARROWED, ReportQuery, fetch_rows, server_time

# Months that are not read cost nothing. Where what came twice made days look fuller than they are.
LOOKS_BACK: Final = (timedelta(days=31), timedelta(days=366))


class Position(NamedTuple):
    """Where an attempt stands among the others: by its time, then by its event's id."""

    occurred_at: datetime
    event_id: str


class Wanted(NamedTuple):
    """Which attempts: of a result (None: any), older than one, newer than one, at most so many."""

    limit: int
    result: str | None = None
    older_than: Position | None = None
    newer_than: Position | None = None


_WANTED: Final = f"""
    {NARROWED}
        AND result != 'rolled_back'
        AND ({{result:String}} = '' OR result = {{result:String}})
        AND (occurred_at, event_id)
            < ({{older_at:DateTime64(3, 'UTC')}}, {{older_id:String}})
        AND (occurred_at, event_id)
            > ({{newer_at:DateTime64(3, 'UTC')}}, {{newer_id:String}})
"""
# Without FINAL: a day is no newer for what is there twice, only fuller.
_DAYS: Final = f"""
    SELECT toDate(occurred_at) AS day, max(occurred_at) AS newest, count() AS found
    FROM redemption_events WHERE {_WANTED}
    GROUP BY day ORDER BY day DESC LIMIT {LOOKS_BACK[-1].days}
"""  # noqa: S608  # constants of ours

_ATTEMPTS: Final = f"""
    SELECT
        f.redemption_id AS id,
        f.event_id AS event_id,
        f.occurred_at AS occurred_at,
        if(f.is_accepted, 'SUCCESS', 'FAILURE') AS result,
        nullIf(f.reason, '') AS reason,
        nullIf(f.hint, '') AS hint,
        f.code AS code,
        nullIf(f.campaign_id, '') AS campaign_id,
        nullIf(c.campaign_name, '') AS campaign_name,
        nullIf(f.partner_id, '') AS partner_id,
        nullIf(c.partner_name, '') AS partner_name,
        nullIf(f.channel, '') AS channel,
        nullIf(f.category_id, '') AS category_id,
        if(f.category_id != '' AND c.category_id = f.category_id, c.category_name, NULL)
            AS category_name,
        nullIf(f.customer_id, '') AS customer_id,
        f.segment_ids AS segment_ids,
        nullIf(f.order_id, '') AS order_id,
        f.order_minor AS order_minor,
        f.discount AS discount_minor,
        f.net AS net_minor,
        f.commission AS commission_minor,
        if(f.currency = '', {{currency:String}}, f.currency) AS currency
    FROM (
        SELECT * FROM decisions WHERE {_WANTED}
        ORDER BY occurred_at DESC, event_id DESC LIMIT {{most:UInt32}}
    ) AS f
    ASOF LEFT JOIN (SELECT * FROM campaign_names WHERE project_id = {{project:String}}) AS c
        ON c.project_id = f.project_id
        AND c.campaign_id = f.campaign_id
        AND c.version <= f.campaign_version
    ORDER BY f.occurred_at DESC, f.event_id DESC
"""  # noqa: S608  # constants of ours


async def fetch(
    client: AsyncClient, query: ReportQuery, wanted: Wanted, currency: str
) -> list[dict[str, Any]]:
    """Return them; a refusal that names no currency is in the project's."""
    older = wanted.older_than or Position(query.period.ends_at, "")
    newer = wanted.newer_than or Position(query.period.starts_at - timedelta(milliseconds=1), "")
    asked: dict[str, Any] = {
        "result": wanted.result or "",
        "older_at": server_time(older.occurred_at),
        "older_id": older.event_id,
        "newer_at": server_time(newer.occurred_at),
        "newer_id": newer.event_id,
        "currency": currency,
        "most": wanted.limit,
    }
    days = await fetch_rows(client, _DAYS, query, **asked)
    if not days:
        return []
    newest = days[0]["newest"].astimezone(UTC)
    rows: list[dict[str, Any]] = []
    for back in (_enough(days, wanted.limit), *(newest - back for back in LOOKS_BACK)):
        since = max(query.period.starts_at, back)
        ends_at = min(query.period.ends_at, newest + timedelta(milliseconds=1))
        part = query._replace(period=Period(since, ends_at))
        rows = await fetch_rows(client, _ATTEMPTS, part, **asked)
        if len(rows) >= wanted.limit or since == query.period.starts_at:
            return rows
    return await fetch_rows(client, _ATTEMPTS, query, **asked)


def _enough(days: Sequence[Mapping[str, Any]], limit: int) -> datetime:
    """Return since when there are as many, by days that are full; EARLIEST where nowhere are."""
    found = 0
    for day in days:
        found += day["found"]
        if found >= limit:
            return datetime.combine(day["day"], time(), UTC)
    return EARLIEST
