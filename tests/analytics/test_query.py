"""How time is cut for a statement, and in which slots each part counts. Pure."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analytics.grains import milliseconds
from analytics.periods import Period
from analytics.query import BEFORE, NOW, ReportQuery, cut

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
HOURS = st.integers(0, 30)


def period(one: int, other: int) -> Period:
    return Period(*(BEGIN + timedelta(hours=each) for each in sorted((one, other))))


@given(st.lists(st.builds(period, HOURS, HOURS), min_size=1, max_size=12), HOURS)
def test_a_moment_counts_in_every_slot_that_holds_it_and_in_no_other(
    slots: list[Period], hour: int
) -> None:
    bounds, into = cut(slots)
    moment = BEGIN + timedelta(hours=hour, minutes=59)

    part = [place for place, bound in enumerate(bounds) if bound <= milliseconds(moment)]

    assert bounds == sorted(set(bounds))
    assert len(bounds) == len(into)
    assert (into[part[-1]] if part else []) == [
        number for number, each in enumerate(slots) if each.starts_at <= moment < each.ends_at
    ]


def test_a_query_tells_its_period_and_the_other_apart_though_they_overlap() -> None:
    query = ReportQuery("proj_1", period(2, 6), before=period(4, 9)).parameters()

    assert query["into"] == [[NOW], [NOW, BEFORE], [BEFORE], []]


def test_where_nothing_is_compared_there_is_no_other() -> None:
    query = ReportQuery("proj_1", period(2, 6)).parameters()

    assert query["into"] == [[NOW], []]
    assert query["other_starts_at"] == query["other_ends_at"]
