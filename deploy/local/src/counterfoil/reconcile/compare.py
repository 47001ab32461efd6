"""Finds every difference between the three places. Pure.

Kinds of difference: a decision is `missing` in a place, its `field` differs between places, two
records of one id on Kafka `conflict`, or a place's own `sum` over a partner's day is not that of
its decisions. Kafka may forget: what it no longer keeps is not missing there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from counterfoil.reconcile.facts import PLACES, Day, Fact, Facts, Place, Totals

Difference = dict[str, Any]
Sums = Mapping[Day, Totals]


@dataclass(frozen=True, slots=True)
class Told:
    """What the three places tell, and which ids Kafka told twice in different words."""

    ledger: Facts
    kafka: Facts
    clickhouse: Facts
    forgotten_by_kafka: frozenset[UUID] = frozenset()
    conflicts: tuple[UUID, ...] = ()


def differences(told: Told) -> Iterator[Difference]:
    """Compare decision by decision, in the order of their ids, which is that of time."""
    by_place: dict[Place, Facts] = {
        "ledger": told.ledger,
        "kafka": told.kafka,
        "clickhouse": told.clickhouse,
    }
    for event_id in sorted(told.ledger.keys() | told.kafka.keys() | told.clickhouse.keys()):
        present = {place: facts[event_id] for place, facts in by_place.items() if event_id in facts}
        absent = [place for place in PLACES if place not in present]
        if event_id in told.forgotten_by_kafka:
            absent = [place for place in absent if place != "kafka"]
        for place in absent:
            yield missing(event_id, place, present)
        yield from fields_that_differ(event_id, present)
    for event_id in told.conflicts:
        yield {"kind": "conflict", "id": str(event_id), "where": "kafka"}


def missing(event_id: UUID, place: Place, present: Mapping[Place, Fact]) -> Difference:
    fact = next(iter(present.values()))
    return {
        "kind": "missing",
        "id": str(event_id),
        "where": place,
        "present_in": list(present),
        "project_id": fact.project_id,
        "campaign_id": fact.campaign_id,
        "partner_id": fact.partner_id,
        "accepted": fact.accepted,
        "order_minor": fact.order_minor,
        "day": fact.day.isoformat(),
    }


def fields_that_differ(event_id: UUID, present: Mapping[Place, Fact]) -> Iterator[Difference]:
    facts = list(present.values())
    if all(fact == facts[0] for fact in facts):
        return
    for name in Fact._fields:
        values = {place: getattr(fact, name) for place, fact in present.items()}
        known = [value for value in values.values() if value is not None]
        if any(value != known[0] for value in known):
            shown: Difference = {
                place: _plain(value) for place, value in values.items() if value is not None
            }
            yield {"kind": "field", "id": str(event_id), "field": name, **shown}


def sums_that_differ(of: Sums, at: Place, ours: Sums, *, commission: bool) -> Iterator[Difference]:
    """Hold sums that the place computed itself against those of the decisions that we read."""
    for day in sorted(of.keys() | ours.keys()):
        theirs, expected = asdict(of.get(day, Totals())), asdict(ours.get(day, Totals()))
        for name, value in theirs.items():
            if name == "commission_minor" and not commission:
                continue
            if value != expected[name]:
                yield {
                    "kind": "sum",
                    "where": at,
                    "project_id": day.project_id,
                    "partner_id": day.partner_id,
                    "day": day.day.isoformat(),
                    "field": name,
                    at: value,
                    "decisions": expected[name],
                }


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | bool) else str(value)
