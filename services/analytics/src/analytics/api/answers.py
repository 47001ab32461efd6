"""How a report is told: as JSON, or as CSV for spreadsheets; unchanged ones in one line."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Generic, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from analytics.api.parameters import CurrentCaller, invalid, zone_of
from contracts.currencies import major_units
from servicekit.http import csv_lines
from servicekit.http.conditional import conditional_response, etag_of
from servicekit.http.csv_lines import Cell

MOST_OF_A_PAGE: Final = 100
MOST_OF_A_FILE: Final = 100_000
MONEY: Final = "_minor"

Row = TypeVar("Row", bound=BaseModel)
Format = Annotated[
    Literal["json", "csv"] | None,
    Query(description="`csv`, or `Accept: text/csv`: with amounts in major units."),
]

# Of every report: what else it may come as.
FORMATS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    304: {"description": "As it was when its ETag was given, which If-None-Match names"},
}


class Listing(BaseModel, Generic[Row]):
    """A page of rows, and how many there are in all."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[Row]
    total: int


class Wish(NamedTuple):
    """In which form somebody wants an answer; his headers say which one he has already."""

    csv: bool
    headers: Mapping[str, str]
    where: ZoneInfo


def wish(
    request: Request,
    caller: CurrentCaller,
    form: Annotated[Format, Query(alias="format")] = None,
) -> Wish:
    accepted = request.headers.get("accept", "")
    is_csv = form == "csv" or (form is None and "text/csv" in accepted and "json" not in accepted)
    return Wish(is_csv, request.headers, zone_of(caller))


AskedForm = Annotated[Wish, Depends(wish)]


def told(
    asked: Wish,
    body: Callable[[], str],
    head: Sequence[str],
    rows: Callable[[], Iterable[Mapping[str, Any]]],
) -> Response:
    """Answer as it was asked for; `head` names what a row of the CSV has."""
    if asked.csv:
        titles = [heading(field, head) for field in head]
        table = ([_cell(row, field, asked.where) for field in head] for row in rows())
        text = csv_lines.MARK + csv_lines.lines([titles]) + csv_lines.lines(table)
        content = text.encode(errors="replace")
    else:
        content = body().encode(errors="replace")
    return conditional_response(
        asked.headers,
        content,
        media_type=csv_lines.MEDIA_TYPE if asked.csv else "application/json",
        etag=etag_of(content),
        last_modified=None,
        headers={"Vary": "Accept"} | ({"Content-Disposition": "attachment"} if asked.csv else {}),
    )


def listed(asked: Wish, row: type[Row], rows: Sequence[Row], total: int) -> Response:
    """Answer with a list of rows."""
    return told(
        asked,
        Listing[row](data=list(rows), total=total).model_dump_json,  # type: ignore[valid-type]
        tuple(row.model_fields),
        lambda: (each.model_dump() for each in rows),
    )


def size(asked: Wish, limit: int | None, usual: int = 10) -> int:
    """Return how many rows are wanted: of a file all, of a page not too many."""
    if asked.csv:
        return limit or MOST_OF_A_FILE
    if limit is not None and limit > MOST_OF_A_PAGE:
        raise invalid("limit", f"at most {MOST_OF_A_PAGE}, or {MOST_OF_A_FILE} as CSV")
    return limit or usual


def heading(field: str, others: Collection[str]) -> str:
    """Return what stands above an amount in major units; a count may have the shorter name."""
    short = field.removesuffix(MONEY)
    return f"{short}_value" if short != field and short in others else short


def in_major_units(amount_minor: int | None, currency: str) -> Decimal | None:
    return None if amount_minor is None else major_units(amount_minor, currency)


def _cell(row: Mapping[str, Any], field: str, where: ZoneInfo) -> Cell:
    match row[field]:
        case bool() as flag:
            return "true" if flag else "false"
        case int() as amount if field.endswith(MONEY):
            return major_units(amount, row["currency"])
        case float() as ratio:
            return Decimal(repr(ratio))
        case list() as texts:
            return " ".join(texts)
        case datetime() as moment:
            return moment.astimezone(where).isoformat()
        case value:
            told: Cell = value
            return told
