"""Forges every kind of difference and asks whether it is named, and nothing else."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from aiokafka import TopicPartition
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.engines import NO_KAFKA

from contracts.campaigns import CommissionPlan
from contracts.redemptions import (
    Failed,
    Reason,
    RedemptionFailed,
    RedemptionSucceeded,
    Succeeded,
)
from counterfoil.reconcile import on_kafka
from counterfoil.reconcile.compare import Difference, differences, suspects
from counterfoil.reconcile.facts import (
    PLACES,
    Fact,
    Group,
    Place,
    Sums,
    Totals,
    hashed,
    of_event,
)
from counterfoil.reconcile.on_kafka import REMEMBERED, Recent
from counterfoil.reconcile.rows import Row, side_by_side
from counterfoil.reconcile.sorting import by_id
from servicekit.kafka.connection import Kafka

AT = datetime(2017, 5, 8, 23, 59, 59, tzinfo=UTC)
DECIDED_AT = datetime(2026, 11, 23, 13, tzinfo=UTC)
EVENT = UUID("0193571e-0000-7000-8000-000000000001")

FORGERIES: dict[str, Callable[[Fact], Fact]] = {
    "project_id": lambda fact: fact._replace(project_id="another"),
    "campaign_id": lambda fact: fact._replace(campaign_id="another"),
    "partner_id": lambda fact: fact._replace(partner_id="another"),
    "accepted": lambda fact: fact._replace(accepted=not fact.accepted),
    "reason": lambda fact: fact._replace(reason=fact.reason + "x"),
    "code": lambda fact: fact._replace(code=fact.code.lower()),
    "customer_id": lambda fact: fact._replace(customer_id="another"),
    "order_minor": lambda fact: fact._replace(order_minor=fact.order_minor + 1),
    "discount_minor": lambda fact: fact._replace(discount_minor=fact.discount_minor + 1),
    "commission_minor": lambda fact: fact._replace(
        commission_minor=(fact.commission_minor or 0) + 1
    ),
    "margin_basis_points": lambda fact: fact._replace(
        margin_basis_points=(fact.margin_basis_points or 0) + 1
    ),
    "currency": lambda fact: fact._replace(currency="EUR"),
    "day": lambda fact: fact._replace(day=date(2017, 5, 9)),
}

UNKNOWN_TO_THE_LEDGER: dict[str, Any] = {"commission_minor": None, "margin_basis_points": None}

facts = st.builds(
    Fact,
    project_id=st.sampled_from(["proj_a", "proj_b"]),
    campaign_id=st.sampled_from(["camp_1", "camp_2"]),
    partner_id=st.sampled_from(["", "part_1", "part_2"]),
    accepted=st.booleans(),
    reason=st.sampled_from(["", "voucher_expired"]),
    code=st.sampled_from(["SPRING", "SUMMER"]),
    customer_id=st.sampled_from(["", "cust_1", "cust_2"]),
    order_minor=st.integers(0, 10_000),
    discount_minor=st.integers(0, 500),
    commission_minor=st.integers(0, 500),
    margin_basis_points=st.sampled_from([0, 2_800, 10_000]),
    currency=st.just("USD"),
    day=st.dates(date(2017, 1, 1), date(2017, 1, 5)),
)
Decisions = dict[str, Fact]
decisions = st.dictionaries(st.uuids(version=4).map(str), facts, min_size=1, max_size=6)


def group_of(fact: Fact) -> Group:
    return Group(fact.project_id, fact.partner_id, fact.day, kept=True)


def at(place: Place, fact: Fact) -> Fact:
    return fact._replace(**UNKNOWN_TO_THE_LEDGER) if place == "ledger" else fact


def agreeing(of: Decisions) -> dict[Place, Decisions]:
    return {place: {known: at(place, of[known]) for known in of} for place in PLACES}


def added_up(of: Decisions, *, kept: bool = True) -> dict[Group, Sums]:
    sums: dict[Group, Sums] = {}
    for event_id, fact in of.items():
        group = Group(fact.project_id, fact.partner_id, fact.day, kept)
        sums.setdefault(group, Sums(Totals())).count(fact, hashed(event_id, fact))
    return sums


def suspected(told: Mapping[Place, Decisions]) -> set[Group]:
    return suspects(*(added_up(told[place]) for place in PLACES))


def found(told: Mapping[Place, Decisions]) -> list[Difference]:
    ids = sorted(set().union(*told.values()))
    return [
        difference
        for known in ids
        for present in [{place: told[place][known] for place in PLACES if known in told[place]}]
        for difference in differences(known, present, kept=True, conflict=False)
    ]


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
def test_three_places_that_tell_the_same_have_no_difference(of: Decisions) -> None:
    assert (suspected(agreeing(of)), found(agreeing(of))) == (set(), [])


@given(of=decisions, place=st.sampled_from(PLACES), data=st.data())
def test_a_decision_that_a_place_lacks_is_named_with_the_place(
    of: Decisions, place: Place, data: st.DataObject
) -> None:
    lost = data.draw(st.sampled_from(sorted(of)))
    told = agreeing(of)
    del told[place][lost]

    [difference] = found(told)

    assert suspected(told) == {group_of(of[lost])}
    assert (difference["kind"], difference["id"], difference["where"]) == ("missing", lost, place)
    assert place not in difference["present_in"]


@pytest.mark.parametrize("name", FORGERIES)
@settings(max_examples=settings().max_examples // 4)  # one question, thirteen times
@given(of=decisions, place=st.sampled_from(PLACES), data=st.data())
def test_a_forged_field_is_named(
    name: str, of: Decisions, place: Place, data: st.DataObject
) -> None:
    if name in UNKNOWN_TO_THE_LEDGER and place == "ledger":
        place = "clickhouse"
    forged = data.draw(st.sampled_from(sorted(of)))
    told = agreeing(of)
    told[place][forged] = FORGERIES[name](told[place][forged])

    [difference] = found(told)

    assert suspected(told) == {group_of(of[forged]), group_of(told[place][forged])}
    assert (difference["kind"], difference["id"], difference["field"]) == ("field", forged, name)
    others = {other for other in PLACES if other != place and other in difference}
    assert all(difference[other] != difference[place] for other in others)


def test_every_field_has_a_forgery() -> None:
    assert set(FORGERIES) == set(Fact._fields)


@pytest.mark.parametrize(
    "name", ["campaign_id", "accepted", "order_minor", "discount_minor", "commission_minor"]
)
def test_what_two_decisions_have_swapped_changes_their_checksums(name: str) -> None:
    one = Fact("p", "c1", "b", True, "", "C", "", 900, 90, 9, 0, "USD", AT.date())
    other = Fact("p", "c2", "b", False, "", "C", "", 800, 80, 8, 0, "USD", AT.date())
    told = agreeing({"1": one, "2": other})
    told["clickhouse"] = {
        "1": one._replace(**{name: getattr(other, name)}),
        "2": other._replace(**{name: getattr(one, name)}),
    }

    assert suspected(told) == {group_of(one)}


@given(decisions)
def test_what_kafka_no_longer_keeps_is_not_missing_there(of: Decisions) -> None:
    older = added_up(of, kept=False)

    assert suspects(older, {}, older) == set()
    assert [
        difference
        for known, fact in of.items()
        for difference in differences(
            known, {"ledger": fact, "clickhouse": fact}, kept=False, conflict=False
        )
    ] == []


@given(decisions)
def test_what_kafka_still_has_beyond_its_time_is_looked_at(of: Decisions) -> None:
    older = added_up(of, kept=False)

    assert suspects(older, older, older) == set(older)


def test_two_records_of_one_id_in_different_words_are_a_conflict() -> None:
    fact = of_event(succeeded().model_dump(mode="json"))[1]
    present: dict[Place, Fact] = {place: at(place, fact) for place in PLACES}

    assert list(differences(str(EVENT), present, kept=True, conflict=True)) == [
        {"kind": "conflict", "id": str(EVENT), "where": "kafka"}
    ]


async def rows(of: Iterable[Row]) -> AsyncGenerator[Row, None]:
    for row in of:
        yield row


@given(told=st.fixed_dictionaries(dict.fromkeys(PLACES, decisions)))
async def test_places_are_read_side_by_side_each_decision_once(
    told: dict[Place, Decisions],
) -> None:
    streams = {
        place: rows([Row(known, of[known], kept=True) for known in sorted(of)])
        for place, of in told.items()
    }

    merged = [present async for present in side_by_side(streams)]

    ids = [next(iter(present.values())).event_id for present in merged]
    assert ids == sorted(set().union(*told.values()))
    for known, present in zip(ids, merged, strict=True):
        assert {place: row.fact for place, row in present.items()} == {
            place: of[known] for place, of in told.items() if known in of
        }


async def test_kafkas_records_are_sorted_repeats_dropped_and_conflicts_told() -> None:
    fact = of_event(succeeded().model_dump(mode="json"))[1]
    other = fact._replace(order_minor=1)
    told = [
        Row("b", fact, kept=True),
        Row("a", fact, kept=False),
        Row("b", other, kept=True),
        Row("a", fact, kept=False),
    ]

    assert [row async for row in by_id(rows(told))] == [
        Row("a", fact, kept=False, conflict=False),
        Row("b", fact, kept=True, conflict=True),
    ]


def test_a_repeat_is_known_as_long_as_it_is_near() -> None:
    recent = Recent()

    assert [recent.seen(number) for number in (1, 2, 1)] == [False, False, True]
    for number in range(10, 10 + REMEMBERED - 2):
        recent.seen(number)
    assert recent.seen(1)
    for number in range(-2 * REMEMBERED, 0):
        recent.seen(number)
    assert not recent.seen(1)


def test_commission_is_recomputed_from_the_plan_of_the_event() -> None:
    event_id, fact, decided_at = of_event(succeeded().model_dump(mode="json"))

    assert (event_id, decided_at) == (str(EVENT), DECIDED_AT)
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
    totals = Totals()
    totals.count(fact)
    assert totals == Totals(refused=1, refused_minor=2_000)


@pytest.mark.parametrize("value", [{}, {"type": "other", "data": {}}, [], None, 7])
def test_what_is_no_outcome_is_refused_by_name(value: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        of_event(value)  # type: ignore[arg-type]  # whatever stood on the topic


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        pytest.param([(0, 9), (0, 0)], None, id="nothing-was-deleted"),
        pytest.param([(5, 9), (0, 3)], AT, id="one-was-shortened"),
    ],
)
async def test_kafka_lacks_nothing_since_the_oldest_record_of_what_was_shortened(
    monkeypatch: pytest.MonkeyPatch, kept: list[tuple[int, int]], expected: datetime | None
) -> None:
    monkeypatch.setattr(on_kafka, "_reading", a_topic(kept))

    assert await on_kafka.kept_from(NO_KAFKA) == expected


async def test_an_emptied_partition_proves_nothing_of_the_past(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After an idle month Kafka has deleted everything: nothing of it is missing there."""
    monkeypatch.setattr(on_kafka, "_reading", a_topic([(9, 9), (5, 9)]))
    before = datetime.now(UTC)

    since = await on_kafka.kept_from(NO_KAFKA)

    assert since is not None
    assert since >= before


def a_topic(kept: list[tuple[int, int]]) -> Any:
    """Stand in for a topic of which each partition keeps this; its oldest record is of AT."""

    class Consumer:
        async def getone(self, _partition: TopicPartition) -> Any:
            return Oldest()

    class Oldest:
        timestamp = AT.timestamp() * 1000

    @asynccontextmanager
    async def reading(_kafka: Kafka) -> AsyncIterator[tuple[Any, Any, Any]]:
        places = [TopicPartition("t", number) for number in range(len(kept))]
        first = {place: between[0] for place, between in zip(places, kept, strict=True)}
        end = {place: between[1] for place, between in zip(places, kept, strict=True)}
        yield Consumer(), first, end

    return reading
