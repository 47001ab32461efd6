from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from analytics.periods import EARLIEST, LATEST, Period, a_year_before, instant, previous, same_part


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        pytest.param("2026-01-15", "UTC", datetime(2026, 1, 15, tzinfo=UTC), id="a-date-in-utc"),
        pytest.param(
            "2026-07-15",
            "Europe/Berlin",
            datetime(2026, 7, 14, 22, tzinfo=UTC),
            id="a-date-is-local",
        ),
        pytest.param(
            "2018-11-04",
            "America/Sao_Paulo",
            datetime(2018, 11, 4, 3, tzinfo=UTC),
            id="a-day-without-midnight-begins-when-clocks-go-forward",
        ),
        pytest.param(
            "2026-01-15T10:00:00.123456+00:00",
            "Europe/Berlin",
            datetime(2026, 1, 15, 10, 0, 0, 123456, tzinfo=UTC),
            id="an-instant-as-the-python-client-sends-it",
        ),
        pytest.param(
            "2026-01-15T10:00:00Z", "UTC", datetime(2026, 1, 15, 10, tzinfo=UTC), id="with-z"
        ),
        pytest.param("0001-01-01", "Asia/Tokyo", EARLIEST, id="before-the-calendar"),
        pytest.param("9999-12-31", "America/New_York", LATEST, id="after-the-calendar"),
    ],
)
def test_a_period_is_read(text: str, zone: str, moment: datetime) -> None:
    assert instant(text, zone) == moment


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-02-30", "2026-01-15T10:00:00", "15.01.2026", "1700000000"]
)
def test_what_is_neither_a_date_nor_an_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"format|instant|day|offset"):
        instant(text, "UTC")


def test_dates_need_a_time_zone_that_is_known() -> None:
    with pytest.raises(ValueError, match="Mars/Olympus is unknown"):
        instant("2026-01-01", "Mars/Olympus")


BERLIN = ZoneInfo("Europe/Berlin")


def in_berlin(first: str, last: str) -> Period:
    return Period(instant(first, BERLIN.key), instant(last, BERLIN.key))


def test_the_period_before_is_as_long_by_the_walls_clock() -> None:
    # The 29th of March has 23 hours there; the week before has none such.
    assert previous(in_berlin("2026-03-29", "2026-03-30"), BERLIN) == in_berlin(
        "2026-03-28", "2026-03-29"
    )
    assert previous(in_berlin("2026-03-30", "2026-04-06"), BERLIN) == in_berlin(
        "2026-03-23", "2026-03-30"
    )


def test_a_year_before_weekdays_meet() -> None:
    then = a_year_before(in_berlin("2026-11-23", "2026-11-30"), BERLIN)
    assert then == in_berlin("2025-11-24", "2025-12-01")
    assert {each.astimezone(BERLIN).weekday() for each in then} == {0}


def test_an_unfinished_period_meets_the_same_part_by_the_walls_clock() -> None:
    # Today is the day on which clocks were put forward: at 17:06 only 16:06 have passed.
    today, now = in_berlin("2026-03-29", "2026-03-30"), instant("2026-03-29T17:06:00+02:00", "UTC")
    yesterday = previous(today, BERLIN)

    until = same_part(today, yesterday, now, BERLIN)

    assert until.astimezone(BERLIN).isoformat() == "2026-03-28T17:06:00+01:00"
    assert same_part(yesterday, today, now, BERLIN) == today.ends_at  # a finished one meets all
    tomorrow = in_berlin("2026-03-30", "2026-03-31")
    assert same_part(tomorrow, today, now, BERLIN) == today.starts_at
    assert tomorrow.until(now) == tomorrow.starts_at


def test_nothing_is_before_the_calendar() -> None:
    everything = Period(EARLIEST, LATEST)
    assert previous(everything, BERLIN).starts_at == EARLIEST
