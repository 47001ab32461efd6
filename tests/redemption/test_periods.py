from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from redemption.moments.periods import Period, next_begins, period_of

INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("at", "per", "time_zone", "name"),
    [
        pytest.param("2026-11-26T22:59:59.999999", "day", "Europe/Berlin", "2026-11-26", id="last"),
        pytest.param("2026-11-26T23:00:00", "day", "Europe/Berlin", "2026-11-27", id="first"),
        pytest.param("2026-11-26T22:59:59.999999", "day", "UTC", "2026-11-26", id="utc"),
        # A zone that was off by seconds too.
        pytest.param(
            "1960-01-02T00:44:29.999999", "day", "Africa/Monrovia", "1960-01-01", id="odd"
        ),
        pytest.param("2026-11-29T22:59:59.999999", "week", "Europe/Berlin", "2026-W48", id="week"),
        pytest.param("2026-11-29T23:00:00", "week", "Europe/Berlin", "2026-W49", id="next-week"),
        pytest.param("2026-11-30T22:59:59.999999", "month", "Europe/Berlin", "2026-11", id="month"),
        pytest.param("2026-11-30T23:00:00", "month", "Europe/Berlin", "2026-12", id="next-month"),
    ],
)
def test_a_period_is_named_by_the_clock_of_the_shop(
    at: str, per: Period, time_zone: str, name: str
) -> None:
    assert period_of(datetime.fromisoformat(at).replace(tzinfo=UTC), per, time_zone) == name


def begins(at: str, per: Period, zone: str, then: str, name: str) -> Any:
    return pytest.param(at, per, zone, then, id=name)


@pytest.mark.parametrize(
    ("at", "per", "time_zone", "then"),
    [
        begins("2026-11-26T12:00:00.5", "day", "Europe/Berlin", "2026-11-26T23:00:00", "midnight"),
        begins("2026-11-26T22:59:59.9", "day", "Europe/Berlin", "2026-11-26T23:00:00", "last"),
        begins("2026-11-26T23:00:00", "day", "Europe/Berlin", "2026-11-27T23:00:00", "first"),
        begins("2026-11-23T12:00:00", "week", "Europe/Berlin", "2026-11-29T23:00:00", "monday"),
        begins("2026-11-29T22:59:59", "week", "Europe/Berlin", "2026-11-29T23:00:00", "sunday"),
        begins("2026-12-31T22:59:59", "week", "Europe/Berlin", "2027-01-03T23:00:00", "week-53"),
        begins("2026-11-30T22:59:59", "month", "Europe/Berlin", "2026-11-30T23:00:00", "month"),
        begins("2028-01-31T12:00:00", "month", "Europe/Berlin", "2028-01-31T23:00:00", "short"),
        begins("2026-12-15T12:00:00", "month", "UTC", "2027-01-01T00:00:00", "year"),
        # Days of 23 and of 25 hours, weeks and months with such a day.
        begins("2026-03-28T23:00:00", "day", "Europe/Berlin", "2026-03-29T22:00:00", "23-hours"),
        begins("2026-10-24T22:00:00", "day", "Europe/Berlin", "2026-10-25T23:00:00", "25-hours"),
        begins(
            "2026-03-23T12:00:00", "week", "Europe/Berlin", "2026-03-29T22:00:00", "into-summer"
        ),
        begins("2026-10-01T12:00:00", "month", "Europe/Berlin", "2026-10-31T23:00:00", "to-winter"),
        # A clock that is set forward at midnight: the day begins at one.
        begins("2024-03-30T12:00:00", "day", "Asia/Beirut", "2024-03-30T22:00:00", "no-midnight"),
        # One that is set back at midnight to eleven: the day has that hour twice.
        begins("2024-10-26T20:30:00", "day", "Asia/Beirut", "2024-10-26T22:00:00", "twice-eleven"),
        # One that was set back a minute after midnight: the day began twice, and ended once.
        begins("2006-10-29T02:00:00", "day", "America/St_Johns", "2006-10-29T02:30:00", "before"),
        begins("2006-10-29T02:30:30", "day", "America/St_Johns", "2006-10-30T03:30:00", "between"),
        begins("2006-10-29T03:00:00", "day", "America/St_Johns", "2006-10-29T03:30:00", "again"),
        # Samoa had no 30 December 2011: Friday was left out, Saturday came after Thursday.
        begins("2011-12-29T12:00:00", "day", "Pacific/Apia", "2011-12-30T10:00:00", "no-such-day"),
        begins("2011-12-29T12:00:00", "week", "Pacific/Apia", "2012-01-01T10:00:00", "six-days"),
        begins("2011-12-29T12:00:00", "month", "Pacific/Apia", "2011-12-31T10:00:00", "30-days"),
    ],
)
def test_the_next_period_begins_by_the_clock_of_the_shop(
    at: str, per: Period, time_zone: str, then: str
) -> None:
    expected = datetime.fromisoformat(then).replace(tzinfo=UTC)

    found = next_begins(datetime.fromisoformat(at).replace(tzinfo=UTC), per, time_zone)

    assert found == expected
    assert period_of(found, per, time_zone) != period_of(found - INSTANT, per, time_zone)
