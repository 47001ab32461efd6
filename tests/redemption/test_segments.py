"""Segments that a shop would make, and any filter against a plain second reading of it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.segments import Filter
from redemption.customers.segments import compile_filter
from redemption.model import CustomerFacts

NOW: Final = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY: Final = timedelta(days=1)

STRANGER: Final = CustomerFacts()
REGULAR: Final = CustomerFacts(
    paid_orders=7,
    spent_minor=80_000,
    first_paid_at=NOW - 400 * DAY,
    last_paid_at=NOW - 3 * DAY,
    created_at=NOW - 401 * DAY,
    metadata={"tier": "gold", "born": "1990-11-26", "tags": ["vip", "press"]},
    is_new=False,
)
SLEEPER: Final = REGULAR._replace(last_paid_at=NOW - 90 * DAY, metadata={})
LOOKED: Final = CustomerFacts(created_at=NOW - DAY)  # made an account, bought nothing


def filter_of(*criteria: tuple[str, str, list[Any]], junction: str = "and") -> Filter:
    return Filter.model_validate(
        {
            "junction": junction,
            "criteria": [
                {"attribute": name, "conditions": [{"operator": operator, "values": values}]}
                for name, operator, values in criteria
            ],
        }
    )


@pytest.mark.parametrize(
    ("of", "members"),
    [
        pytest.param(filter_of(("is_new", "$is", [True])), [STRANGER, LOOKED], id="new"),
        pytest.param(
            filter_of(("summary.orders.total_count", "$more_than", [0])),
            [REGULAR, SLEEPER],
            id="returning",
        ),
        pytest.param(
            filter_of(("summary.orders.last_order_date", "$more_than_ago", [60])),
            [SLEEPER],
            id="not seen for 60 days",
        ),
        pytest.param(
            filter_of(("summary.orders.total_amount", "$more_than", [79_999])),
            [REGULAR, SLEEPER],
            id="spent 800 or more",
        ),
        pytest.param(
            filter_of(("metadata.tier", "$is", ["gold"]), ("metadata.tags", "$is", ["vip"])),
            [REGULAR],
            id="gold and vip",
        ),
        pytest.param(
            filter_of(("metadata.tier", "$is", ["gold"]), ("is_new", "$is", [True]), junction="or"),
            [STRANGER, REGULAR, LOOKED],
            id="gold or new",
        ),
        pytest.param(
            filter_of(("metadata.tier", "$is_not", ["gold"])),
            [STRANGER, SLEEPER, LOOKED],
            id="not gold",
        ),
        pytest.param(
            filter_of(("created_at", "$less_than_ago", [7])), [STRANGER, LOOKED], id="came lately"
        ),
        pytest.param(
            filter_of(("summary.orders.first_order_date", "$is_unknown", [])),
            [STRANGER, LOOKED],
            id="bought nothing",
        ),
    ],
)
def test_who_is_in_a_segment(of: Filter, members: list[CustomerFacts]) -> None:
    includes = compile_filter(of, "Europe/Berlin")

    everybody = [STRANGER, REGULAR, SLEEPER, LOOKED]
    assert [each for each in everybody if includes(each, NOW)] == members


def test_membership_ends_with_the_moment_that_it_goes_by() -> None:
    includes = compile_filter(filter_of(("created_at", "$less_than_ago", [7])), "UTC")

    assert includes(LOOKED, NOW + 6 * DAY - timedelta(seconds=1))
    assert not includes(LOOKED, NOW + 6 * DAY)


# The second reading knows facts by other names and asks one question at a time.
ASKED: Final = st.sampled_from(
    [
        ("is_new", "$is", [True], lambda f: f.is_new),
        ("is_new", "$is", [False], lambda f: not f.is_new),
        ("summary.orders.total_count", "$is", [2], lambda f: f.paid_orders == 2),
        ("summary.orders.total_count", "$less_than", [2], lambda f: f.paid_orders in {0, 1}),
        ("summary.orders.total_amount", "$more_than_equal", [50], lambda f: f.spent_minor >= 50),
        ("summary.orders.last_order_date", "$is_unknown", [], lambda f: f.last_paid_at is None),
        (
            "summary.orders.last_order_date",
            "$more_than_ago",
            [10],
            lambda f: f.last_paid_at is not None and (NOW - f.last_paid_at).days > 9,
        ),
        ("metadata.tier", "$in", ["gold", "tin"], lambda f: f.metadata.get("tier") is not None),
        ("metadata.tier", "$not_in", ["tin"], lambda f: f.metadata.get("tier") != "tin"),
    ]
)
ANYBODY: Final = st.builds(
    CustomerFacts,
    paid_orders=st.integers(0, 3),
    spent_minor=st.sampled_from([0, 49, 50, 51]),
    last_paid_at=st.none() | st.integers(0, 20).map(lambda n: NOW - n * DAY - DAY / 24),
    metadata=st.sampled_from([{}, {"tier": "gold"}, {"tier": "tin"}]),
    is_new=st.booleans(),
)


@given(st.lists(ASKED, min_size=1, max_size=4), st.sampled_from(["and", "or"]), ANYBODY)
def test_a_filter_is_judged_as_its_plain_reading(
    asked: list[Any], junction: str, facts: CustomerFacts
) -> None:
    includes = compile_filter(filter_of(*[each[:3] for each in asked], junction=junction), "UTC")

    answers = [plain(facts) for *_, plain in asked]
    assert includes(facts, NOW) == (all(answers) if junction == "and" else any(answers))
