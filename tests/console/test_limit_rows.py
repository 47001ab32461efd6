"""Limits as rows of a form: what is shown is read as it was, and stands where the API names it."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.web import limit_rows, limits
from console.web.forms import Form
from console.web.terms import Typed

OF = ("campaign", "code", "customer", "customer_and_code")
PER = (None, "day", "week", "month")
WHAT = ("redemptions", "discount_amount", "orders_amount")

told = st.lists(
    st.builds(
        lambda of, per, most, what: {
            "of": of,
            "per": per,
            **dict.fromkeys(WHAT),
            what: most,
        },
        st.sampled_from(OF),
        st.sampled_from(PER),
        st.integers(0, 2**53 - 1),
        st.sampled_from(WHAT),
    ).filter(
        lambda limit: (
            limit["per"] is not None
            or limit["of"] == "customer_and_code"
            or limit["redemptions"] is None
        )
    ),
    max_size=10,
    unique_by=lambda limit: (
        limit["of"],
        limit["per"],
        next(what for what in WHAT if limit[what] is not None),
    ),
)


def form(**fields: str) -> Form:
    """A form with rows of limits: `_0_amount` is limits.0.amount."""
    named = {"limits" + name.replace("_", "."): value for name, value in fields.items()}
    return limit_rows.compacted(Form(typed={name: (value,) for name, value in named.items()}))


def read(form: Form, currency: str = "EUR") -> tuple[list[dict[str, Any]], dict[str, str]]:
    typed = Typed(form, currency, ZoneInfo("UTC"))
    return limit_rows.read(typed), typed.faults


@given(told=told, currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_the_api_told_is_told_to_it_again(told: list[dict[str, Any]], currency: str) -> None:
    stored = Form().starting(limit_rows.filled(told, currency))
    rows = limit_rows.shown(stored, currency)
    sent = Form(
        typed={
            f"{row.name}.{part}": (value,)
            for row in rows
            for part, value in (
                ("amount", row.amount),
                *(
                    (part, next(each.value for each in menu if each.chosen))
                    for part, menu in (("what", row.whats), ("of", row.ofs), ("per", row.pers))
                ),
            )
        }
    )

    assert len(rows) == min(10, len(told) + 2)
    assert read(limit_rows.compacted(sent), currency) == (told, {})


def test_a_row_without_an_amount_is_none_and_the_others_move_up_to_where_the_api_counts_them() -> (
    None
):
    typed = form(
        _0_amount=" ",
        _0_of="customer",
        _0_per="day",
        _3_amount="12.50",
        _3_what="discount_amount",
        _3_of="code",
        _3_per="",
    )
    refused = limit_rows.shown(typed.wrong(None, **{"limits.0.discount_amount": "too much"}), "EUR")

    found = {"of": "code", "per": None, **dict.fromkeys(WHAT), "discount_amount": 1250}
    assert read(typed) == ([found], {})
    assert [row.amount for row in refused] == ["12.50", "", ""]
    assert (refused[0].id, refused[0].error) == ("limits.0.discount_amount", "too much")
    assert [row.error for row in refused[1:]] == ["", ""]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"_0_amount": "two"}, "whole number"),
        ({"_0_amount": "1,5"}, "whole number"),
        ({"_0_amount": str(2**53)}, "too much"),
        ({"_0_amount": "1" + "0" * 15, "_0_what": "discount_amount"}, "too much"),
        ({"_0_amount": "20,50", "_0_what": "discount_amount"}, "EUR, such as 12.50"),
        ({"_0_amount": "1.005", "_0_what": "discount_amount"}, "amount of EUR"),
        ({"_0_amount": "2", "_0_per": ""}, "a field of their own"),
        ({f"_{at}_{n}": v for at in (0, 1) for n, v in (("amount", "2"), ("per", "day"))}, "lower"),
    ],
)
def test_what_cannot_be_read_or_is_said_elsewhere_is_told_at_its_row(
    row: dict[str, str], said: str
) -> None:
    usual = {
        f"_{at}_{part}": value
        for at in (0, 1)
        if f"_{at}_amount" in row
        for part, value in (("what", "redemptions"), ("of", "customer"), ("per", "month"))
    }
    _, faults = read(form(**usual | row))

    (name,) = faults
    assert name in {"limits.0.amount", "limits.1.amount"}
    assert said in faults[name]


@pytest.mark.parametrize("of", OF)
@pytest.mark.parametrize("per", PER)
def test_every_limit_is_a_sentence(of: str, per: str | None) -> None:
    limit = {"of": of, "per": per, **dict.fromkeys(WHAT), "redemptions": 1}

    assert limits.sentence(limit, "EUR").startswith("At most 1 redemption ")


def test_a_budget_is_said_with_the_decimals_of_its_currency() -> None:
    limit = {"of": "customer", "per": "month", **dict.fromkeys(WHAT), "discount_amount": 250_000}

    assert limits.sentence(limit, "EUR") == (
        "At most 2,500.00 EUR of discount per customer and month"
    )
    assert limits.sentence(limit, "JPY").startswith("At most 250,000 JPY of discount")
    assert limits.sentence(limit | {"discount_amount": None, "orders_amount": 99}, "EUR") == (
        "At most 0.99 EUR of orders per customer and month"
    )
    assert limits.sentence(limit | {"redemptions": 2, "discount_amount": None}, "EUR") == (
        "At most 2 redemptions per customer and month"
    )
