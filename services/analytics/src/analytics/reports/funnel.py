"""From seeing a deal to becoming a customer: counts of what happened in a period."""

from itertools import pairwise
from typing import Final

from clickhouse_connect.driver.asyncclient import AsyncClient
from pydantic import BaseModel

from analytics.query import ReportQuery, fetch_rows, performance

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
    now = await _counts(client, query, "")
    before = None if query.before is None else await _counts(client, query, "before_")
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


async def _counts(client: AsyncClient, query: ReportQuery, of: str) -> dict[str, int]:
    # Counts have no currency: the rows of several may be added up.
    sums = ", ".join(f"sum(p.{step}) AS {step}" for step in STEPS)
    sql = f"SELECT {sums} FROM {performance(of=of)} AS p"  # noqa: S608  # constants of ours
    (row,) = await fetch_rows(client, sql, query)
    return row


def _ratio(count: int, of: int | None) -> float | None:
    return count / of if of else None
