from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.analytics_samples import (
    a_campaign,
    a_failure,
    a_key,
    a_project,
    a_rollback,
    a_success,
    a_visit,
    an_unknown_code,
)

from analytics import reading, tables
from analytics.columns import Table
from contracts.campaigns import CampaignCategory, CommissionPlan
from contracts.discounts import AmountOff
from contracts.event import Event
from contracts.redemptions import Failed, RedemptionSucceeded, Succeeded
from contracts.rollbacks import RolledBack
from contracts.terms import Terms
from contracts.validity import Validity

READERS = {
    "redemption_events": reading.REDEMPTIONS,
    "visits": reading.VISITS,
    "campaigns": reading.CAMPAIGNS,
    "projects": reading.PROJECTS,
    "segments": reading.SEGMENTS,
}


class At(NamedTuple):
    """A place on a topic."""

    partition: int = 3
    offset: int = 42


def row_of(event: Event, table: Table[Any]) -> dict[str, Any]:
    """What is stored of the event, column by column; however it was read, it is the same."""
    reader: Any = READERS[table.name]
    fast, exact = reader.read(event.encode()), event
    rows = [
        {name: value for name, (value,) in zip(table.names, table.block([e], [At()]), strict=True)}
        for e in (fast, exact)
    ]
    assert rows[0] == rows[1]
    return rows[0]


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
    assert (row["share_basis_points"], row["flat_minor"]) == (500, 30)
    assert row["new_customer_bonus_minor"] == 100
    assert row["occurred_at"] == 1795435200000
    assert (row["k_partition"], row["k_offset"]) == (3, 42)


def test_a_refusal_carries_its_reason_and_the_basket_that_was_lost_and_costs_nothing() -> None:
    row = row_of(a_failure(hint="need 800 more"), tables.REDEMPTION_EVENTS)

    assert (row["result"], row["reason"]) == ("failed", "voucher_expired")
    assert (row["hint"], row["order_minor"]) == ("need 800 more", 2000)
    assert (row["discount_minor"], row["commission_minor"]) == (0, 0)


SUMMED = ("order_minor", "discount_minor", "net_minor", "commission_minor")


def redeemed(order: int = 4990, discount: int = 500) -> RedemptionSucceeded:
    plan = CommissionPlan(share_basis_points=500, flat_minor=30, new_customer_bonus_minor=100)
    return a_success(
        order_minor=order, discount_minor=discount, customer_is_new=True, commission_plan=plan
    )


def sums_of(events: list[Event]) -> list[int]:
    rows = [row_of(event, tables.REDEMPTION_EVENTS) for event in events]
    return [sum(row[name] for row in rows) for name in SUMMED]


def test_a_rollback_takes_away_what_the_redemption_earned() -> None:
    """By hand: 20.00 of 49.90 less 5.00 go back, 2.00 of the discount with them; then the rest."""
    event = redeemed()
    part = a_rollback(event, order_minor=2000, discount_minor=200)
    rest = a_rollback(event, left=(2990, 300))

    row, last = (row_of(each, tables.REDEMPTION_EVENTS) for each in (part, rest))

    assert (row["result"], row["is_whole"], row["customer_is_new"]) == ("rolled_back", False, False)
    # 5 % of 44.90 were 2.25, of the 26.90 that are left 1.35: 0.90 less.
    assert [row[name] for name in SUMMED] == [-2000, -200, -1800, -90]
    assert (last["is_whole"], last["customer_is_new"]) == (True, True)
    assert [last[name] for name in SUMMED] == [-2990, -300, -2690, -135 - 30 - 100]
    assert row["redemption_id"] == event.data.redemption_id
    assert row["rollback_id"] == part.data.rollback_id


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 300)), min_size=1, max_size=5))
def test_all_that_is_given_back_comes_to_all_that_was_earned(
    steps: list[tuple[int, int]],
) -> None:
    order, discount = sum(o for o, _ in steps), sum(d for _, d in steps)
    event = redeemed(order, discount)
    events: list[Event] = [event]
    for each, off in steps[:-1]:
        events.append(
            a_rollback(event, order_minor=each, discount_minor=off, left=(order, discount))
        )
        order, discount = order - each, discount - off
    events.append(a_rollback(event, left=(order, discount)))

    assert sums_of(events) == [0, 0, 0, 0]


def test_what_an_event_does_not_name_is_empty() -> None:
    row = row_of(an_unknown_code(), tables.REDEMPTION_EVENTS)

    assert [row[name] for name in ("partner_id", "campaign_id", "currency")] == ["", "", ""]
    assert row["campaign_version"] == 0


def test_a_visit_names_its_deal() -> None:
    row = row_of(a_visit(customer_id="cust_9"), tables.VISITS)

    assert (row["partner_id"], row["campaign_id"]) == ("part_1", "camp_1")
    assert row["customer_id"] == "cust_9"


def test_a_campaign_is_stored_with_names_and_terms() -> None:
    terms = Terms(
        discount=AmountOff(amount_off_minor=100),
        validity=Validity(starts_at=datetime(2026, 1, 1, tzinfo=UTC)),
    )
    event = a_campaign(category=CampaignCategory(id="cat_1", name="Shoes"), terms=terms)
    row = row_of(event, tables.CAMPAIGNS)

    assert (row["name"], row["partner_name"]) == ("Spring", "Dealhunt")
    assert row["category_name"] == "Shoes"
    assert (row["starts_at"], row["ends_at"]) == (1767225600000, None)


def test_of_a_project_neither_keys_nor_digests_are_stored() -> None:
    row = row_of(a_project(keys=(a_key("key_1"),)), tables.PROJECTS)

    assert set(row) == {"project_id", "version", "name", "currency", "changed_at"}


@pytest.mark.parametrize(
    ("at", "stored"),
    [
        (datetime(1, 1, 2, tzinfo=UTC), tables.EARLIEST),
        (datetime(9999, 12, 30, tzinfo=UTC), tables.LATEST),
        (datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), -1),
    ],
    ids=["antiquity", "far-future", "before-1970"],
)
def test_an_instant_is_brought_into_the_range_of_the_column(at: datetime, stored: int) -> None:
    assert row_of(a_success(at=at), tables.REDEMPTION_EVENTS)["occurred_at"] == stored


def test_codes_of_one_request_know_their_parent() -> None:
    row = row_of(a_success(parent_redemption_id="r_parent"), tables.REDEMPTION_EVENTS)

    assert row["parent_redemption_id"] == "r_parent"
    assert row_of(a_failure(), tables.REDEMPTION_EVENTS)["parent_redemption_id"] == ""


def test_every_field_of_an_outcome_is_stored_or_left_out_on_purpose() -> None:
    # The checkout's, the ledger's own counts, what tells a key that it was used, and what the hint
    # tells already, for machines.
    left_out = {"request_id", "uses", "sequence", "caller", "would_pass"}
    plan = {"commission_plan"}  # as its parts
    for model in (Succeeded, Failed):
        assert set(model.model_fields) - set(tables.REDEMPTION_EVENTS.names) <= left_out | plan
    # What is left is in what is given back, whole or not; and why is nobody's figure.
    of_rollbacks = {"items", "whole", "order_left_minor", "discount_left_minor", "redeemed_at"}
    unknown = set(RolledBack.model_fields) - set(tables.REDEMPTION_EVENTS.names)
    assert unknown <= left_out | plan | of_rollbacks
    assert set(CommissionPlan.model_fields) <= set(tables.REDEMPTION_EVENTS.names)
