"""Finds what the three places disagree on: first in which groups, then which decision. Pure.

Kinds of difference: a decision is `missing` in a place, its `field` differs between places, or two
records of one id on Kafka `conflict`. Kafka may forget: what it no longer keeps is not missing
there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from counterfoil.reconcile.facts import PLACES, Fact, Group, Place, Sums

Difference = dict[str, Any]


def suspects(
    ledger: Mapping[Group, Sums], kafka: Mapping[Group, Sums], clickhouse: Mapping[Group, Sums]
) -> set[Group]:
    """Return the groups in which the places do not surely hold the same decisions.

    Where Kafka may have forgotten some, its sums prove nothing: what it still has is looked at.
    """
    found = set()
    for group in ledger.keys() | kafka.keys() | clickhouse.keys():
        agree = _without_terms(ledger.get(group)) == _without_terms(clickhouse.get(group))
        told = kafka.get(group)
        if not agree or (told != clickhouse.get(group) if group.kept else told is not None):
            found.add(group)
    return found


def _without_terms(sums: Sums | None) -> Sums | None:
    if sums is None:
        return None
    return replace(sums, totals=replace(sums.totals, commission_minor=0), terms=0)


def differences(
    event_id: str, present: Mapping[Place, Fact], *, kept: bool, conflict: bool
) -> Iterator[Difference]:
    """Compare what those places say that have the decision; Kafka must, if it is `kept`."""
    for place in PLACES:
        if place not in present and (kept or place != "kafka"):
            yield missing(event_id, place, present)
    yield from fields_that_differ(event_id, present)
    if conflict:
        yield {"kind": "conflict", "id": event_id, "where": "kafka"}


def missing(event_id: str, place: Place, present: Mapping[Place, Fact]) -> Difference:
    fact = next(iter(present.values()))
    return {
        "kind": "missing",
        "id": event_id,
        "where": place,
        "present_in": list(present),
        "project_id": fact.project_id,
        "campaign_id": fact.campaign_id,
        "partner_id": fact.partner_id,
        "accepted": fact.accepted,
        "order_minor": fact.order_minor,
        "day": fact.day.isoformat(),
    }


def fields_that_differ(event_id: str, present: Mapping[Place, Fact]) -> Iterator[Difference]:
    for name in Fact._fields:
        values = {place: getattr(fact, name) for place, fact in present.items()}
        known = {place: value for place, value in values.items() if value is not None}
        if len(set(known.values())) > 1:
            shown: Difference = {place: _plain(value) for place, value in known.items()}
            yield {"kind": "field", "id": event_id, "field": name, **shown}


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | bool) else str(value)
