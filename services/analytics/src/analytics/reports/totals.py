"""What a period came to, a row per currency, and what another one came to by then."""

from typing import Final

from clickhouse_connect.driver.asyncclient import AsyncClient
from pydantic import BaseModel

from analytics.changes import Change, change
from analytics.query import ReportQuery, fetch_rows, performance
from analytics.reports.figures import COLUMNS, MEASURES, NOTHING

_TOTALS: Final = "SELECT currency, {columns} FROM {view} ORDER BY currency"


class Total(BaseModel):
    """Every measure in one currency."""

    currency: str
    figures: dict[str, Change]


async def fetch(client: AsyncClient, query: ReportQuery, currency: str) -> list[Total]:
    """Return a row for each currency, the project's own first, and zeros where there is nothing."""
    now = await _totals(client, query, "")
    before = None if query.before is None else await _totals(client, query, "before_")
    currencies = {currency, *now, *(before or {})} - {""}
    return [
        Total(
            currency=each,
            figures={
                measure: change(
                    now.get(each, NOTHING)[measure],
                    None if before is None else before.get(each, NOTHING)[measure],
                )
                for measure in MEASURES
            },
        )
        for each in sorted(currencies, key=lambda each: (each != currency, each))
    ]


async def _totals(
    client: AsyncClient, query: ReportQuery, of: str
) -> dict[str, dict[str, int | float | None]]:
    sql = _TOTALS.format(columns=COLUMNS, view=performance(of=of))
    return {row.pop("currency"): row for row in await fetch_rows(client, sql, query)}
