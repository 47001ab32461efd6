"""Windows that contradict each other are refused, and nothing that is ever open is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaigns.checks import check_openings, check_window
from campaigns.refusals import InvalidError
from contracts.validity import Hours, Recurrence, Validity
from redemption.moments.windows import is_open

BERLIN = "Europe/Berlin"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = range(7)
GRID = timedelta(minutes=5)
FOUR_WEEKS = timedelta(weeks=4)
# Before clocks are set, in Troll by two hours and on Lord Howe by half of one.
SPRING, AUTUMN = datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(begin: int, end: int, *weekdays: int) -> Hours:
    return Hours(from_minute=begin * 60, to_minute=end * 60, weekdays=weekdays)


def validity(
    starts: str | None = None,
    ends: str | None = None,
    *,
    on: tuple[int, ...] = (),
    within: tuple[Hours, ...] = (),
    every: int | None = None,
    lasts: int = 0,
) -> Validity:
    return Validity(
        starts_at=None if starts is None else utc(starts),
        ends_at=None if ends is None else utc(ends),
        weekdays=on,
        hours=within,
        recurrence=None if every is None else Recurrence(every_seconds=every, lasts_seconds=lasts),
    )


MONDAY_AT_NINE = "2026-11-30T08:00"  # in Berlin
DAYS, HOURS, FRAME = "validity_day_of_week", "validity_hours", "validity_timeframe"
START, END = "start_date", "expiration_date"
CONTRADICTIONS = {
    "hours-of-another-day": (validity(on=(MONDAY,), within=(hours(9, 12, TUESDAY),)), HOURS),
    "hours-of-other-days": (
        validity(on=(SATURDAY, SUNDAY), within=(hours(9, 12, MONDAY), hours(9, 24, FRIDAY))),
        HOURS,
    ),
    "a-night-that-ends-before": (validity(on=(SATURDAY,), within=(hours(22, 0, FRIDAY),)), HOURS),
    "a-night-two-days-before": (validity(on=(SUNDAY,), within=(hours(22, 2, FRIDAY),)), HOURS),
    "weekly-on-another-day": (
        validity(MONDAY_AT_NINE, on=(TUESDAY,), every=7 * DAY, lasts=DAY // 4),
        FRAME,
    ),
    "fortnightly-at-another-hour": (
        validity(MONDAY_AT_NINE, within=(hours(18, 20),), every=14 * DAY, lasts=HOUR),
        FRAME,
    ),
    "daily-at-another-hour": (
        validity(MONDAY_AT_NINE, within=(hours(18, 20),), every=DAY, lasts=2 * HOUR),
        FRAME,
    ),
    "twice-a-day-at-other-hours": (
        validity(MONDAY_AT_NINE, within=(hours(14, 16),), every=12 * HOUR, lasts=HOUR),
        FRAME,
    ),
    "no-such-day-between-the-dates": (
        validity("2026-11-30T00:00", "2026-12-03T00:00", on=(FRIDAY, SATURDAY)),
        END,
    ),
    "no-such-hour-between-the-dates": (
        validity("2026-11-30T12:00", "2026-11-30T15:00", within=(hours(18, 20),)),
        END,
    ),
    "over-before-the-day-begins-there": (
        # 23:00 on Thursday in Berlin.
        validity("2026-12-03T10:00", "2026-12-03T22:59", on=(FRIDAY,)),
        END,
    ),
    "an-hour-that-the-clock-skips": (
        validity("2026-03-28T23:00", "2026-03-29T21:00", within=(hours(2, 3),)),
        END,
    ),
    "over-before-a-window-meets-the-day": (
        # Every second day from Monday on: Wednesday is the third, and it is over by then.
        validity(MONDAY_AT_NINE, "2026-12-02T08:00", on=(WEDNESDAY,), every=2 * DAY, lasts=DAY),
        END,
    ),
}


@pytest.mark.parametrize(("refused", "field"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_contradiction_is_refused_by_both_fields_and_with_a_remedy(
    refused: Validity, field: str
) -> None:
    with pytest.raises(InvalidError) as refusal:
        check_openings(refused, BERLIN)

    message = str(refusal.value)
    assert message.startswith(f"Property .{field}: ")
    assert any(f".{other}" in message for other in {DAYS, HOURS, START} - {field})
    assert "leave" in message
    assert BERLIN in refusal.value.details


@pytest.mark.parametrize(
    "sound",
    [
        validity(),
        validity(on=(MONDAY,), within=(hours(9, 12, MONDAY, TUESDAY),)),
        validity(on=(MONDAY,), within=(hours(9, 12),)),
        validity(on=(SATURDAY,), within=(hours(22, 2, FRIDAY),)),
        validity(on=(SUNDAY,), within=(hours(22, 2, SATURDAY),)),
        validity(MONDAY_AT_NINE, on=(TUESDAY,), every=7 * DAY, lasts=DAY),
        validity(MONDAY_AT_NINE, on=(TUESDAY,), every=2 * DAY, lasts=HOUR),
        # At eight in winter, and in summer at nine: it is time that passes.
        validity("2026-11-30T07:00", within=(hours(9, 10),), every=12 * HOUR, lasts=HOUR),
        validity("2026-11-30T00:00", "2026-12-04T23:30", on=(SATURDAY,)),
        validity("2026-10-25T01:30", "2026-10-25T01:40", within=(hours(2, 3),)),
        validity("2026-01-01T00:00", within=(hours(2, 3),)),
        validity(MONDAY_AT_NINE, "2027-06-01T00:00", on=(FRIDAY,), every=2 * HOUR, lasts=MINUTE),
    ],
)
def test_what_is_open_at_some_time_is_not_refused(sound: Validity) -> None:
    check_openings(sound, BERLIN)


grid = st.integers(0, 4 * 7 * 24 * 12 - 1).map(lambda n: n * GRID)
near = st.one_of(st.just(SPRING), st.just(AUTUMN)).flatmap(lambda at: grid.map(at.__add__))
minutes = st.integers(0, 287).map(lambda n: n * 5)
weekdays = st.lists(st.integers(0, 6), unique=True, max_size=2).map(tuple)
short = st.integers(1, 12).map(lambda n: n * 30 * MINUTE)
opening_hours = st.builds(Hours, from_minute=minutes, to_minute=minutes, weekdays=weekdays).filter(
    lambda each: each.from_minute != each.to_minute
)
series = st.builds(
    Recurrence,
    every_seconds=st.sampled_from(
        [6 * HOUR, 12 * HOUR, DAY, 36 * HOUR, 2 * DAY, 7 * DAY, 14 * DAY]
    ),
    lasts_seconds=short,
)
windows = st.builds(
    Validity,
    starts_at=near,
    weekdays=weekdays,
    hours=st.lists(opening_hours, max_size=2).map(tuple),
    recurrence=st.none() | series,
)
lengths = st.none() | st.integers(1, 10 * 24 * 12).map(lambda n: n * GRID)
zones = st.sampled_from([BERLIN, "Antarctica/Troll", "Australia/Lord_Howe", "Asia/Kathmandu"])


def ever_open(asked: Validity, zone: str) -> bool:
    """Ask redemption of four weeks: all lies on its grid, where each minute is like its first."""
    assert asked.starts_at is not None
    end = asked.starts_at + FOUR_WEEKS
    at, last = asked.starts_at, end if asked.ends_at is None else min(asked.ends_at, end)
    while at < last:
        if is_open(asked, at, zone):
            return True
        at += GRID
    return False


@given(windows, lengths, zones)
def test_what_is_refused_is_open_at_no_minute_of_four_weeks(
    asked: Validity, length: timedelta | None, zone: str
) -> None:
    if length is not None:
        assert asked.starts_at is not None
        asked = asked.model_copy(update={"ends_at": asked.starts_at + length})
    try:
        check_openings(asked, zone)
    except InvalidError:
        assert not ever_open(asked, zone)


@given(windows, st.integers(1, 7 * 24 * 12).map(lambda n: n * GRID), zones)
def test_what_is_accepted_for_a_week_at_most_is_open_in_it(
    asked: Validity, length: timedelta, zone: str
) -> None:
    assert asked.starts_at is not None
    asked = asked.model_copy(update={"ends_at": asked.starts_at + length})
    try:
        check_openings(asked, zone)
    except InvalidError:
        return
    assert ever_open(asked, zone)


def test_a_campaign_ends_after_it_starts() -> None:
    with pytest.raises(InvalidError, match="expiration_date"):
        check_window(validity("2026-11-30T00:00", "2026-11-30T00:00"))


def test_a_million_windows_are_not_looked_at_one_by_one() -> None:

    often = validity(MONDAY_AT_NINE, "2036-01-01T00:00", on=(1,), every=5 * MINUTE, lasts=MINUTE)
    check_openings(often, BERLIN)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York"])
@pytest.mark.parametrize(
    "late",
    [
        validity("9999-12-30T00:00", "9999-12-31T23:00", within=(hours(1, 2),)),
        validity("9999-12-31T23:00", within=(hours(1, 2),), every=7 * DAY, lasts=3 * DAY),
        validity("9999-12-30T00:00", "9999-12-31T22:00", on=(1,), every=7 * DAY, lasts=3 * DAY),
        validity("9891-01-01T00:00", "9999-12-31T22:00", on=(1,), every=366 * DAY, lasts=HOUR),
        validity("9890-12-31T23:00", "9999-12-31T23:00", on=(1,), every=366 * DAY, lasts=366 * DAY),
    ],
)
def test_what_reaches_the_end_of_the_calendar_is_not_looked_at_beyond_it(
    late: Validity, zone: str
) -> None:
    check_openings(late, zone)
