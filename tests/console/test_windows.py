"""When in the week and the day: what is shown is read as it was, and said so that one sees it."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.web import window_fields, windows
from console.web.forms import Form
from console.web.terms import Typed

BERLIN = ZoneInfo("Europe/Berlin")
START = "2026-11-06T17:00:00Z"
NOTHING = {"validity_day_of_week": None, "validity_hours": None, "validity_timeframe": None}
HOURS = "validity_hours.daily"

days = st.lists(st.integers(0, 6), unique=True).map(sorted).map(lambda found: found or None)
clocks = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
seconds = st.integers(1, 366 * 86_400) | st.integers(1, 366).map(lambda n: n * 86_400)
told = st.fixed_dictionaries(
    {
        "validity_day_of_week": days,
        "validity_hours": st.none()
        | st.lists(
            st.fixed_dictionaries(
                {
                    "start_time": clocks,
                    "expiration_time": clocks | st.just("24:00"),
                    "days_of_week": days,
                }
            ),
            min_size=1,
            max_size=50,
        ).map(lambda daily: {"daily": daily}),
        "validity_timeframe": st.none()
        | st.fixed_dictionaries(
            {
                "interval": seconds.map(windows.duration),
                "duration": seconds.map(windows.duration),
            }
        ),
    }
)


def read(fields: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], dict[str, str]]:
    form = Form(typed={name: tuple(values) for name, values in fields.items()})
    typed = Typed(window_fields.compacted(form), "EUR", BERLIN)
    return window_fields.read(typed), typed.faults


@given(told=told)
def test_what_the_api_told_is_told_to_it_again(told: dict[str, Any]) -> None:
    stored = Form().starting(window_fields.filled(told))
    shown = window_fields.shown(stored)
    sent: dict[str, Sequence[str]] = {
        "start_date": ["2026-11-06"],
        "validity_day_of_week": [each.value for each in shown.days if each.chosen],
    }
    for row in shown.hours:
        sent |= {
            f"{row.name}.start_time": [row.start],
            f"{row.name}.expiration_time": [row.end],
            f"{row.name}.days_of_week": [each.value for each in row.days if each.chosen],
        }
    for name, units in (("interval", shown.every), ("duration", shown.lasts)):
        field = f"validity_timeframe.{name}"
        sent[field] = [stored.one(field)]
        sent[f"{field}_unit"] = [each.value for each in units if each.chosen]

    assert read(sent) == (told, {})
    assert shown.is_open == (told != NOTHING)


@given(total=st.integers(1, 2**40))
def test_a_duration_is_read_as_it_was_written(total: int) -> None:
    assert windows.seconds(windows.duration(total)) == total


def test_hours_that_are_empty_are_none_and_the_others_move_up() -> None:
    fields = {
        f"{HOURS}.0.start_time": [""],
        f"{HOURS}.0.expiration_time": [""],
        f"{HOURS}.2.start_time": ["9"],
        f"{HOURS}.2.expiration_time": ["9:30"],
    }

    found, faults = read(fields)

    assert not faults
    assert found["validity_hours"] == {
        "daily": [{"start_time": "09:00", "expiration_time": "09:30", "days_of_week": None}]
    }


@pytest.mark.parametrize(
    ("fields", "faulty"),
    [
        ({f"{HOURS}.4.days_of_week": "5"}, {f"{HOURS}.0.start_time", f"{HOURS}.0.expiration_time"}),
        (
            {f"{HOURS}.0.start_time": "25:00", f"{HOURS}.0.expiration_time": "10"},
            {f"{HOURS}.0.start_time"},
        ),
        (
            {f"{HOURS}.0.start_time": "24:01", f"{HOURS}.0.expiration_time": "10:60"},
            {f"{HOURS}.0.start_time", f"{HOURS}.0.expiration_time"},
        ),
        (
            {"validity_timeframe.interval": "7", "start_date": "2026-11-06"},
            {"validity_timeframe.duration"},
        ),
        (
            {"validity_timeframe.interval": "7", "validity_timeframe.duration": "1"},
            {"start_date"},
        ),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(fields: dict[str, str], faulty: set[str]) -> None:
    _, faults = read({name: [value] for name, value in fields.items()})

    assert set(faults) == faulty


def test_a_fault_of_the_api_stands_at_its_row() -> None:
    named = {f"{HOURS}.0.start_time": ("9",), f"{HOURS}.0.expiration_time": ("9",)}
    form = Form(typed=named).wrong(None, **{f"{HOURS}.0": "should end at another time"})

    row = window_fields.shown(form).hours[0]

    assert (row.start_id, row.error) == (f"{HOURS}.0", "should end at another time")


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([5], "Fridays"),
        ([0, 6], "Saturdays, Sundays"),
        ([1, 2, 3, 4, 5], "Monday to Friday"),
        ([0, 1, 6], "Mondays, Saturdays, Sundays"),
        ([0, 5, 6], "Friday to Sunday"),
    ],
)
def test_days_are_said_in_the_order_of_the_week(numbers: list[int], said: str) -> None:
    assert windows.days(numbers) == said


def test_each_window_is_a_sentence_in_the_projects_zone() -> None:
    friday = {"start_time": "22:00", "expiration_time": "02:00", "days_of_week": [5]}
    lunch = {"start_time": "12:00", "expiration_time": "14:00", "days_of_week": None}
    thing = {
        "start_date": START,
        "validity_day_of_week": [1, 3],
        "validity_hours": {"daily": [friday, lunch]},
        "validity_timeframe": {"interval": "P14D", "duration": "P1DT12H"},
    }

    assert windows.sentences(thing, BERLIN) == [
        "Mondays, Wednesdays, Europe/Berlin",
        "Fridays 22:00 to 02:00 or every day 12:00 to 14:00, Europe/Berlin",
        "For 36 hours every 2 weeks, from 6 Nov 2026, 18:00 on, Europe/Berlin",
    ]
    assert windows.sentences({"start_date": None, **NOTHING}, BERLIN) == []
