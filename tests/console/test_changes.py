"""What a change changed, in the words of the forms."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console.design.parts import Difference
from console.web.changes import Reader, differences, field, names_things, value

TWICE = {
    "of": "customer",
    "per": "day",
    "redemptions": 2,
    "discount_amount": None,
    "orders_amount": None,
}
BUDGET = {
    "of": "campaign",
    "per": None,
    "redemptions": None,
    "discount_amount": 123_456,
    "orders_amount": None,
}
BUDGET_SAID = "At most 1,234.56 EUR of discount in all"
NIGHT = {"start_time": "22:00", "expiration_time": "02:00", "days_of_week": None}
READER = Reader(ZoneInfo("Europe/Berlin"), "EUR")


@pytest.mark.parametrize(
    ("field", "told", "written"),
    [
        ("margin_basis_points", 1550, "15.5\N{NO-BREAK SPACE}%"),
        ("voucher.discount.percent_off", 10, "10\N{NO-BREAK SPACE}%"),
        ("voucher.discount.amount_off", 123_456, "1,234.56 EUR"),
        ("voucher.discount.amount_limit", 1_050, "10.50 EUR"),
        ("voucher.discount.fixed_amount", 999, "9.99 EUR"),
        ("voucher.discount.type", "FIXED", "Fixed price"),
        ("commission_plan.flat_minor", 30, "0.30 EUR"),
        ("voucher.discount.type", "PERCENT", "Percent"),
        ("voucher.discount.type", "OF_A_LATER_VERSION", "OF_A_LATER_VERSION"),
        ("start_date", "2026-11-30T23:00:00.000Z", "1 Dec 2026, 00:00"),
        ("expiration_date", "2026-11-30T23:00:00.000Z", "30 Nov 2026, 23:59:59"),
        ("total_limit", 5000, "5,000"),
        ("active", False, "no"),
        ("metadata.order", 5000, "5000"),
        ("metadata.at", "2026-11-30T23:00:00.000Z", "2026-11-30T23:00:00.000Z"),
        ("contact", None, None),
        ("scopes", ["campaigns", "reports"], "campaigns, reports"),
        ("limits", [TWICE, BUDGET], "At most 2 redemptions per customer and day; " + BUDGET_SAID),
        ("limits", [{"of": "of a later version"}], '[{"of": "of a later version"}]'),
        ("validity_day_of_week", [0, 5], "Fridays, Sundays"),
        ("validity_hours.daily", [NIGHT], "every day 22:00 to 02:00"),
        ("validity_timeframe.interval", "P14D", "2 weeks"),
        ("validity_timeframe.duration", "PT1H30M", "90 minutes"),
        ("validity_timeframe.duration", "P1Y", "P1Y"),
    ],
)
def test_a_value_is_written_as_lists_and_forms_write_it(
    field: str, told: Any, written: str | None
) -> None:
    assert value(field, told, READER) == written


def test_fields_are_called_and_ordered_as_in_the_form_and_what_says_nothing_is_left_out() -> None:
    changed = [
        {"field": field, "before": None, "after": after}
        for field, after in (
            ("of_a_later_version", "y"),
            ("metadata.<b>", "x"),
            ("voucher.redemption.quantity", 1),
            ("voucher.code_config.prefix", ""),
            ("voucher.type", "DISCOUNT_VOUCHER"),
            ("partner_id", "part_1"),
            ("partner", "Dealhunt"),
        )
    ]

    assert differences(changed, READER) == (
        Difference("Redemptions per code", None, "1"),
        Difference("Partner", None, "Dealhunt"),
        Difference("Metadata <b>", None, "x"),
        Difference("of_a_later_version", None, "y"),
    )


def test_a_row_is_called_by_its_number_and_a_list_that_is_empty_says_nothing() -> None:
    assert field("limits.0.amount") == field("limits.0") == "Limit 1"
    assert field("validity_hours.daily.1.start_time") == "Hours 2"
    assert differences([{"field": "limits", "before": None, "after": []}], READER) == ()
    assert differences([{"field": "limits", "before": [TWICE], "after": []}], READER) == (
        Difference("Further limits", "At most 2 redemptions per customer and day", None),
    )


def test_who_is_in_a_segment_is_told_as_one_and_not_piece_by_piece() -> None:
    told: list[dict[str, Any]] = [
        {"field": "filter.junction", "before": None, "after": "and"},
        {"field": "filter.criteria", "before": None, "after": [{"attribute": "metadata.tier"}]},
        {"field": "in_reports", "before": False, "after": True},
    ]

    found = {each.field: each.after for each in differences(told, READER)}

    assert found == {
        "Who is in it": "as its own page says it",
        "Reports tell what its customers brought": "yes",
    }


def test_rules_and_collections_are_called_by_their_names_and_a_rules_pieces_by_nothing() -> None:
    reader = Reader(READER.zone, READER.currency, {"val_1": "Big baskets", "pc_1": "Shoes"})
    shoes = {"object": "products_collection", "id": "pc_1"}
    told: list[dict[str, Any]] = [
        {"field": "validation_rules", "before": ["val_1"], "after": []},
        {"field": "applicable_to.included", "before": None, "after": [shoes]},
        {"field": "applicable_to.included_all", "before": None, "after": False},
        {"field": "rules.logic", "before": "1", "after": "1 and 2"},
        {"field": "rules.2.name", "before": None, "after": "order.amount"},
        {"field": "price", "before": 5000, "after": None},
    ]

    shown = {each.field: (each.before, each.after) for each in differences(told, reader)}

    assert names_things(told)
    assert not names_things(told[3:])
    assert shown == {
        "Rules": ("Big baskets", None),
        "Only for these products": (None, "the collection Shoes"),
        "What has to be so": (None, "as its own page says it"),
        "Price": ("50.00 EUR", None),
    }
