from datetime import UTC, datetime
from typing import Any

import pytest
from kit.analytics_samples import (
    a_campaign,
    a_failure,
    a_key,
    a_project,
    a_success,
    a_visit,
    an_unknown_code,
)

from analytics import reading, rows, tables
from analytics.tables import Table
from contracts.campaigns import CommissionPlan, Named
from contracts.event import Event

READERS = {
    "redemption_events": reading.read_redemption,
    "visits": reading.read_visit,
    "campaigns": reading.read_campaign,
    "projects": reading.read_project,
}


def row_of(event: Event, table: Table) -> dict[str, Any]:
    row = READERS[table.name](event.encode(), 3, 42)
    assert isinstance(row, tuple), row
    return dict(zip(table.column_names, row, strict=True))


def test_an_accepted_redemption_carries_what_it_earned_and_where_it_came_from() -> None:
    plan = CommissionPlan(share_basis_points=500, flat_minor=30, new_customer_bonus_minor=100)
    event = a_success(
        order_minor=4990, discount_minor=500, customer_is_new=True, commission_plan=plan
    )

    row = row_of(event, tables.REDEMPTION_EVENTS)

    assert row["event_id"] == event.id
    assert (row["result"], row["reason"]) == ("succeeded", "")
    assert (row["order_minor"], row["discount_minor"], row["commission_minor"]) == (4990, 500, 355)
    assert row["margin_basis_points"] == 3000
    assert row["occurred_at"] == 1795435200000
    assert (row["k_partition"], row["k_offset"]) == (3, 42)


def test_a_refusal_carries_its_reason_and_the_basket_that_was_lost_and_costs_nothing() -> None:
    row = row_of(a_failure(hint="need 800 more"), tables.REDEMPTION_EVENTS)

    assert (row["result"], row["reason"]) == ("failed", "voucher_expired")
    assert (row["hint"], row["order_minor"]) == ("need 800 more", 2000)
    assert (row["discount_minor"], row["commission_minor"]) == (0, 0)


def test_what_an_event_does_not_name_is_empty() -> None:
    row = row_of(an_unknown_code(), tables.REDEMPTION_EVENTS)

    assert [row[name] for name in ("partner_id", "campaign_id", "currency")] == ["", "", ""]
    assert row["campaign_version"] == 0


def test_a_visit_names_its_deal() -> None:
    row = row_of(a_visit(customer_id="cust_9"), tables.VISITS)

    assert (row["partner_id"], row["campaign_id"]) == ("part_1", "camp_1")
    assert row["customer_id"] == "cust_9"


def test_a_campaign_is_stored_with_names_and_terms() -> None:
    event = a_campaign(
        category=Named(id="cat_1", name="Shoes"), starts_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    row = row_of(event, tables.CAMPAIGNS)

    assert (row["name"], row["partner_name"]) == ("Spring", "Dealhunt")
    assert row["category_name"] == "Shoes"
    assert (row["starts_at"], row["ends_at"]) == (1767225600000, None)


def test_keys_of_a_project_lie_side_by_side() -> None:
    keys = (a_key("key_1"), a_key("key_2", "campaigns", "reports"))

    row = row_of(a_project(keys=keys), tables.PROJECTS)

    assert row["key_ids"] == ["key_1", "key_2"]
    assert row["key_scopes"] == [["reports"], ["campaigns", "reports"]]


@pytest.mark.parametrize(
    ("at", "stored"),
    [
        (datetime(1, 1, 2, tzinfo=UTC), rows.EARLIEST),
        (datetime(9999, 12, 30, tzinfo=UTC), rows.LATEST),
        (datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), -1),
    ],
    ids=["antiquity", "far-future", "before-1970"],
)
def test_an_instant_is_brought_into_the_range_of_the_column(at: datetime, stored: int) -> None:
    assert row_of(a_success(at=at), tables.REDEMPTION_EVENTS)["occurred_at"] == stored


@pytest.mark.parametrize(
    "data", [{"campaign_version": -1}, {"campaign_version": 2**64}, {"margin_basis_points": 2**16}]
)
def test_what_no_column_can_hold_is_unreadable(data: dict[str, Any]) -> None:
    try:
        event = a_success(**data)
    except ValueError:
        return  # the contract refuses it already
    found = reading.read_redemption(event.encode(), 0, 0)
    assert isinstance(found, reading.Unreadable)
    assert found.error_class == "UnstorableError"
