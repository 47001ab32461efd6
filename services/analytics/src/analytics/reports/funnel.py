"""From seeing a deal to becoming a customer: counts of what happened in a period."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from clickhouse_connect.driver.asyncclient import AsyncClient
from pydantic import BaseModel

from analytics.query import ReportQuery
from analytics.reports import comparing

STEPS: Final = ("visits", "attempts", "redemptions", "new_customers")


class Step(BaseModel):
    """How many there were, and of how many of the step before and of the first.

    Steps are counts of a period and no cohort: a redemption counts in its own period, wherever its
    visit lies, and many have none. So a ratio may be greater than 1.
    """

    step: str
    count: int
    of_previous: float | None
    of_first: float | None
    before: int | None


async def fetch(client: AsyncClient, query: ReportQuery) -> list[Step]:
    """Return the four steps."""
    rows, earlier = await comparing.fetch(
        client, query, ", ".join(f"f.{step} AS {step}" for step in STEPS)
    )
    now, before = _counts(rows), None if earlier is None else _counts(earlier)
    previous = {step: now[earlier] for earlier, step in pairwise(STEPS)}
    return [
        Step(
            step=step,
            count=now[step],
            of_previous=_ratio(now[step], previous.get(step)),
            of_first=None if step == STEPS[0] else _ratio(now[step], now[STEPS[0]]),
            before=None if before is None else before[step],
        )
        for step in STEPS
    ]


def _counts(rows: Sequence[Mapping[str, int]]) -> dict[str, int]:
    # Counts have no currency: the rows of several may be added up.
    return {step: sum(row[step] for row in rows) for step in STEPS}


def _ratio(count: int, of: int | None) -> float | None:
    return count / of if of else None
