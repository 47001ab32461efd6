"""A date alone is a whole day by the project's clock, whatever that clock does on it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from campaigns import days
from campaigns.api.fields import DayOrMoment

SENT: TypeAdapter[date | datetime] = TypeAdapter(DayOrMoment)
DAY = 24 * 60 * 60
EPOCH = days.EPOCH
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Pacific/Apia")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "zone", "begins", "hours"),
    [
        ("2026-11-26", "UTC", "2026-11-26T00:00+00:00", 24),
        ("2026-11-26", "Europe/Berlin", "2026-11-26T00:00+01:00", 24),
        ("2026-03-29", "Europe/Berlin", "2026-03-29T00:00+01:00", 23),
        ("2026-10-25", "Europe/Berlin", "2026-10-25T00:00+02:00", 25),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T01:00-02:00", 23),  # no midnight
        ("2018-02-17", "America/Sao_Paulo", "2018-02-17T00:00-02:00", 25),  # 23 o'clock twice
        ("2026-04-05", "Australia/Lord_Howe", "2026-04-05T00:00+11:00", 24.5),
        ("2011-12-29", "Pacific/Apia", "2011-12-29T00:00-10:00", 24),
        ("2011-12-30", "Pacific/Apia", "2011-12-31T00:00+14:00", 0),  # there was none
        ("2011-12-31", "Pacific/Apia", "2011-12-31T00:00+14:00", 24),
    ],
)
def test_days_of_every_length(day: str, zone: str, begins: str, hours: float) -> None:
    sent = date.fromisoformat(day)

    assert days.starts_at(sent, zone) == at(begins)
    assert days.ends_at(sent, zone) == at(begins) + timedelta(hours=hours)


@given(st.dates(date(1971, 1, 1), date(2199, 12, 31)), st.sampled_from(ZONES))
def test_its_last_moment_is_of_that_day_and_its_end_is_of_the_next(day: date, zone: str) -> None:
    begins, ends = days.beginning(day, zone), days.ends_at(day, zone)
    assert ends is not None
    there = ZoneInfo(zone)

    if begins < ends:
        assert begins.astimezone(there).date() == day
        assert (ends - timedelta(milliseconds=1)).astimezone(there).date() == day
        assert (begins - timedelta(milliseconds=1)).astimezone(there).date() < day
    assert ends.astimezone(there).date() > day
    assert ends == days.beginning(day + timedelta(days=1), zone)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-11-26", date(2026, 11, 26)),
        ("2026-11-26T00:00:00Z", datetime(2026, 11, 26, tzinfo=UTC)),
        ("2026-11-26T00:00:00", datetime(2026, 11, 26, tzinfo=UTC)),
        ("2026-11-26T01:00+01:00", datetime(2026, 11, 26, tzinfo=UTC)),
    ],
)
def test_a_date_alone_is_told_from_an_instant(text: str, means: date) -> None:
    read = SENT.validate_python(text)

    assert (type(read), read) == (type(means), means)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "1969-12-31", "9999-12-31", "2026-1-1", "26-11-2026", "today", 20261126]
)
def test_what_is_no_day_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        SENT.validate_python(text)


def test_an_instant_stays_what_it_is_and_none_stays_none() -> None:
    for read in (days.starts_at, days.ends_at):
        assert read(None, "Europe/Berlin") is None
        assert read(at("2026-11-26T10:00Z"), "Europe/Berlin") == at("2026-11-26T10:00Z")


def test_the_first_day_of_all_begins_in_1970() -> None:
    assert days.starts_at(date(1970, 1, 1), "Asia/Tokyo") == at("1970-01-01T00:00Z")


@pytest.mark.parametrize(
    ("published", "seconds", "zone", "ends"),
    [
        ("2026-11-26T10:15+01:00", 30 * DAY, "Europe/Berlin", "2026-12-26T10:15+01:00"),
        ("2026-03-20T10:15+01:00", 10 * DAY, "Europe/Berlin", "2026-03-30T10:15+02:00"),
        ("2026-10-20T10:15+02:00", 10 * DAY, "Europe/Berlin", "2026-10-30T10:15+01:00"),
        ("2026-03-28T02:30+01:00", DAY, "Europe/Berlin", "2026-03-29T03:30+02:00"),  # skipped
        ("2026-10-24T02:30+02:00", DAY, "Europe/Berlin", "2026-10-25T02:30+02:00"),  # the first
        ("2026-10-25T02:30+01:00", DAY, "Europe/Berlin", "2026-10-26T02:30+01:00"),
        ("2026-03-28T20:00+01:00", 12 * 3600, "Europe/Berlin", "2026-03-29T09:00+02:00"),
        ("2026-03-28T20:00+01:00", DAY + 3600, "Europe/Berlin", "2026-03-29T21:00+02:00"),
        ("2011-12-29T09:00-10:00", DAY, "Pacific/Apia", "2011-12-31T09:00+14:00"),  # no 30th
        ("2011-12-29T09:00-10:00", 2 * DAY, "Pacific/Apia", "2011-12-31T09:00+14:00"),
    ],
)
def test_days_after_a_moment_go_by_the_clock(
    published: str, seconds: int, zone: str, ends: str
) -> None:
    assert days.later(at(published), seconds, zone) == at(ends)


@given(
    st.integers(0, 180 * 365 * DAY).map(lambda seconds: EPOCH + timedelta(days=9, seconds=seconds)),
    st.integers(0, 366),
    st.integers(0, DAY - 1),
    st.sampled_from(ZONES),
)
def test_so_many_days_later_the_clock_shows_the_same(
    published: datetime, count: int, rest: int, zone: str
) -> None:
    there = ZoneInfo(zone)

    ends = days.later(published, count * DAY, zone)

    wanted = (published.astimezone(there) + timedelta(days=count)).replace(tzinfo=None)
    shows = ends.astimezone(there).replace(tzinfo=None)
    if shows != wanted:  # a time that the clock skips: as much later as is skipped
        before = (ends - timedelta(days=2)).astimezone(there).utcoffset()
        after = ends.astimezone(there).utcoffset()
        assert before is not None
        assert after is not None
        assert shows - wanted == after - before > timedelta(0)
    assert days.later(published, count * DAY + rest, zone) == ends + timedelta(seconds=rest)
    assert abs(ends - published - timedelta(days=count)) <= timedelta(days=1)
