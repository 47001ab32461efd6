from dataclasses import replace

from contracts import ids
from contracts.redemptions import RedemptionRequested
from counterfoil.demo.made_up import made_up
from counterfoil.demo.sending import Created, requested, visited
from counterfoil.demo.target import Target

CAMPAIGN = Created(id="camp_1", partner_id="part_1", channel="mail", category_id="cat_1")


def test_an_event_has_the_same_id_however_often_it_is_made(target: Target) -> None:
    plan = made_up("run").requests[0]

    assert requested(target, plan) == requested(target, plan)


def test_another_project_has_other_ids(target: Target) -> None:
    plan = made_up("run").visits[0]
    other = replace(target, project_id="proj_b")

    assert visited(target, plan, CAMPAIGN).id != visited(other, plan, CAMPAIGN).id


def test_a_visit_carries_the_pseudonym_that_redemptions_carry(target: Target) -> None:
    plan = made_up("run").visits[0]

    data = visited(target, plan, CAMPAIGN).data

    assert data.customer_id == ids.customer(b"key", "proj_a", plan.customer)


def test_without_the_key_a_visit_names_nobody(target: Target) -> None:
    plan = made_up("run").visits[0]

    assert visited(replace(target, customer_key=None), plan, CAMPAIGN).data.customer_id is None


def test_a_request_survives_the_wire(target: Target) -> None:
    event = requested(target, made_up("run").requests[0])

    assert RedemptionRequested.model_validate_json(event.encode()) == event
