"""A deal in words, as its partner's own system is told it."""

import pytest

from campaigns.campaigns import words
from contracts.terms import Limit
from contracts.validity import Hours, Recurrence, Validity


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (Limit(of="customer", per="month", most=2), "at most 2 redemptions per customer and month"),
        (Limit(of="code", per="day", most=1), "at most 1 redemption per code and day"),
        (Limit(of="campaign", per="week", most=9), "at most 9 redemptions per week"),
        (Limit(of="campaign", what="discount", most=5), "at most 0.05 EUR of discount in all"),
        (
            Limit(of="customer_and_code", what="discount", most=123_456),
            "at most 1234.56 EUR of discount per customer and code",
        ),
    ],
)
def test_a_limit_is_said(limit: Limit, said: str) -> None:
    assert words.limits([limit], "EUR") == said


def test_without_limits_nothing_is_said() -> None:
    assert words.limits([], "EUR") is None


@pytest.mark.parametrize(
    ("validity", "said"),
    [
        (Validity(), None),
        (Validity(weekdays=(0, 5)), "Sun, Fri (Europe/Berlin)"),
        (
            Validity(
                hours=(
                    Hours(from_minute=1320, to_minute=120, weekdays=(5,)),
                    Hours(from_minute=720, to_minute=1440),
                )
            ),
            "Fri 22:00 to 02:00 or every day 12:00 to 24:00 (Europe/Berlin)",
        ),
        (
            Validity(recurrence=Recurrence(every_seconds=14 * 86_400, lasts_seconds=129_600)),
            "for 36 hours in every 2 weeks, beginning with the first (Europe/Berlin)",
        ),
    ],
)
def test_windows_are_said_with_their_zone(validity: Validity, said: str | None) -> None:
    assert words.windows(validity, "Europe/Berlin") == said
