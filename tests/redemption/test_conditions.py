"""Conditions: each case is one that a person can check, and all of them against a plain reading."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.conditions import Condition
from redemption.rules.conditions import compiled

BERLIN: Final = ZoneInfo("Europe/Berlin")
NOON: Final = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY: Final = timedelta(days=1)


def holds(operator: str, values: list[Any], found: object, at: datetime = NOON) -> bool:
    condition = Condition.model_validate({"operator": operator, "values": values})
    return compiled([condition], BERLIN)(found, at)


@pytest.mark.parametrize(
    ("operator", "values", "met_by", "not_by"),
    [
        ("$is", ["gold"], ["gold", ["tin", "gold"]], ["Gold", "", None, ["tin"], [], {"a": 1}, 1]),
        ("$is", [1], [1, 1.0], [True, "1", 2]),
        ("$is", [True], [True], [1, "true", False, None]),
        ("$in", ["gold", 2], ["gold", 2], ["tin", 3, None]),
        ("$is_not", ["gold"], ["tin", None, [], ["tin"], 1], ["gold", ["tin", "gold"]]),
        ("$not_in", ["gold", 2], ["tin", None, True], ["gold", 2, [1, 2]]),
        ("$contains", ["OLD"], ["gold", "Older", ["a", "bold"]], ["go", None, 5]),
        ("$contains", ["x", "y"], ["xa", "by"], ["ab"]),
        ("$contains", ["\xc4"], ["\xc4rger"], ["\xe4rger"]),
        ("$not_contain", ["old"], ["go", None, 5], ["Gold", ["a", "bold"]]),
        ("$starts_with", ["Go"], ["gold", "GO"], ["a gold", None]),
        ("$ends_with", ["LD"], ["gold", "ld"], ["golden", None]),
        ("$more_than", [5], [6, 5.5, [1, 9]], [5, "6", True, None, [1, 2]]),
        ("$less_than", [5], [4, -1], [5, "4", False, None]),
        ("$more_than_equal", [5], [5, 6], [4.9, None]),
        ("$less_than_equal", [5], [5, 4], [5.1, None]),
        ("$has_value", [], ["", 0, False, ["a"], {}], [None, []]),
        ("$is_unknown", [], [None, []], ["", 0, False, ["a"]]),
        (
            "$before",
            ["2026-11-26"],
            ["2026-11-25", "2026-11-25T22:59:59Z", datetime(2026, 11, 25, 22, 59, tzinfo=UTC)],
            ["2026-11-26", "2026-11-25T23:00:00Z", "no date", 5, None],
        ),
        (
            "$after",
            ["2026-11-26"],
            ["2026-11-27", "2026-11-26T23:00:00Z"],
            ["2026-11-26", "2026-11-26T22:59:59Z", None],
        ),
        ("$after", ["2026-11-26T12:00:00Z"], ["2026-11-26T12:00:00.001Z"], ["2026-11-26T12:00:00"]),
        ("$before", ["2026-11-26T12:00:00Z"], ["2026-11-26T11:59:59"], ["2026-11-26T13:00+01:00"]),
        ("$more_than_ago", [2], [NOON - 2 * DAY - DAY / 24], [NOON - 2 * DAY, NOON + DAY, None]),
        ("$less_than_ago", [2], [NOON - DAY, NOON], [NOON - 2 * DAY, NOON + DAY / 24, None]),
        ("$more_than_future", [2], [NOON + 3 * DAY, "2026-12-24"], [NOON + 2 * DAY, NOON]),
        ("$less_than_future", [2], [NOON + DAY, NOON], [NOON + 2 * DAY, NOON - DAY / 24]),
        (
            "$is_days_ago",
            [1],
            ["2026-11-25", "2026-11-24T23:00:00Z"],
            ["2026-11-24T22:59:59Z", "2026-11-26", None],
        ),
        ("$is_days_in_future", [28], ["2026-12-24"], ["2026-12-25", "2026-11-26"]),
    ],
)
def test_what_meets_a_condition(
    operator: str, values: list[Any], met_by: list[object], not_by: list[object]
) -> None:
    assert [each for each in met_by if not holds(operator, values, each)] == []
    assert [each for each in not_by if holds(operator, values, each)] == []


def test_days_are_those_of_the_zone_also_where_they_have_25_hours() -> None:
    # Berlin set its clocks back on 25 October: the day ended at 23:00 UTC and began at 22:00.
    at = datetime(2026, 10, 26, 12, tzinfo=UTC)

    assert holds("$is_days_ago", [1], "2026-10-24T22:00:00Z", at)
    assert holds("$is_days_ago", [1], "2026-10-25T22:59:59Z", at)
    assert not holds("$is_days_ago", [1], "2026-10-25T23:00:00Z", at)


def test_a_day_at_the_end_of_the_calendar_is_met_by_nothing() -> None:
    assert not holds("$after", ["9999-12-31"], NOON)
    assert not holds("$is_days_ago", [1], "0001-01-01T00:00:00+14:00")


def test_all_conditions_of_a_value_have_to_hold() -> None:
    both = [Condition(operator="$more_than", values=(2,)), Condition(operator="$in", values=(3, 1))]

    assert [n for n in range(5) if compiled(both, BERLIN)(n, NOON)] == [3]


PLAIN: Final[dict[str, Any]] = {
    "$is": lambda found, wanted: found == wanted[0],
    "$is_not": lambda found, wanted: found != wanted[0],
    "$more_than": lambda found, wanted: found is not None and found > wanted[0],
    "$less_than": lambda found, wanted: found is not None and found < wanted[0],
    "$more_than_equal": lambda found, wanted: found is not None and found >= wanted[0],
    "$less_than_equal": lambda found, wanted: found is not None and found <= wanted[0],
    "$has_value": lambda found, _: found is not None,
    "$is_unknown": lambda found, _: found is None,
}


@given(
    st.lists(st.tuples(st.sampled_from(sorted(PLAIN)), st.integers(-3, 3)), min_size=1, max_size=4),
    st.none() | st.integers(-4, 4),
)
def test_numbers_are_judged_as_plain_python_judges_them(
    asked: list[tuple[str, int]], found: int | None
) -> None:
    conditions = [
        Condition(operator=op, values=() if op in {"$has_value", "$is_unknown"} else (wanted,))
        for op, wanted in asked
    ]

    expected = all(PLAIN[op](found, [wanted]) for op, wanted in asked)
    assert compiled(conditions, BERLIN)(found, NOON) == expected
