"""Decisions one by one, in the order of their ids: that of text, and nearly that of time."""

from collections.abc import AsyncGenerator, Mapping
from typing import NamedTuple

from counterfoil.reconcile.facts import Fact, Place


class Row(NamedTuple):
    """One decision at one place; `kept`: Kafka must have it; `conflict`: Kafka tells it twice."""

    event_id: str
    fact: Fact
    kept: bool
    conflict: bool = False


async def side_by_side(
    places: Mapping[Place, AsyncGenerator[Row, None]],
) -> AsyncGenerator[dict[Place, Row], None]:
    """Merge what each place tells in the order of ids: each decision once, with who has it."""
    heads = {place: await anext(rows, None) for place, rows in places.items()}
    while waiting := {place: row for place, row in heads.items() if row is not None}:
        first = min(row.event_id for row in waiting.values())
        present = {place: row for place, row in waiting.items() if row.event_id == first}
        yield present
        for place in present:
            heads[place] = await anext(places[place], None)
