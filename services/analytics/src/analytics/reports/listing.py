"""A report that is a list: its rows, the statement that makes them, and their order."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from clickhouse_connect.driver.asyncclient import AsyncClient
from pydantic import BaseModel

from analytics.query import Page, ReportQuery, fetch_page

Row = TypeVar("Row", bound=BaseModel)


@dataclass(frozen=True)
class Report(Generic[Row]):
    """A report: its rows, the statement that makes them, and the order unless told otherwise."""

    row: type[Row]
    sql: str
    tie_breaker: str
    usual_order: str

    async def fetch(
        self, client: AsyncClient, query: ReportQuery, page: Page
    ) -> tuple[list[Row], int]:
        """Return a page of the rows, and how many there are."""
        found, total = await fetch_page(client, self.sql, self.tie_breaker, query, page)
        return [self.row.model_validate(row) for row in found], total
