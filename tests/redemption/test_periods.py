from datetime import UTC, datetime

import pytest

from redemption.periods import Period, period_of


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
