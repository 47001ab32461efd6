"""What a period came to, a row per currency, and what another one came to by then."""

from clickhouse_connect.driver.asyncclient import AsyncClient
from pydantic import BaseModel

from analytics.changes import Change, change
from analytics.query import ReportQuery
from analytics.reports import comparing
from analytics.reports.comparing import Rows
from analytics.reports.figures import COLUMNS, MEASURES, NOTHING


class Total(BaseModel):
    """Every measure in one currency."""

    currency: str
    figures: dict[str, Change]


async def fetch(client: AsyncClient, query: ReportQuery) -> list[Total]:
    """Return a row for each currency, the project's own first, and zeros where there is nothing."""
    return totals(*await comparing.fetch(client, query, COLUMNS), query.currency)


def totals(rows: Rows, earlier: Rows | None, currency: str) -> list[Total]:
    """Put the rows of a period beside those of the one that it is compared with."""
    now = {row["currency"]: row for row in rows}
    before = None if earlier is None else {row["currency"]: row for row in earlier}
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
