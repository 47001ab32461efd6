"""CSV beside JSON, for what people take along: asked by `format`, or by what is accepted."""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from fastapi import Depends, Query, Request

# For `responses` of routes that write CSV as well.
AS_CSV: Final[dict[int | str, dict[str, object]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}


def _wants_csv(
    request: Request,
    written: Annotated[Literal["json", "csv"] | None, Query(alias="format")] = None,
) -> bool:
    if written is not None:
        return written == "csv"
    return request.headers.get("accept", "").startswith("text/csv")


WantsCsv = Annotated[bool, Depends(_wants_csv)]


def file_name(project_id: str, what: str) -> str:
    """Name a file so that two of them never meet."""
    return f"counterfoil-{project_id}-{what}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.csv"
