from datetime import UTC, datetime

import pytest

from analytics.periods import EARLIEST, LATEST, instant


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
