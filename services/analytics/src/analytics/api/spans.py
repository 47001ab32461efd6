"""The period of a report over time: where it begins if nobody said, and how far it goes."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.asyncclient import AsyncClient
from pydantic import BaseModel, Field

from analytics import periods
from analytics.api.asked import Asked
from analytics.api.parameters import Comparison, check_length, invalid, today_ends
from analytics.periods import Period
from analytics.query import ReportQuery
from analytics.reports.beginnings import first_fact


class Span(BaseModel, serialize_by_alias=True, validate_by_name=True, validate_by_alias=True):
    """A period, and `until` where it is counted: until now, if it is not over."""

    starts_at: datetime = Field(alias="from")
    ends_at: datetime = Field(alias="to")
    until: datetime
    unfinished: bool


class Spans(NamedTuple):
    """A period, up to where it is counted, and the same of the one that it is compared with."""

    period: Period
    until: datetime
    before: Period | None
    before_until: datetime | None
    where: ZoneInfo

    def query(self, asked: Asked) -> ReportQuery:
        """Ask for what can be counted of both."""
        before = None
        if self.before is not None and self.before_until is not None:
            before = Period(self.before.starts_at, self.before_until)
        counted = Period(self.period.starts_at, self.until)
        return asked.query(counted, before)

    def shown(self) -> Span:
        return _span(self.period, self.until, self.where)

    def compared(self) -> Span | None:
        if self.before is None or self.before_until is None:
            return None
        return _span(self.before, self.before_until, self.where)


async def spans(
    client: AsyncClient, asked: Asked, compared: Comparison | None, now: datetime
) -> Spans:
    """Fill in what was not said: since the first fact, until today ends."""
    where, starts_at = asked.dates.where, asked.dates.starts_at
    ends_at = today_ends(now, where) if asked.dates.ends_at is None else asked.dates.ends_at
    if starts_at is None:
        first = await first_fact(client, asked.query(Period(now, now)))
        day = periods.day_of(min(first or now, now), where)
        starts_at = min(periods.beginning(day, where), ends_at)
    if ends_at < starts_at:  # from lies in the future, and to is not named
        raise invalid("from", "must not be after today where to is not named")
    period = Period(starts_at, ends_at)
    if asked.dates.starts_at is not None:  # all time may be longer
        check_length(period)
    before = None
    if compared is not None:
        before = compared.of(period, named=asked.dates.starts_at is not None)
    before_until = None if before is None else periods.same_part(period, before, now, where)
    return Spans(period, period.until(now), before, before_until, where)


def _span(period: Period, until: datetime, where: ZoneInfo) -> Span:
    starts_at, ends_at, local = (each.astimezone(where) for each in (*period, until))
    return Span(
        starts_at=starts_at, ends_at=ends_at, until=local, unfinished=until < period.ends_at
    )
