"""Windows by the project's clock: each case is an instant that a person can check."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.validity import Hours, Recurrence, Validity
from redemption.moments.openings import opens_at
from redemption.moments.windows import description, is_open

BERLIN, APIA = "Europe/Berlin", "Pacific/Apia"
DAY, HOUR = 86_400, 3_600
SUNDAY, MONDAY, FRIDAY, SATURDAY = 0, 1, 5, 6


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(begin: int, end: int, *weekdays: int) -> Hours:
    return Hours(from_minute=begin * 60, to_minute=end * 60, weekdays=weekdays)


def at_minutes(begin: int, end: int) -> Hours:
    return Hours(from_minute=begin, to_minute=end)


def again(starts: str, *, every: int, lasts: int) -> Validity:
    recurrence = Recurrence(every_seconds=every, lasts_seconds=lasts)
    return Validity(starts_at=utc(starts), recurrence=recurrence)


def case(name: str, validity: Validity, at: str, expected: bool, zone: str = BERLIN) -> Any:
    return pytest.param(validity, at, expected, zone, id=name)


WEEKEND = Validity(weekdays=(SATURDAY, SUNDAY))
LUNCH = Validity(hours=(hours(12, 14, MONDAY),))
NIGHT = Validity(hours=(hours(22, 2, FRIDAY),))
EARLY = Validity(hours=(hours(2, 3),))
# Every second day, all day, from midnight in Berlin.
EVEN_DAYS = again("2026-03-27T23:00", every=2 * DAY, lasts=DAY)
DAILY_AT_NINE = again("2026-10-24T07:00", every=DAY, lasts=2 * HOUR)
EVERY_SIX_HOURS = again("2026-10-24T00:00", every=6 * HOUR, lasts=HOUR)
THURSDAYS_NIGHT = Validity(hours=(hours(22, 2, 4),))
SECOND_HALF_PAST_TWO = again("2026-10-25T01:30", every=DAY, lasts=HOUR)
DAILY_IN_SAMOA = again("2011-12-28T10:00", every=DAY, lasts=DAY)


@pytest.mark.parametrize(
    ("validity", "at", "expected", "zone"),
    [
        case("nothing-said", Validity(), "2026-11-26T12:00", True),
        case("friday-late", WEEKEND, "2026-11-27T22:59", False),
        case("saturday-begins-by-the-local-clock", WEEKEND, "2026-11-27T23:00", True),
        case("sunday-ends-by-the-local-clock", WEEKEND, "2026-11-29T22:59", True),
        case("monday-begins-by-the-local-clock", WEEKEND, "2026-11-29T23:00", False),
        case("before-lunch", LUNCH, "2026-11-23T10:59", False),
        case("lunch-begins", LUNCH, "2026-11-23T11:00", True),
        case("lunch-ends-exclusively", LUNCH, "2026-11-23T13:00", False),
        case("lunch-in-summer", LUNCH, "2026-06-01T10:00", True),
        case("lunch-of-another-day", LUNCH, "2026-11-24T11:30", False),
        case("night-begins", NIGHT, "2026-11-27T21:00", True),
        case("night-goes-on-after-midnight", NIGHT, "2026-11-28T00:59", True),
        case("night-ends", NIGHT, "2026-11-28T01:00", False),
        case("night-before-was-no-friday", NIGHT, "2026-11-27T00:30", False),
        case("next-evening", NIGHT, "2026-11-28T21:30", False),
        case("an-hour-that-is-skipped", EARLY, "2026-03-29T01:00", False),  # 03:00 in Berlin
        case("an-hour-that-comes-twice-first", EARLY, "2026-10-25T00:30", True),
        case("an-hour-that-comes-twice-again", EARLY, "2026-10-25T01:30", True),
        case("after-it-came-twice", EARLY, "2026-10-25T02:00", False),
        case("before-the-first", EVEN_DAYS, "2026-03-27T22:59", False),
        case("first-day", EVEN_DAYS, "2026-03-28T22:59", True),
        case("day-between-of-23-hours", EVEN_DAYS, "2026-03-29T12:00", False),
        case("second-window-by-the-wall-clock", EVEN_DAYS, "2026-03-29T22:00", True),
        case("a-minute-before-it", EVEN_DAYS, "2026-03-29T21:59", False),
        case("at-nine-still", DAILY_AT_NINE, "2026-10-25T08:00", True),
        case("at-eight", DAILY_AT_NINE, "2026-10-25T07:59", False),
        case("at-eleven", DAILY_AT_NINE, "2026-10-25T10:00", False),
        case("hours-that-pass", EVERY_SIX_HOURS, "2026-10-25T06:30", True),
        case("hours-that-pass-not-the-clock", EVERY_SIX_HOURS, "2026-10-25T05:30", False),
        case("day-before-the-one-left-out", DAILY_IN_SAMOA, "2011-12-30T09:59", True, APIA),
        case("day-after-the-one-left-out", DAILY_IN_SAMOA, "2011-12-30T10:00", True, APIA),
        # Of Friday 30 December 2011 Samoa had no night; Thursday's went on into Saturday.
        case("night-of-a-day-left-out", NIGHT, "2011-12-30T10:30", False, APIA),
        case("night-before-it", THURSDAYS_NIGHT, "2011-12-30T10:30", True, APIA),
        case("begins-in-the-second-of-an-hour", SECOND_HALF_PAST_TWO, "2026-10-25T01:30", True),
        case("ends-an-hour-later", SECOND_HALF_PAST_TWO, "2026-10-25T02:30", False),
        case(
            "every-second-day-and-one-was-left-out",
            again("2011-12-28T10:00", every=2 * DAY, lasts=DAY),  # 28 and 30 December
            "2011-12-30T11:00",  # the 31st
            False,
            APIA,
        ),
        case(
            "both",
            again("2026-11-23T00:00", every=DAY, lasts=HOUR).model_copy(
                update={"weekdays": (SATURDAY,)}
            ),
            "2026-11-27T00:30",
            False,
        ),
    ],
)
def test_a_window(validity: Validity, at: str, expected: bool, zone: str) -> None:
    assert is_open(validity, utc(at), zone) is expected


@given(
    st.integers(0, 400 * DAY), st.integers(1, DAY - 1), st.integers(1, DAY), st.sampled_from([0, 3])
)
def test_windows_that_are_no_whole_days_apart_are_arithmetic(
    passed: int, between: int, lasts: int, days: int
) -> None:
    every = days * DAY + between
    validity = again("2026-01-01T00:00", every=every, lasts=min(lasts, every))
    at = utc("2026-01-01T00:00") + timedelta(seconds=passed)

    assert is_open(validity, at, BERLIN) is (passed % every < min(lasts, every))


@pytest.mark.parametrize(
    ("validity", "at", "opens"),
    [
        (WEEKEND, "2026-11-26T12:00", "2026-11-27T23:00"),
        (WEEKEND, "2026-11-29T23:00", "2026-12-04T23:00"),
        (LUNCH, "2026-11-23T13:00", "2026-11-30T11:00"),
        (NIGHT, "2026-11-27T20:59", "2026-11-27T21:00"),
        (EARLY, "2026-03-28T23:30", "2026-03-30T00:00"),  # that night had no such hour
        (EVEN_DAYS, "2026-03-29T12:00", "2026-03-29T22:00"),
        (EVERY_SIX_HOURS, "2026-10-25T05:30", "2026-10-25T06:00"),
        # Hours that begin in what a clock skips, or end in what it repeats.
        (Validity(hours=(at_minutes(150, 300),)), "2026-03-29T00:00", "2026-03-29T01:00"),
        (Validity(hours=(at_minutes(150, 195),)), "2026-03-29T00:00", "2026-03-29T01:00"),
        (Validity(hours=(at_minutes(60, 150),)), "2026-10-25T00:40", "2026-10-25T01:00"),
        (
            again("2026-11-01T00:00:45", every=60, lasts=5).model_copy(
                update={"weekdays": (3,), "hours": (hours(9, 10),)}
            ),
            "2026-11-26T12:00",
            "2026-12-02T08:00:45",
        ),
        # Of one minute: the window before has just closed.
        (
            again("2026-11-01T00:00:10", every=30, lasts=5),
            "2026-11-26T12:00:20",
            "2026-11-26T12:00:40",
        ),
        (
            again("2026-01-01T00:00", every=100 * DAY, lasts=DAY),
            "2026-01-09T00:00",
            "2026-04-10T23:00",
        ),
        (WEEKEND.model_copy(update={"ends_at": utc("2026-11-27T22:00")}), "2026-11-26T12:00", None),
    ],
)
def test_it_is_told_when_the_next_window_opens(
    validity: Validity, at: str, opens: str | None
) -> None:
    assert opens_at(validity, utc(at), BERLIN) == (opens and utc(opens))


@given(st.integers(0, 30 * DAY), st.sampled_from([WEEKEND, LUNCH, NIGHT, EARLY, EVEN_DAYS]))
def test_nothing_opens_before_what_is_told(passed: int, validity: Validity) -> None:
    at = utc("2026-03-20T00:00") + timedelta(seconds=passed)
    if is_open(validity, at, BERLIN):
        return

    opens = opens_at(validity, at, BERLIN)

    assert opens is not None
    assert is_open(validity, opens, BERLIN)
    minutes = int((opens - at).total_seconds() // 60)
    for minute in range(0, minutes, 7):
        assert not is_open(validity, at + timedelta(minutes=minute), BERLIN)


def test_who_comes_at_another_time_is_told_when() -> None:
    assert description(WEEKEND, BERLIN) == "valid on Sat, Sun (Europe/Berlin)"
    assert description(NIGHT, BERLIN) == "valid from 22:00 to 02:00 on Fri (Europe/Berlin)"
    assert description(DAILY_AT_NINE, BERLIN) == "valid for 2 hours in every 1 day (Europe/Berlin)"
