"""What a condition may ask is known when it is written."""

from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.conditions import Condition, Kind, Operator, refuse_wrong_kind
from contracts.contradictions import refuse_contradictions
from contracts.segments import ATTRIBUTES, Criterion, Filter

ONE: Final[dict[str, tuple[Any, ...]]] = {
    **dict.fromkeys(("$is", "$is_not", "$in", "$not_in"), ("a",)),
    **dict.fromkeys(("$contains", "$not_contain", "$starts_with", "$ends_with"), ("a",)),
    **dict.fromkeys(("$more_than", "$less_than", "$more_than_equal", "$less_than_equal"), (1,)),
    **dict.fromkeys(("$before", "$after"), ("2026-11-26",)),
    **dict.fromkeys(("$is_days_ago", "$more_than_ago", "$less_than_ago"), (1,)),
    **dict.fromkeys(("$is_days_in_future", "$more_than_future", "$less_than_future"), (1,)),
    **dict.fromkeys(("$has_value", "$is_unknown"), ()),
}


def condition(operator: str, *values: Any) -> Condition:
    return Condition.model_validate({"operator": operator, "values": list(values)})


def test_every_operator_is_for_metadata() -> None:
    assert set(ONE) == set(get_args(Operator))
    for operator, values in ONE.items():
        refuse_wrong_kind("any", [condition(operator, *values)])


@pytest.mark.parametrize(
    ("operator", "values"),
    [
        ("$like", ["a"]),
        ("$is", []),
        ("$is", [None]),
        ("$is", [["a"]]),
        ("$is", [{"a": 1}]),
        ("$is", ["a\0"]),
        ("$is", ["a" * 1001]),
        ("$is", [float("nan")]),
        ("$is", [2**53 + 1]),
        ("$is", list(range(101))),
        ("$contains", [""]),
        ("$contains", [5]),
        ("$more_than", [1, 2]),
        ("$more_than", ["5"]),
        ("$more_than", [True]),
        ("$before", ["soon"]),
        ("$before", [5]),
        ("$more_than_ago", [-1]),
        ("$more_than_ago", [1.5]),
        ("$more_than_ago", [True]),
        ("$more_than_ago", [10**9]),
        ("$has_value", ["a"]),
    ],
)
def test_what_cannot_be_compared_is_refused(operator: str, values: list[Any]) -> None:
    with pytest.raises(ValidationError):
        condition(operator, *values)


@pytest.mark.parametrize(
    ("kind", "operator"),
    [
        ("number", "$contains"),
        ("number", "$before"),
        ("number", "$is"),  # a text
        ("moment", "$is"),
        ("moment", "$more_than"),
        ("text", "$more_than"),
        ("flag", "$has_value"),
        ("flag", "$is"),  # a text
    ],
)
def test_what_a_kind_of_value_cannot_be_asked_is_refused(kind: Kind, operator: str) -> None:
    with pytest.raises(ValueError, match=r"kind|not for a"):
        refuse_wrong_kind(kind, [condition(operator, *ONE[operator])])


@pytest.mark.parametrize(
    ("kind", "conditions"),
    [
        ("number", [("$more_than", 5), ("$less_than", 5)]),
        ("number", [("$more_than_equal", 6), ("$less_than_equal", 5)]),
        ("number", [("$more_than", 5), ("$less_than_equal", 5)]),
        ("number", [("$is", 4), ("$more_than", 4)]),
        ("number", [("$in", 1, 2), ("$not_in", 1, 2, 3)]),
        ("text", [("$is", "a"), ("$is", "b")]),
        ("flag", [("$is", True), ("$is_not", True)]),
        ("any", [("$is_unknown",), ("$is", "a")]),
        ("any", [("$is_unknown",), ("$has_value",)]),
        ("moment", [("$after", "2026-11-26"), ("$before", "2026-11-27")]),
        ("moment", [("$after", "2026-11-26T12:00:00Z"), ("$before", "2026-11-26T12:00:00Z")]),
        ("moment", [("$more_than_ago", 30), ("$less_than_ago", 30)]),
        ("moment", [("$more_than_future", 31), ("$less_than_future", 30)]),
    ],
)
def test_what_nothing_can_meet_is_refused(kind: Kind, conditions: list[tuple[Any, ...]]) -> None:
    with pytest.raises(ValueError, match="nothing can meet"):
        refuse_contradictions(kind, [condition(*each) for each in conditions])


@pytest.mark.parametrize(
    ("kind", "conditions"),
    [
        ("number", [("$more_than_equal", 5), ("$less_than_equal", 5)]),
        ("number", [("$is", 4), ("$less_than", 4.5)]),
        ("any", [("$is", "a"), ("$is", "b")]),  # a list of both
        ("any", [("$is_unknown",), ("$is_not", "a")]),
        ("moment", [("$after", "2026-11-26"), ("$before", "2026-11-28")]),
        ("moment", [("$more_than_ago", 30), ("$less_than_ago", 31)]),
    ],
)
def test_what_something_can_meet_is_not(kind: Kind, conditions: list[tuple[Any, ...]]) -> None:
    refuse_contradictions(kind, [condition(*each) for each in conditions])


BOUNDS: Final = st.tuples(
    st.sampled_from(["$more_than", "$less_than", "$more_than_equal", "$less_than_equal", "$is"]),
    st.integers(0, 4),
)


@given(st.lists(BOUNDS, min_size=1, max_size=4))
def test_bounds_are_refused_exactly_where_no_number_is_within_all(
    asked: list[tuple[str, int]],
) -> None:
    plain: dict[str, Any] = {
        "$more_than": lambda n, w: n > w,
        "$less_than": lambda n, w: n < w,
        "$more_than_equal": lambda n, w: n >= w,
        "$less_than_equal": lambda n, w: n <= w,
        "$is": lambda n, w: n == w,
    }
    quarters = [n / 4 for n in range(-8, 32)]
    possible = any(all(plain[op](n, wanted) for op, wanted in asked) for n in quarters)

    try:
        refuse_contradictions("number", [condition(op, wanted) for op, wanted in asked])
    except ValueError:
        assert not possible
    else:
        assert possible


@pytest.mark.parametrize("attribute", ["email", "metadata.", "summary.orders", "", "is_new\0"])
def test_what_is_not_known_of_customers_is_refused_by_name(attribute: str) -> None:
    with pytest.raises(ValidationError):
        Criterion(attribute=attribute, conditions=(condition("$has_value"),))


def test_a_fault_names_the_attribute_and_what_is_known() -> None:
    with pytest.raises(
        ValidationError, match="email is unknown of customers, known are created_at"
    ):
        Criterion(attribute="email", conditions=(condition("$has_value"),))
    with pytest.raises(ValidationError, match=r"is_new: \$more_than is not for a flag"):
        Criterion(attribute="is_new", conditions=(condition("$more_than", 1),))


def test_a_filter_asks_something() -> None:
    with pytest.raises(ValidationError):
        Filter(criteria=())
    assert set(ATTRIBUTES.values()) <= set(get_args(Kind))
