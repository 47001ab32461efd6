"""Money, numbers and instants as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.format import instants, money, numbers

BERLIN, TOKYO, NEW_YORK = map(ZoneInfo, ("Europe/Berlin", "Asia/Tokyo", "America/New_York"))
ZONES = st.sampled_from([BERLIN, TOKYO, NEW_YORK, ZoneInfo("Australia/Lord_Howe")])
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF"])


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (123456, "EUR", "1,234.56"),
        (-5, "EUR", "−0.05"),
        (123456, "JPY", "123,456"),
        (1234567, "KWD", "1,234.567"),
        (0, "EUR", "0.00"),
        (12345, "CLF", "1.2345"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(
    minor: int, currency: str, written: str
) -> None:
    assert money.money(minor, currency) == written


@given(st.integers(-(10**15), 10**15), CURRENCIES)
def test_an_amount_in_a_field_is_read_as_it_was(minor: int, currency: str) -> None:
    assert money.minor_units(money.plain(minor, currency), currency) == minor
    assert money.minor_units(money.money(minor, currency), currency) == minor


@pytest.mark.parametrize(
    "typed",
    [
        *("", "x", "1.234", "NaN", "Infinity", "1e999999999", "0.001"),
        *("20,50", "1,5", "1.234,50", "1,2345", ",500", "12,34,567"),  # no comma is passed over
    ],
)
def test_what_is_no_amount_is_said_to_be_none(typed: str) -> None:
    with pytest.raises(ValueError, match="is no amount"):
        money.minor_units(typed, "EUR")


@pytest.mark.parametrize("typed", ["1,234.5", "1234.50", " 1,234.50 ", "1234.5"])
def test_an_amount_may_be_grouped_by_thousands(typed: str) -> None:
    assert money.minor_units(typed, "EUR") == 123450


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (2418, "2,418"), (-2418, "−2,418")],
)
def test_numbers_are_grouped(value: int, written: str) -> None:
    assert numbers.number(value) == written


def test_shares_and_returns_have_one_decimal() -> None:
    assert numbers.percent(0.125) == "12.5\N{NO-BREAK SPACE}%"
    assert numbers.percent(Decimal("-0.00049")) == "0.0\N{NO-BREAK SPACE}%"
    assert numbers.times(3.35) == "3.4\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}"
    assert numbers.percent(None) == numbers.times(None) == "\N{EN DASH}"


def test_cards_are_short_from_a_million_on() -> None:
    assert numbers.short(999_999) == "999,999"
    assert numbers.short(1_240_000) == "1.24\N{NO-BREAK SPACE}M"
    assert money.short_money(124_000_000, "EUR") == "1.24\N{NO-BREAK SPACE}M"
    assert money.short_money(99_999_999, "EUR") == "999,999.99"


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        (BERLIN, "25 Nov 2026, 17:06"),
        (TOKYO, "26 Nov 2026, 01:06"),
        (NEW_YORK, "25 Nov 2026, 11:06"),
    ],
)
def test_an_instant_is_written_in_the_zone_of_the_project(zone: ZoneInfo, written: str) -> None:
    assert instants.moment("2026-11-25T16:06:03.412Z", zone) == written


def test_what_was_enforced_is_said_to_the_millisecond() -> None:
    assert instants.exactly("2026-11-25T16:06:03.412Z", BERLIN) == "17:06:03.412"
    assert instants.utc("2026-11-25T17:06:03.412+01:00") == "2026-11-25T16:06:03Z"


def test_a_zone_is_named_with_what_it_is_now() -> None:
    winter, summer = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    assert instants.zone_label(BERLIN, winter) == "Europe/Berlin, UTC+1"
    assert instants.zone_label(BERLIN, summer) == "Europe/Berlin, UTC+2"
    assert instants.zone_label(NEW_YORK, winter) == "America/New_York, UTC\N{MINUS SIGN}5"
    assert instants.zone_label(ZoneInfo("Asia/Kolkata"), winter) == "Asia/Kolkata, UTC+5:30"
    assert instants.zone_label(ZoneInfo("UTC"), winter) == "UTC"


def test_ago_is_said_below_a_day_alone() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    ages = [instants.age(now - timedelta(seconds=s), now) for s in (-1, 0, 59, 60, 7_300, 86_400)]
    assert ages == [None, ("now", 0), ("now", 0), ("minutes", 1), ("hours", 2), None]


@pytest.mark.parametrize(
    ("zone", "end"),
    [
        (BERLIN, "2026-11-30T23:00:00+00:00"),
        (TOKYO, "2026-11-30T15:00:00+00:00"),
        (NEW_YORK, "2026-12-01T05:00:00+00:00"),
    ],
)
def test_what_ends_on_a_day_includes_that_day(zone: ZoneInfo, end: str) -> None:
    ends = instants.end_of(date(2026, 11, 30), zone)

    assert ends.isoformat() == end
    assert instants.last_second(ends, zone) == "30 Nov 2026, 23:59:59"


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_the_days_on_which_clocks_change_are_as_long_as_they_are(day: str, hours: int) -> None:
    local = date.fromisoformat(day)

    length = instants.end_of(local, BERLIN) - instants.begin_of(local, BERLIN)

    assert length == timedelta(hours=hours)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), ZONES)  # noqa: DTZ001
def test_a_time_in_a_field_is_read_as_the_instant_that_it_shows(
    at: datetime, zone: ZoneInfo
) -> None:
    shown = instants.typed(at.replace(tzinfo=UTC, second=0, microsecond=0), zone)

    assert instants.typed(instants.of_field(shown, zone), zone) == shown


def test_a_time_that_clocks_jump_over_is_none() -> None:
    with pytest.raises(ValueError, match="02:30"):
        instants.of_field("2026-03-29T02:30", BERLIN)
