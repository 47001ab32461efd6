"""How a report is asked for: of which project, which period, which part, in which order.

Values reach the server as parameters. What to order by is a field of the result, checked where it
comes in.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clickhouse_connect.driver.asyncclient import AsyncClient

READ_SETTINGS = {"do_not_merge_across_partitions_select_final": 1, "max_execution_time": 30}

# The rows in question. An unset filter compares two constants, which the server folds away.
IN_QUESTION = """
    project_id = {project:String}
    AND occurred_at >= {starts_at:DateTime64(3, 'UTC')}
    AND occurred_at < {ends_at:DateTime64(3, 'UTC')}
    AND ({any_partner:Bool} OR partner_id = {partner:String})
    AND ({any_campaign:Bool} OR campaign_id = {campaign:String})
"""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: of one project, from an instant up to and excluding another."""

    project_id: str
    currency: str
    starts_at: datetime
    ends_at: datetime
    partner_id: str | None = None
    campaign_id: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the answer, in which order; ties fall by the row's identity."""

    order: str
    descending: bool
    limit: int
    number: int = 1


async def ask(
    client: AsyncClient, sql: str, identity: str, question: Question, page: Page
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of the lines, and how many there are."""
    direction = "DESC" if page.descending else "ASC"
    answer = await client.query(
        f"SELECT *, count() OVER () AS total FROM ({sql}) "  # noqa: S608  # values are parameters
        f"ORDER BY {{order:Identifier}} {direction} NULLS LAST, {identity} "
        f"LIMIT {page.limit:d} OFFSET {(page.number - 1) * page.limit:d}",
        parameters={**_parameters(question), "order": page.order},
        settings=READ_SETTINGS,
    )
    lines = list(answer.named_results())
    if lines or page.number == 1:
        return lines, lines[0]["total"] if lines else 0
    first = Page(page.order, page.descending, limit=1)  # beyond the end nothing tells the total
    return [], (await ask(client, sql, identity, question, first))[1]


def _parameters(question: Question) -> dict[str, Any]:
    return {
        "project": question.project_id,
        "currency": question.currency,
        "starts_at": _instant(question.starts_at),
        "ends_at": _instant(question.ends_at),
        "any_partner": question.partner_id is None,
        "partner": question.partner_id or "",
        "any_campaign": question.campaign_id is None,
        "campaign": question.campaign_id or "",
    }


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(" ", "milliseconds").removesuffix("+00:00")
