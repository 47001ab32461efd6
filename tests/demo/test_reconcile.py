"""Forges every kind of difference and asks whether it is named, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.campaigns import CommissionPlan
from contracts.redemptions import (
    Failed,
    Reason,
    RedemptionFailed,
    RedemptionSucceeded,
    Succeeded,
)
from counterfoil.reconcile.compare import Told, differences, sums_that_differ
from counterfoil.reconcile.facts import Day, Fact, Place, Totals, of_event, totals

AT = datetime(2017, 5, 8, 23, 59, 59, tzinfo=UTC)
DECIDED_AT = datetime(2026, 11, 23, 13, tzinfo=UTC)
EVENT = UUID("0193571e-0000-7000-8000-000000000001")

FORGERIES: dict[str, Callable[[Fact], Fact]] = {
    "project_id": lambda fact: fact._replace(project_id="another"),
    "campaign_id": lambda fact: fact._replace(campaign_id="another"),
    "partner_id": lambda fact: fact._replace(partner_id="another"),
    "accepted": lambda fact: fact._replace(accepted=not fact.accepted),
    "reason": lambda fact: fact._replace(reason=fact.reason + "x"),
    "order_minor": lambda fact: fact._replace(order_minor=fact.order_minor + 1),
    "discount_minor": lambda fact: fact._replace(discount_minor=fact.discount_minor + 1),
    "commission_minor": lambda fact: fact._replace(
        commission_minor=(fact.commission_minor or 0) + 1
    ),
    "currency": lambda fact: fact._replace(currency="EUR"),
    "day": lambda fact: fact._replace(day=date(2017, 5, 9)),
}

facts = st.builds(
    Fact,
    project_id=st.sampled_from(["proj_a", "proj_b"]),
    campaign_id=st.sampled_from(["camp_1", "camp_2"]),
    partner_id=st.sampled_from(["", "part_1", "part_2"]),
    accepted=st.booleans(),
    reason=st.sampled_from(["", "voucher_expired"]),
    order_minor=st.integers(0, 10_000),
    discount_minor=st.integers(0, 500),
    commission_minor=st.integers(0, 500),
    currency=st.just("USD"),
    day=st.dates(date(2017, 1, 1), date(2017, 1, 5)),
)
decisions = st.dictionaries(st.uuids(version=4), facts, min_size=1, max_size=12)


def agreeing(of: dict[UUID, Fact]) -> Told:
    ledger = {event_id: fact._replace(commission_minor=None) for event_id, fact in of.items()}
    return Told(ledger=ledger, kafka=dict(of), clickhouse=dict(of))


def with_place(told: Told, place: Place, its_facts: dict[UUID, Fact]) -> Told:
    match place:
        case "ledger":
            return replace(told, ledger=its_facts)
        case "kafka":
            return replace(told, kafka=its_facts)
        case "clickhouse":
            return replace(told, clickhouse=its_facts)


def at_place(told: Told, place: Place) -> dict[UUID, Fact]:
    return dict({"ledger": told.ledger, "kafka": told.kafka, "clickhouse": told.clickhouse}[place])


def succeeded(**overrides: object) -> RedemptionSucceeded:
    data: dict[str, object] = {
        "redemption_id": "r_1",
        "request_id": "1",
        "code": "PICK08-1",
        "voucher_id": "v_1",
        "uses": 1,
        "sequence": 1,
        "campaign_id": "camp_1",
        "campaign_version": 1,
        "partner_id": "part_1",
        "channel": "mail",
        "category_id": None,
        "customer_id": "cust_1",
        "customer_is_new": True,
        "order_id": "1",
        "order_minor": 2_010,
        "discount_minor": 1_000,
        "currency": "USD",
        "commission_plan": CommissionPlan(
            share_basis_points=500, flat_minor=40, new_customer_bonus_minor=200
        ),
        "margin_basis_points": 2_800,
        "visit_id": None,
        "decided_at": DECIDED_AT,
    }
    return RedemptionSucceeded(
        id=str(EVENT),
        source="test",
        subject="r_1",
        time=AT,
        projectid="proj_a",
        data=Succeeded.model_validate(data | overrides),
    )


@given(decisions)
def test_three_places_that_tell_the_same_have_no_difference(of: dict[UUID, Fact]) -> None:
    assert list(differences(agreeing(of))) == []


@given(of=decisions, place=st.sampled_from(["ledger", "kafka", "clickhouse"]), data=st.data())
def test_a_decision_that_a_place_lacks_is_named_with_the_place(
    of: dict[UUID, Fact], place: Place, data: st.DataObject
) -> None:
    lost = data.draw(st.sampled_from(sorted(of)))
    told = agreeing(of)
    rest = {event_id: f for event_id, f in at_place(told, place).items() if event_id != lost}

    [difference] = differences(with_place(told, place, rest))

    assert (difference["kind"], difference["id"], difference["where"]) == (
        "missing",
        str(lost),
        place,
    )
    assert place not in difference["present_in"]


@pytest.mark.parametrize("name", FORGERIES)
@given(of=decisions, place=st.sampled_from(["ledger", "kafka", "clickhouse"]), data=st.data())
def test_a_forged_field_is_named(
    name: str, of: dict[UUID, Fact], place: Place, data: st.DataObject
) -> None:
    if name == "commission_minor" and place == "ledger":
        place = "clickhouse"  # the ledger does not know commissions
    forged = data.draw(st.sampled_from(sorted(of)))
    told = agreeing(of)
    its_facts = at_place(told, place)
    its_facts[forged] = FORGERIES[name](its_facts[forged])

    [difference] = differences(with_place(told, place, its_facts))

    assert (difference["kind"], difference["id"], difference["field"]) == (
        "field",
        str(forged),
        name,
    )
    others = {p for p in ("ledger", "kafka", "clickhouse") if p != place and p in difference}
    assert all(difference[p] != difference[place] for p in others)


def test_every_field_has_a_forgery() -> None:
    assert set(FORGERIES) == set(Fact._fields)


@given(decisions)
def test_what_kafka_no_longer_keeps_is_not_missing_there(of: dict[UUID, Fact]) -> None:
    told = replace(agreeing(of), kafka={}, forgotten_by_kafka=frozenset(of))

    assert list(differences(told)) == []


def test_two_records_of_one_id_in_different_words_are_a_conflict() -> None:
    fact = of_event(succeeded().model_dump(mode="json"))[1]
    told = replace(agreeing({EVENT: fact}), conflicts=(EVENT,))

    assert list(differences(told)) == [{"kind": "conflict", "id": str(EVENT), "where": "kafka"}]


@given(of=decisions, name=st.sampled_from(list(Totals.__dataclass_fields__)), data=st.data())
def test_a_sum_that_is_off_by_one_is_named_with_partner_and_day(
    of: dict[UUID, Fact], name: str, data: st.DataObject
) -> None:
    ours, theirs = totals(of.values()), totals(of.values())
    day: Day = data.draw(st.sampled_from(sorted(ours)))
    setattr(theirs[day], name, getattr(theirs[day], name) + 1)

    [difference] = sums_that_differ(theirs, "clickhouse", ours, commission=True)

    assert (difference["partner_id"], difference["day"]) == (day.partner_id, str(day.day))
    assert (difference["field"], difference["clickhouse"] - difference["decisions"]) == (name, 1)


def test_commission_is_recomputed_from_the_plan_of_the_event() -> None:
    event_id, fact, decided_at = of_event(succeeded().model_dump(mode="json"))

    assert (event_id, decided_at) == (EVENT, DECIDED_AT)
    assert fact.commission_minor == 51 + 40 + 200  # 5 % of 10.10, a flat sum, the bonus
    assert fact.day == date(2017, 5, 8)


def test_a_known_customer_brings_no_bonus() -> None:
    event = succeeded(customer_is_new=False).model_dump(mode="json")

    assert of_event(event)[1].commission_minor == 51 + 40


def test_a_refusal_without_campaign_has_no_partner_and_no_commission() -> None:
    event = RedemptionFailed(
        id=str(EVENT),
        source="test",
        subject="r_1",
        time=AT,
        projectid="proj_a",
        data=Failed(
            redemption_id="r_1",
            request_id="1",
            code="nobody's",
            reason=Reason.NOT_FOUND,
            hint="",
            campaign_id=None,
            campaign_version=None,
            partner_id=None,
            channel=None,
            category_id=None,
            customer_id=None,
            order_id=None,
            order_minor=2_000,
            currency=None,
            visit_id=None,
            decided_at=DECIDED_AT,
        ),
    )

    _, fact, _ = of_event(event.model_dump(mode="json"))

    assert (fact.accepted, fact.partner_id, fact.commission_minor) == (False, "", 0)
    assert totals([fact])[Day("proj_a", "", date(2017, 5, 8))] == Totals(
        refused=1, refused_minor=2_000
    )


@pytest.mark.parametrize("value", [{}, {"type": "other", "data": {}}, [], None, 7])
def test_what_is_no_outcome_is_refused_by_name(value: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        of_event(value)  # type: ignore[arg-type]  # whatever stood on the topic
