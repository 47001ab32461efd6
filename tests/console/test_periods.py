"""Presets, in the zones where days begin elsewhere."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import periods
from console.periods import Grain, Period, PeriodError, Preset

BERLIN, TOKYO, NEW_YORK = map(ZoneInfo, ("Europe/Berlin", "Asia/Tokyo", "America/New_York"))
NOW = datetime(2026, 11, 25, 16, 6, tzinfo=UTC)  # Wednesday; in Tokyo it is Thursday
ZONES = st.sampled_from([BERLIN, TOKYO, NEW_YORK, ZoneInfo("Australia/Lord_Howe")])
NOWS = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("preset", "zone", "first", "last"),
    [
        ("today", BERLIN, "2026-11-25", "2026-11-25"),
        ("today", TOKYO, "2026-11-26", "2026-11-26"),
        ("yesterday", NEW_YORK, "2026-11-24", "2026-11-24"),
        ("last_7_days", BERLIN, "2026-11-19", "2026-11-25"),
        ("last_28_days", BERLIN, "2026-10-29", "2026-11-25"),
        ("last_90_days", BERLIN, "2026-08-28", "2026-11-25"),
        ("this_month", BERLIN, "2026-11-01", "2026-11-25"),
        ("last_month", BERLIN, "2026-10-01", "2026-10-31"),
        ("this_quarter", BERLIN, "2026-10-01", "2026-11-25"),
        ("this_year", BERLIN, "2026-01-01", "2026-11-25"),
        ("last_12_months", BERLIN, "2025-11-01", "2026-11-25"),
        ("all", BERLIN, "2016-11-18", "2026-11-25"),
    ],
)
def test_a_preset_is_days_of_the_projects_zone(
    preset: Preset, zone: ZoneInfo, first: str, last: str
) -> None:
    found = periods.period(preset, NOW, zone)

    assert (str(found.first), str(found.last)) == (first, last)
    local = found.begins.astimezone(zone)
    assert (local.date().isoformat(), local.hour, local.minute) == (first, 0, 0)
    assert (found.ends.astimezone(zone) - timedelta(seconds=1)).date().isoformat() == last


@given(st.sampled_from(periods.PRESETS).filter(lambda each: each != "custom"), NOWS, ZONES)
def test_every_preset_is_a_period_that_has_begun(
    preset: Preset, now: datetime, zone: ZoneInfo
) -> None:
    found = periods.period(preset, now, zone)

    assert found.begins <= found.until <= found.ends
    assert found.until <= now
    assert 1 <= found.days <= periods.LONGEST_DAYS
    assert periods.grains(found)


def test_the_day_on_which_clocks_change_has_another_length() -> None:
    change = date(2026, 10, 25)
    found = periods.period("custom", NOW, BERLIN, first=change, last=change)

    assert found.ends - found.begins == timedelta(hours=25)


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        (date(2026, 2, 1), date(2026, 1, 1), "reversed"),
        (date(1926, 1, 1), date(2026, 1, 1), "too_long"),
        (None, date(2026, 1, 1), "missing"),
    ],
)
def test_ends_that_make_no_period_are_named(first: date | None, last: date, problem: str) -> None:
    with pytest.raises(PeriodError) as refused:
        periods.period("custom", NOW, BERLIN, first=first, last=last)

    assert refused.value.problem == problem


@pytest.mark.parametrize(
    ("days", "offered"),
    [
        (1, ("hour", "day")),
        (3, ("hour", "day")),
        (16, ("hour", "day", "week")),
        (17, ("day", "week")),
        (92, ("day", "week", "month")),
        (93, ("day", "week", "month")),
        (500, ("week", "month")),
        (800, ("week", "month")),
    ],
)
def test_a_chart_has_neither_one_point_nor_too_many(days: int, offered: tuple[Grain, ...]) -> None:
    of = days_of(days)

    assert periods.grains(of) == offered


def test_one_steps_to_the_neighbouring_days() -> None:
    of = periods.period("last_7_days", NOW, BERLIN)

    assert periods.step(of, back=True) == (date(2026, 11, 12), date(2026, 11, 18))
    assert periods.step(of, back=False) == (date(2026, 11, 26), date(2026, 12, 2))


def days_of(days: int) -> Period:
    first = date(2020, 1, 1)
    return periods.period("custom", NOW, BERLIN, first=first, last=first + timedelta(days=days - 1))
