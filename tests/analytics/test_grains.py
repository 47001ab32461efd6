"""Buckets of time beside the plain reading of the clock on the wall, in zones that are awkward."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import periods
from analytics.grains import GRAINS, Bucket, Grain, buckets, fitting, usual
from analytics.periods import Period

ZONES = (
    *("UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
    *("America/Sao_Paulo", "America/Havana", "Africa/Cairo", "Asia/Kathmandu"),
    *("Pacific/Apia", "Pacific/Kiritimati", "Pacific/Chatham"),
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def reading(moment: datetime, grain: Grain, zone: ZoneInfo) -> Any:
    """What the clock on the wall says, so far as the grain goes."""
    local = moment.astimezone(zone)
    day = local.date()
    return {
        "hour": (day, local.hour, local.utcoffset()),  # an hour that is there twice is two
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": (day.year, day.month),
    }[grain]


def parted(period: Period, grain: Grain, zone: str) -> list[Bucket]:
    found = buckets(period, grain, ZoneInfo(zone))
    assert found is not None
    return found


def of_days(first: str, last: str, zone: str) -> Period:
    return Period(periods.instant(first, zone), periods.instant(last, zone))


moments = st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
MOST_HOURS = {"hour": 300, "day": 24 * 300, "week": 24 * 1500, "month": 24 * 3000}


@given(
    moments,
    st.sampled_from(GRAINS),
    st.sampled_from(ZONES),
    st.floats(0, 1),
    st.lists(st.floats(0, 1), max_size=20),
)
def test_what_shares_a_bucket_shares_a_reading_of_the_clock(
    starts_at: datetime, grain: Grain, zone: str, length: float, shares: list[float]
) -> None:
    where = ZoneInfo(zone)
    hours = timedelta(hours=round(MOST_HOURS[grain] * length))
    period = Period(starts_at, starts_at + hours)

    found = parted(period, grain, zone)

    # Without a gap and without an overlap, from end to end.
    ends = [period.starts_at, *(bucket.ends_at for bucket in found)]
    assert [bucket.starts_at for bucket in found] == ends[:-1]
    assert ends[-1] == period.ends_at
    assert all(bucket.starts_at < bucket.ends_at for bucket in found)
    # Two moments share a bucket where and only where the clock reads alike.
    inside = [period.starts_at + timedelta(seconds=int(hours.total_seconds() * s)) for s in shares]
    for moment in (m for m in inside if m < period.ends_at):
        (own,) = [b for b in found if b.starts_at <= moment < b.ends_at]
        assert reading(moment, grain, where) == reading(own.starts_at, grain, where)
    readings = [reading(bucket.starts_at, grain, where) for bucket in found]
    assert len(set(readings)) == len(readings)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        pytest.param("Europe/Berlin", date(2026, 3, 29), 23, id="berlin-forward"),
        pytest.param("Europe/Berlin", date(2026, 10, 25), 25, id="berlin-back"),
        pytest.param("America/New_York", date(2026, 11, 1), 25, id="new-york-back"),
        pytest.param("Australia/Lord_Howe", date(2026, 4, 5), 24.5, id="half-an-hour-back"),
        pytest.param("Australia/Lord_Howe", date(2026, 10, 4), 23.5, id="half-an-hour-forward"),
        pytest.param("America/Sao_Paulo", date(2018, 11, 4), 23, id="no-midnight"),
        pytest.param("America/Havana", date(2026, 11, 1), 25, id="midnight-twice"),
        pytest.param("Asia/Tokyo", date(2026, 3, 29), 24, id="tokyo"),
    ],
)
def test_a_day_is_as_long_as_it_was(zone: str, day: date, hours: float) -> None:
    period = of_days(day.isoformat(), (day + DAY).isoformat(), zone)

    (whole,) = parted(period, "day", zone)
    parts = parted(period, "hour", zone)

    assert (whole.ends_at - whole.starts_at) / HOUR == hours
    assert len(parts) == (hours if hours % 1 == 0 else 25 if hours > 24 else 24)
    assert not any(part.partial for part in (whole, *parts))


def test_a_day_that_a_country_skipped_has_no_bucket() -> None:
    found = parted(of_days("2011-12-29", "2012-01-01", "Pacific/Apia"), "day", "Pacific/Apia")
    zone = ZoneInfo("Pacific/Apia")
    assert [b.starts_at.astimezone(zone).day for b in found] == [29, 31]


def test_weeks_begin_on_monday_and_what_a_period_cuts_is_partial() -> None:
    found = parted(of_days("2026-11-01", "2026-11-17", "Europe/Berlin"), "week", "Europe/Berlin")
    assert [bucket.partial for bucket in found] == [True, False, False, True]
    starts = [b.starts_at.astimezone(ZoneInfo("Europe/Berlin")).weekday() for b in found]
    assert starts[1:] == [0, 0, 0]


def test_no_more_than_four_hundred() -> None:
    zone = ZoneInfo("UTC")
    starts_at = datetime(2026, 1, 1, tzinfo=UTC)
    assert len(buckets(Period(starts_at, starts_at + 400 * HOUR), "hour", zone) or ()) == 400
    assert buckets(Period(starts_at, starts_at + 401 * HOUR), "hour", zone) is None
    assert fitting(Period(starts_at, starts_at + 401 * HOUR), zone) == ["day", "week", "month"]


@pytest.mark.parametrize(
    ("days", "grain"),
    [
        (1, "hour"),
        (3, "hour"),
        (4, "day"),
        (92, "day"),
        (93, "week"),
        (731, "week"),
        (800, "month"),
    ],
)
def test_a_grain_suits_the_length(days: int, grain: str) -> None:
    starts_at = datetime(2026, 1, 1, tzinfo=UTC)
    assert usual(Period(starts_at, starts_at + days * DAY)) == grain
