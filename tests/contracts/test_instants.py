from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.instants import Instant, to_rfc3339

INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        pytest.param("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", id="seconds"),
        pytest.param("2026-01-02T03:04:05.678901Z", "2026-01-02T03:04:05.678Z", id="micros-cut"),
        pytest.param("2026-01-02T03:04:05.999999Z", "2026-01-02T03:04:05.999Z", id="not-rounded"),
        pytest.param("2026-01-02T03:04:05+05:30", "2026-01-01T21:34:05.000Z", id="offset"),
    ],
)
def test_instants_are_read_in_every_zone_and_written_in_utc(text: str, instant: str) -> None:
    assert INSTANT.dump_python(INSTANT.validate_python(text), mode="json") == instant


@pytest.mark.parametrize(
    "refused", ["2026-01-02T03:04:05", "yesterday", "", None, 1, 1.5, "1700000000", "-1"]
)
def test_an_instant_without_a_zone_is_none(refused: object) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(refused)


@given(
    st.datetimes(
        min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis adds the zones
        max_value=datetime(2200, 1, 1),  # noqa: DTZ001
        timezones=st.builds(timezone, st.integers(-23, 23).map(lambda h: timedelta(hours=h))),
    )
)
def test_what_is_written_is_read_back_to_the_millisecond(instant: datetime) -> None:
    again = INSTANT.validate_python(to_rfc3339(instant))

    assert again.tzinfo == UTC
    assert timedelta(0) <= instant - again < timedelta(milliseconds=1)
    assert to_rfc3339(again) == to_rfc3339(instant)
