"""The URL is the view."""

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import query
from console.query import Query, UnknownError
from console.web import period

NAMES = (
    query.text("q"),
    query.choice("status", ("live", "expired"), many=True),
    query.day("start_from"),
    query.whole("redeemed_min"),
    query.order(("name", "created_at"), "-created_at"),
    query.size(),
    query.columns(("name", "status")),
    query.page(),
    query.cursor("after"),
)


def read(text: str) -> Query:
    return query.read(NAMES, parse_qsl(text, keep_blank_values=True))


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("q=&status=&page=1&limit=50&sort=-created_at", "", id="empty-and-usual"),
        pytest.param("page=2&status=live&q=a", "?q=a&status=live&page=2", id="in-the-pages-order"),
        pytest.param(
            "status=expired&status=live", "?status=expired&status=live", id="many-in-their-order"
        ),
        pytest.param("status=live&status=live", "?status=live", id="the-same-once"),
        pytest.param("q=+a%26b+", "?q=a%26b", id="without-blanks-around"),
        pytest.param("cols=status&cols=name", "?cols=status&cols=name", id="columns"),
    ],
)
def test_a_view_is_written_in_one_way(asked: str, written: str) -> None:
    assert read(asked).written() == written


def test_a_form_beside_the_view_keeps_what_it_has_no_field_for() -> None:
    asks = read("q=a&status=live&status=expired&sort=name&page=2")

    assert asks.pairs("sort", "limit", "status") == [
        ("sort", "name"),
        ("status", "live"),
        ("status", "expired"),
    ]


@pytest.mark.parametrize(
    ("asked", "name", "value", "without"),
    [
        pytest.param("color=red&status=live", "color", None, "?status=live", id="name"),
        pytest.param("status=gone&q=a", "status", "gone", "?q=a", id="value"),
        pytest.param("status=gone&status=live", "status", "gone", "?status=live", id="one-of-many"),
        pytest.param("start_from=2026-02-30", "start_from", "2026-02-30", "", id="no-such-day"),
        pytest.param("start_from=20260230", "start_from", "20260230", "", id="another-spelling"),
        pytest.param("start_from=0001-01-01", "start_from", "0001-01-01", "", id="before-zones"),
        pytest.param("start_from=9999-12-31", "start_from", "9999-12-31", "", id="the-last-day"),
        pytest.param("page=100", "page", "100", "", id="beyond-numbers"),
        pytest.param("page=0", "page", "0", "", id="before-the-first"),
        pytest.param("sort=color", "sort", "color", "", id="no-such-order"),
        pytest.param("limit=1000000", "limit", "1000000", "", id="too-many"),
        pytest.param("q=a&q=b", "q", "b", "?q=a", id="given-twice"),
        pytest.param("cols=name%2Csecret", "cols", "name,secret", "", id="no-such-column"),
        pytest.param("color=red&shape=round&q=a", "color", None, "?q=a", id="several"),
        pytest.param("redeemed_min=%C2%B2", "redeemed_min", "²", "", id="no-digits-of-ours"),
    ],
)
def test_what_a_page_does_not_know_is_named_and_left_out(
    asked: str, name: str, value: str | None, without: str
) -> None:
    with pytest.raises(UnknownError) as refused:
        read(asked)

    assert (refused.value.name, refused.value.value) == (name, value)
    assert refused.value.without == without


def test_whatever_somebody_asks_is_answered_in_bounded_time() -> None:
    with pytest.raises(UnknownError) as refused:
        query.read(NAMES, [(f"n{at}", "") for at in range(30_000)])

    assert refused.value.without == ""


def test_a_changed_filter_leaves_the_place_in_the_list() -> None:
    asks = read("q=a&page=7&after=x&limit=25&sort=name")

    assert asks.changed("status", "live").written() == "?q=a&status=live&sort=name&limit=25"
    assert asks.changed("page", "8").written() == "?q=a&sort=name&limit=25&page=8"
    assert asks.changed("q", "").written() == "?sort=name&limit=25"
    assert asks.cleared().written() == "?sort=name&limit=25"


def test_who_clears_all_filters_stays_in_the_period() -> None:
    asks = query.read((*NAMES, *period.NAMES), [("q", "a"), ("period", "today"), ("page", "2")])

    assert asks.filters == (("q", "a"),)
    assert asks.cleared().written() == "?period=today"


def test_each_filter_can_be_taken_away_alone() -> None:
    asks = read("q=a&status=live&status=expired&page=2")

    assert asks.filters == (("q", "a"), ("status", "live"), ("status", "expired"))
    assert [asks.without(*each).written() for each in asks.filters] == [
        "?status=live&status=expired",
        "?q=a&status=expired",
        "?q=a&status=live",
    ]


def test_a_head_sorts_down_then_up_and_says_which() -> None:
    asks = read("")
    assert asks.sorted_by("created_at") == "descending"
    assert asks.sorted_by("name") is None

    by_name = asks.to_sort("name")
    assert by_name.written() == "?sort=-name"
    assert by_name.to_sort("name").sorted_by("name") == "ascending"
    assert asks.to_sort("created_at").written() == "?sort=created_at"


VALUES = {
    "q": st.text(max_size=20),
    "status": st.sampled_from(["live", "expired"]),
    "start_from": st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(str),
    "redeemed_min": st.integers(0, 10**11).map(str),
    "sort": st.sampled_from(["name", "-name", "created_at", "-created_at"]),
    "limit": st.sampled_from(["25", "50", "100"]),
    "page": st.integers(1, 99).map(str),
}


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_what_is_written_is_read_as_the_same_view(asked: dict[str, str]) -> None:
    asks = query.read(NAMES, list(asked.items()))

    again = query.read(NAMES, parse_qsl(asks.written().removeprefix("?")))

    assert again == asks
    assert again.written() == asks.written()
