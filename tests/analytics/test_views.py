"""The views that others read: one row for one thing, and no more read than was asked for."""

from datetime import timedelta

import pytest
from kit.analytics_figures import Figures
from kit.analytics_samples import (
    NOON,
    a_campaign,
    a_failure,
    a_project,
    a_success,
    a_visit,
    refused_guesses,
)

VIEWS = (
    "campaign_performance",
    "segment_performance",
    "partner_performance",
    "failure_reasons",
    "refused_guesses",
    "funnel",
    "redemption_log",
    "reconciliation_entries",
    "visit_log",
)
FACTS = ("redemption_events", "visits", "guess_events")


async def test_an_entry_to_reconcile_is_a_decision_however_often_it_came(figures: Figures) -> None:
    accepted = a_success(order_minor=4990, discount_minor=500)
    refused = a_failure(order_minor=2000)
    await figures.store(accepted, refused)
    await figures.store(accepted, refused, first=50)

    entries = await figures.lines("SELECT * FROM reconciliation_entries ORDER BY accepted DESC")

    common = {"project_id": "proj_1", "campaign_id": "camp_1", "partner_id": "part_1"}
    common |= {"code": "SPRING", "customer_id": "cust_1"}
    times = {"currency": "EUR", "occurred_at": NOON, "decided_at": NOON}
    assert entries == [
        {
            "event_id": accepted.id,
            "accepted": 1,
            "reason": "",
            "order_minor": 4990,
            "discount_minor": 500,
            "commission_minor": 225,
            "margin_basis_points": 3000,
            **common,
            **times,
        },
        {
            "event_id": refused.id,
            "accepted": 0,
            "reason": "voucher_expired",
            "order_minor": 2000,
            "discount_minor": 0,
            "commission_minor": 0,
            "margin_basis_points": 0,
            **common,
            **times,
        },
    ]


async def test_a_campaign_is_known_once_its_project_is(figures: Figures) -> None:
    known = "SELECT count() FROM known_campaigns WHERE project_id = 'proj_1'"
    await figures.store(a_campaign(), a_campaign(version=2))
    assert await figures.value(known) == 0

    await figures.store(a_project())
    assert await figures.value(known) == 1


async def test_a_visit_is_one_row(figures: Figures) -> None:
    seen = a_visit()
    await figures.store(seen)
    await figures.store(seen, first=50)

    (line,) = await figures.lines("SELECT * FROM visit_log")
    assert (line["event_id"], line["partner_id"]) == (seen.id, "part_1")


async def test_refused_guesses_are_counted_by_the_minute_however_often_they_were_told(
    figures: Figures,
) -> None:
    told = [refused_guesses(40), refused_guesses(2), refused_guesses(5, limit="customer")]
    await figures.store(*told, refused_guesses(7, minute=NOON + timedelta(minutes=1)))
    await figures.store(*told, first=50)

    lines = await figures.lines("SELECT * FROM refused_guesses ORDER BY minute, requests DESC")

    of_noon = {"project_id": "proj_1", "day": NOON.date(), "minute": NOON, "caller": "key_1"}
    assert lines == [
        of_noon | {"passed_limit": "address", "requests": 42},
        of_noon | {"passed_limit": "customer", "requests": 5},
        of_noon | {"minute": NOON + timedelta(minutes=1), "passed_limit": "address", "requests": 7},
    ]


@pytest.mark.parametrize("view", VIEWS)
async def test_a_view_reads_the_granules_of_the_project_that_is_asked_for(
    figures: Figures, view: str
) -> None:
    happened = (a_success(), a_failure(), a_visit(), refused_guesses(1))
    await figures.store(a_project(), a_campaign(), *happened)

    plan = await figures.lines(
        f"EXPLAIN indexes = 1 SELECT * FROM {view} WHERE project_id = 'proj_1'"
    )

    reads = "\n".join(str(line["explain"]) for line in plan).split("ReadFromMergeTree")[1:]
    of_facts = [read for read in reads if any(f".{fact})" in read for fact in FACTS)]
    assert of_facts
    assert all("project_id in ['proj_1', 'proj_1']" in read for read in of_facts)
