"""Filters as they are spelled, and the page's own examples of them."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.segments import filters
from campaigns.segments.bodies import NewSegment
from contracts.conditions import Condition
from contracts.segments import ATTRIBUTES, Criterion, Filter

PAGE: Final = Path(__file__).parents[2] / "docs" / "campaigns.md"

CONDITIONS: Final = st.sampled_from(
    [
        Condition(operator="$is", values=("gold", 1, 1.5, True)),
        Condition(operator="$not_contain", values=("a", "b")),
        Condition(operator="$more_than_equal", values=(5,)),
        Condition(operator="$before", values=("2026-11-26",)),
        Condition(operator="$has_value"),
    ]
)
CRITERIA: Final = st.builds(
    Criterion,
    attribute=st.sampled_from(["metadata.tier", "metadata.a.b", "metadata.junction"]),
    conditions=st.lists(CONDITIONS, min_size=1, unique_by=lambda c: c.operator).map(tuple),
)


@given(
    st.builds(
        Filter,
        junction=st.sampled_from(["and", "or"]),
        criteria=st.lists(CRITERIA, min_size=1, unique_by=lambda c: c.attribute).map(tuple),
    )
)
def test_a_filter_is_read_as_it_was_spelled(of: Filter) -> None:
    assert filters.read(json.loads(json.dumps(filters.spelled(of)))) == of


def test_null_is_as_good_as_absent_in_a_filter() -> None:
    is_new = {"is_new": {"conditions": {"$is": [True]}}}
    nulls = {"junction": None, "created_at": None, "metadata.tier": None}

    assert filters.read(is_new | nulls) == filters.read(is_new)
    with pytest.raises(ValueError, match="1 to"):
        filters.read(nulls)


def section() -> str:
    page = PAGE.read_text(encoding="utf-8")
    return page.split("\n## Segments\n")[1].split("\n## ")[0]


def test_the_pages_example_is_a_segment() -> None:
    [example] = re.findall(r"```json\n(.*?)```", section(), re.DOTALL)

    body = NewSegment.model_validate_json(example)

    assert body.filter is not None
    assert [each.attribute for each in body.filter.criteria] == [
        "summary.orders.last_order_date",
        "metadata.tier",
    ]


def test_what_shops_ask_for_most_is_a_filter_each() -> None:
    rows = re.findall(r"^\| ([^|]+) \| `(\"[^`]+)` \|$", section(), re.MULTILINE)
    found = {name: filters.read(json.loads(f"{{{sent}}}")) for name, sent in rows}

    def asks(attribute: str, operator: str, value: Any) -> Filter:
        conditions = (Condition.model_validate({"operator": operator, "values": [value]}),)
        return Filter(criteria=(Criterion(attribute=attribute, conditions=conditions),))

    assert found == {
        "new customers": asks("is_new", "$is", True),
        "returning ones": asks("summary.orders.total_count", "$more_than", 0),
        "not seen for 60 days": asks("summary.orders.last_order_date", "$more_than_ago", 60),
        "spent more than 500.00": asks("summary.orders.total_amount", "$more_than", 50000),
    }


def test_the_page_names_every_attribute() -> None:
    assert [name for name in ATTRIBUTES if f"`{name}`" not in section()] == []


@pytest.mark.parametrize(
    ("attribute", "conditions", "said"),
    [
        ("summary.orders.total_count", {"$less_than": [0]}, "is never below 0"),
        ("summary.orders.total_amount", {"$is": [-1]}, "is never below 0"),
        ("summary.orders.total_amount", {"$is_unknown": []}, "is always known"),
        ("summary.orders.total_count", {"$more_than": [2], "$less_than": [1]}, "nothing can meet"),
        ("summary.orders.total_amount", {"$is": [10.5]}, "takes whole numbers here"),
    ],
)
def test_a_total_that_no_customer_has_is_refused(
    attribute: str, conditions: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        filters.read({attribute: {"conditions": conditions}})


@pytest.mark.parametrize("conditions", [{"$is": [0]}, {"$less_than": [1]}, {"$is_not": [-1]}])
def test_a_total_that_some_customer_has_is_not_refused(conditions: dict[str, Any]) -> None:
    filters.read({"summary.orders.total_count": {"conditions": conditions}})
