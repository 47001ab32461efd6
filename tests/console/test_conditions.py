"""Conditions as menus and as sentences: what the API tells is shown, and told to it again."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.web import condition_fields, condition_values, conditions
from console.web.attributes import METADATA, OF_CUSTOMERS, OF_ITEMS, OF_RULES, Attribute, named
from console.web.conditions import Conditions, Reader
from console.web.forms import Form
from console.web.terms import Typed

BERLIN = ZoneInfo("Europe/Berlin")
READER = Reader("EUR", BERLIN, {"seg_1": "VIPs", "seg_2": "Press"})
KNOWN = (*OF_RULES, *OF_ITEMS, *OF_CUSTOMERS)

words = st.text(min_size=1)
numbers = st.integers(-(10**9), 10**9)
metadata = (
    words | numbers | st.booleans() | st.sampled_from(["30", "true", '"', '"x"', " x ", "-1.5"])
)


def of_metadata() -> st.SearchStrategy[Conditions]:
    return st.one_of(
        st.builds(
            lambda operator, values: {operator: values},
            st.sampled_from(["$is", "$is_not", "$in", "$not_in"]),
            st.lists(metadata, min_size=1, max_size=4),
        ),
        st.builds(
            lambda operator, value: {operator: [value]},
            st.sampled_from(["$more_than", "$less_than", "$more_than_equal", "$less_than_equal"]),
            numbers,
        ),
        st.builds(
            lambda low, high: {"$more_than_equal": [low], "$less_than_equal": [high]},
            numbers,
            numbers,
        ),
        st.builds(lambda days: {"$more_than_ago": [days]}, st.integers(0, 36_600)),
        st.builds(lambda operator: {operator: []}, st.sampled_from(["$has_value", "$is_unknown"])),
        st.builds(
            lambda day: {"$before": [day.isoformat()]},
            st.dates(date(1900, 1, 1), date(2199, 12, 31)),
        ),
    )


def attribute(name: str) -> Attribute:
    found = named(KNOWN, name)
    assert found is not None
    return found


def typed(**fields: str | tuple[str, ...]) -> Typed:
    """A form whose only row is c.0."""
    values = {f"c.0.{name}": value for name, value in fields.items()}
    return Typed(Form(typed=Form().starting(values).initial), "EUR", BERLIN)


@given(told=of_metadata())
def test_what_the_api_told_of_metadata_is_told_to_it_again(told: Conditions) -> None:
    of = attribute(METADATA)
    stored = Form().starting(condition_fields.filled("c.0", of, "tier", told, "EUR"))
    fields = condition_fields.shown(stored, "c.0", OF_CUSTOMERS, currency="EUR", segments={})
    chosen = next(each.value for each in fields.operators if each.chosen)
    sent = typed(
        name=METADATA, property="tier", operator=chosen, value=fields.value, until=fields.until
    )

    read = condition_fields.read(sent, "c.0", of)

    assert sent.faults == {}
    assert read == told
    assert [type(each) for each in next(iter(read.values()))] == [
        type(each) for each in next(iter(told.values()))
    ]


@pytest.mark.parametrize(
    ("name", "fields", "told"),
    [
        (
            "order.amount",
            {"operator": "$more_than_equal", "value": "50"},
            {"$more_than_equal": [5000]},
        ),
        (
            "order.amount",
            {"operator": "between", "value": "50", "until": "1,000.50"},
            {"$more_than_equal": [5000], "$less_than_equal": [100_050]},
        ),
        ("order.items.count", {"operator": "$is_not", "value": "3"}, {"$is_not": [3]}),
        ("customer.is_new", {"operator": "yes"}, {"$is": [True]}),
        ("customer.is_new", {"operator": "no"}, {"$is": [False]}),
        (
            "customer.segment",
            {"operator": "$not_in", "value": ("seg_1", "seg_2")},
            {"$not_in": ["seg_1", "seg_2"]},
        ),
        ("redemption.channel", {"operator": "$in", "value": ("KAFKA",)}, {"$in": ["KAFKA"]}),
        ("redemption.api_key", {"operator": "$is", "value": "30\n x "}, {"$is": ["30", "x"]}),
        ("created_at", {"operator": "$more_than_ago", "value": "60"}, {"$more_than_ago": [60]}),
        ("created_at", {"operator": "$before", "value": "2026-11-01"}, {"$before": ["2026-11-01"]}),
        # What was chosen for another attribute is not sent for this one.
        ("order.amount", {"operator": "$contains", "value": "5"}, {"$more_than_equal": [500]}),
    ],
)
def test_what_is_chosen_is_what_the_api_is_told(
    name: str, fields: dict[str, Any], told: Conditions
) -> None:
    sent = typed(name=name, **fields)

    assert condition_fields.read(sent, "c.0", attribute(name)) == told
    assert sent.faults == {}


@pytest.mark.parametrize(
    ("name", "fields", "at"),
    [
        ("order.amount", {"operator": "$more_than", "value": ""}, "c.0.value"),
        ("order.amount", {"operator": "$more_than", "value": "much"}, "c.0.value"),
        ("order.amount", {"operator": "between", "value": "5", "until": ""}, "c.0.until"),
        ("customer.segment", {"operator": "$in"}, "c.0.value"),
        ("created_at", {"operator": "$before", "value": "soon"}, "c.0.value"),
        ("created_at", {"operator": "$more_than_ago", "value": "-1"}, "c.0.value"),
        ("customer.metadata", {"operator": "$is", "value": "gold"}, "c.0.property"),
        ("customer.metadata", {"operator": "$is", "value": " \n", "property": "tier"}, "c.0.value"),
        (
            "customer.metadata",
            {"operator": "$more_than", "value": "1" * 30, "property": "n"},
            "c.0.value",
        ),
    ],
)
def test_what_is_missing_or_none_is_told_at_its_field(
    name: str, fields: dict[str, Any], at: str
) -> None:
    sent = typed(name=name, **fields)

    condition_fields.read(sent, "c.0", attribute(name))

    assert set(sent.faults) == {at}


@pytest.mark.parametrize(
    ("name", "of_property", "told", "said"),
    [
        ("order.amount", None, {"$more_than_equal": [5000]}, "the order is at least 50.00 EUR"),
        (
            "order.amount",
            None,
            {"$more_than_equal": [5000], "$less_than_equal": [10_000]},
            "the order is from 50.00 EUR to 100.00 EUR",
        ),
        ("customer.segment", None, {"$in": ["seg_1", "seg_2"]}, "the customer is in VIPs or Press"),
        ("customer.segment", None, {"$not_in": ["seg_9"]}, "the customer is not in seg_9"),
        ("customer.is_new", None, {"$is": [True]}, "the customer is new"),
        (
            "customer.metadata",
            "tier",
            {"$is": ["gold", "silver", 3]},
            "the customer's “tier” is gold, silver or 3",
        ),
        ("customer.metadata", "vip", {"$is": [True]}, "the customer's “vip” is yes"),
        ("customer.metadata", "x", {"$has_value": []}, "the customer's “x” is known"),
        ("redemption.channel", None, {"$in": ["KAFKA"]}, "the redemption comes by Kafka"),
        (
            "created_at",
            None,
            {"$before": ["2026-11-01"]},
            "the customer's first day is before 1 Nov 2026",
        ),
        (
            "created_at",
            None,
            {"$after": ["2026-11-01T12:00:00Z"]},
            "the customer's first day is after 1 Nov 2026, 13:00",
        ),
        (
            "summary.orders.last_order_date",
            None,
            {"$more_than_ago": [60], "$has_value": []},
            "the last paid order is more than 60 days ago and is known",
        ),
        (
            "redemption.api_key",
            None,
            {"$is": ["a", "b", "c", "d", "e", "f", "g"]},
            "the API key is a, b, c, d or 3 more",
        ),
        ("order.items.count", None, {"$odd": [1]}, "the number of items $odd [1]"),
    ],
)
def test_conditions_are_sentences(
    name: str, of_property: str | None, told: Conditions, said: str
) -> None:
    assert conditions.sentence(attribute(name), of_property, told, READER) == said


@pytest.mark.parametrize(
    ("text", "value"),
    [('"30"', "30"), ("30", 30), ('"a', '"a'), ('"a\\u0062"', "ab"), ('"\\ud800"', "\\ud800")],
)
def test_a_value_of_metadata_is_a_text_that_can_be_sent(text: str, value: object) -> None:
    assert condition_values.scalar(text) == value
