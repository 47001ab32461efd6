"""What reports say, as people read it: changes are judged, small bases are no percentages."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console.web import figures


def figure(value: Any, before: Any = None) -> dict[str, Any]:
    compared = before is not None
    return {
        "value": value,
        "before": before,
        "difference": value - before if compared else None,
        "ratio": (value - before) / before if before else None,
        "new": compared and before == 0 and value != 0,
    }


@pytest.mark.parametrize(
    ("measure", "value", "before", "text", "judged"),
    [
        ("redemptions", 150, 100, "+50.0\N{NO-BREAK SPACE}%", "good"),
        ("redemptions", 12, 10, "+2", "good"),  # of ten a percentage says nothing
        ("refused", 150, 100, "+50.0\N{NO-BREAK SPACE}%", "bad"),
        ("refused", 50, 100, "\N{MINUS SIGN}50.0\N{NO-BREAK SPACE}%", "good"),
        ("cost_minor", 15000, 10000, "+50.0\N{NO-BREAK SPACE}%", "bad"),
        ("discount_minor", 15000, 10000, "+50.0\N{NO-BREAK SPACE}%", ""),
        ("redemptions", 100, 100, "the same", ""),
        ("redemptions", 5, 0, "new", ""),
    ],
)
def test_a_change_is_written_and_judged(
    measure: str, value: int, before: int, text: str, judged: str
) -> None:
    change = figures.card(measure, figure(value, before), "EUR").change
    assert change is not None
    assert (change.text, change.judged) == (text, judged)


def test_a_card_of_a_million_is_short_and_says_all_of_it() -> None:
    card = figures.card("gross_minor", figure(124017820), "EUR")
    assert (card.value, card.unit) == ("1.24\N{NO-BREAK SPACE}M", "EUR")
    assert card.full == "1,240,178.20 EUR"


def test_a_return_on_nothing_is_a_dash_that_says_so() -> None:
    card = figures.card("roi", figure(None), "EUR")
    assert (card.value, card.note) == ("\N{EN DASH}", "no cost")


def test_a_chart_is_of_one_currency_and_yen_have_no_decimals_in_it() -> None:
    answer = {
        "grain": "day",
        "buckets": [{"start": "2026-11-01T00:00:00+09:00", "unfinished": True}],
        "series": [
            {"currency": "EUR", "points": [{"gross_minor": 7}]},
            {"currency": "JPY", "points": [{"gross_minor": 1200}]},
        ],
    }
    drawn = figures.lines(answer, ["gross_minor"], ZoneInfo("Asia/Tokyo"), "JPY")
    assert drawn.buckets == ["1 Nov"]
    assert drawn.unfinished
    assert (drawn.series[0].values, drawn.series[0].texts) == ([1200], ["1,200"])


def test_what_has_not_begun_is_not_drawn() -> None:
    hours = [f"2026-11-26T{hour:02}:00:00+01:00" for hour in (10, 11, 12, 13)]
    points = [{"redemptions": count} for count in (3, 4, 0, 0)]
    answer = {
        "grain": "hour",
        "buckets": [{"start": each, "unfinished": each > hours[0]} for each in hours],
        "series": [{"currency": "EUR", "points": points}],
    }
    before = {"series": [{"currency": "EUR", "points": [{"redemptions": 9}] * 4}]}

    drawn = figures.lines(answer, ["redemptions"], ZoneInfo("Europe/Berlin"), "EUR", before=before)

    assert drawn.buckets == ["10:00", "11:00"]
    assert drawn.unfinished
    [line] = drawn.series
    assert line.values == [3, 4]
    assert drawn.before is not None
    assert drawn.before.values == [9, 9]
