"""Lists of redemptions: a project's, a code's, as pages or as CSV."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import unquote

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts.text import trim
from redemption.api import filters
from redemption.api.answers import RedemptionList
from redemption.api.list_openapi import CODES_LIST, LIST, ORDERS
from redemption.api.texts import LONGEST
from redemption.browsing import browse
from redemption.ledger.criteria import NotOfThisListError, Wanted, cursor, position
from redemption.render import shown, spreadsheet
from redemption.store.keys import Caller
from redemption.store.listing import SortKey
from redemption.store.ways import Part
from servicekit.http.brackets import Asked, refusal
from servicekit.http.csv_lines import Block, csv_response
from servicekit.http.errors import ApiError, not_found, unavailable
from servicekit.postgres.bulkheads import Bulkheads
from servicekit.postgres.pool import Lender

JSON: Final = "application/json"
OTHERS: Final = ("limit", "page", "cursor", "order", "format", "from", "to")
LARGEST_LIMIT: Final = 100
DEEPEST: Final = 10_000  # the last entry that a page may begin with
MOST_ROWS: Final = 1_000_000
CREATED: Final = ORDERS[0]
SORTED: Final[Mapping[str, SortKey]] = {
    "id": "id",
    "voucher_code": "code",
    "tracking_id": "tracking_id",
    "customer_id": "customer_id",
}

_encode: Final = msgspec.json.Encoder().encode


class Exports:
    """Which projects are being written as CSV: of each one at a time; a class because it counts."""

    def __init__(self) -> None:
        self._running: set[str] = set()

    def refuse_another(self, project_id: str) -> None:
        """Raise ApiError 503 where one is running."""
        if project_id in self._running:
            raise unavailable("another CSV of this project is being written, try again after it")

    @contextlib.contextmanager
    def running(self, project_id: str) -> Iterator[None]:
        """Count one for the block."""
        self._running.add(project_id)
        try:
            yield
        finally:
            self._running.discard(project_id)


class Reads(NamedTuple):
    """What lists are read with, made by the composition root."""

    reads: Bulkheads
    exports: Exports
    customer_key: bytes


def router(reads: Reads) -> APIRouter:
    """Make the routes."""
    routes = APIRouter(tags=["redemptions"])

    @routes.get("/v1/redemptions", summary="List redemptions and refusals", **LIST)
    async def list_redemptions(request: Request) -> Response:
        return await _list(request, reads)

    @routes.get("/v1/vouchers/{code}/redemptions", summary="List a code's", **CODES_LIST)
    async def list_redemptions_of_code(request: Request, code: str) -> Response:
        return await _list(request, reads, code_of(request, code))

    return routes


def code_of(request: Request, sent: str) -> str:
    """Read a code from a path, which is matched as it was sent, as its project spells it."""
    caller: Caller = request.state.caller
    code = unquote(sent)
    if "\0" in code or len(code) > LONGEST:
        raise not_found("voucher", code)
    try:
        return caller.code(trim(code))
    except ValueError as error:
        raise not_found("voucher", code) from error


async def _list(request: Request, reads: Reads, code: str | None = None) -> Response:
    caller: Caller = request.state.caller
    asked = filters.read(request, OTHERS)
    wanted = filters.wanted(asked, caller, reads.customer_key, code)
    if _is_csv(request, asked):
        return await _as_csv(reads, caller, asked, wanted)
    key = SORTED.get(_order(asked).name)
    if key is not None and "cursor" in asked.plain:
        raise refusal("cursor", f"goes with order={CREATED}: take page")
    part, lender = _part(asked, wanted), reads.reads.of(caller.project_id)
    if key is None:
        page = await browse.page(lender, wanted, part)
    else:
        page = await _sorted(lender, wanted, part, key)
    body = RedemptionList(
        redemptions=[shown.listed(entry) for entry in page.entries],
        total=page.total.number,
        total_estimated=page.total.estimated,
        has_more=page.more is not None,
        more_cursor=cursor(page.more, _same(wanted, part)) if page.more and key is None else None,
    )
    return Response(_encode(body), media_type=JSON)


async def _sorted(lender: Lender, wanted: Wanted, part: Part, key: SortKey) -> browse.Page:
    try:
        return await browse.page_by(lender, wanted, part, key)
    except browse.TooManyToSortError as error:
        raise refusal("order", f"{error}: narrow it down, or order by {CREATED}") from error


def _is_csv(request: Request, asked: Asked) -> bool:
    form = asked.one("format")
    if form not in {None, "json", "csv"}:
        raise refusal("format", "known are json, csv")
    accepted = request.headers.get("accept", "")
    return form == "csv" or (form is None and accepted.startswith("text/csv"))


async def _as_csv(reads: Reads, caller: Caller, asked: Asked, wanted: Wanted) -> Response:
    for name in ("limit", "page", "cursor"):
        if name in asked.plain:
            raise refusal(name, "is not for CSV, which has all that match")
    if _order(asked).name != CREATED:
        raise refusal("order", f"of CSV is by {CREATED}")
    reads.exports.refuse_another(caller.project_id)
    lender, descending = reads.reads.of(caller.project_id), _order(asked).descending
    total = await browse.count(lender, wanted)
    if total.number > MOST_ROWS:
        details = f"about {total.number:,} match; at most {MOST_ROWS:,} are written: narrow it down"
        raise ApiError(400, "Too many rows", details, key="too_many_rows")

    async def blocks() -> AsyncIterator[Block]:
        with reads.exports.running(caller.project_id):
            async for entries in browse.all_of(lender, wanted, descending=descending):
                yield [spreadsheet.row(entry) for entry in entries]

    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    name = f"counterfoil-{caller.project_id}-redemptions-{stamp}.csv"
    return csv_response(name, spreadsheet.COLUMNS, blocks())


def _part(asked: Asked, wanted: Wanted) -> Part:
    limit = _number(asked, "limit", 10, LARGEST_LIMIT)
    page = _number(asked, "page", 1, DEEPEST)
    offset = (page - 1) * limit
    if offset >= DEEPEST:
        details = f"begins after the first {DEEPEST:,}: go on with `cursor`, from `more_cursor`"
        raise refusal("page", details)
    part = Part(limit, offset, descending=_order(asked).descending)
    given = asked.one("cursor")
    if given is None:
        return part
    if "page" in asked.plain:
        raise refusal("cursor", "is instead of page")
    try:
        return part._replace(after=position(given, _same(wanted, part)))
    except NotOfThisListError as error:
        raise refusal(
            "cursor", "is not of this list: filters and order must be the same"
        ) from error


def _same(wanted: Wanted, part: Part) -> str:
    """Return what pages of one list have in common."""
    return repr((wanted, part.descending))


class _Order(NamedTuple):
    name: str
    descending: bool


def _order(asked: Asked) -> _Order:
    said = asked.one("order")
    if said is None:
        said = f"-{CREATED}"
    order = _Order(said.removeprefix("-"), descending=said.startswith("-"))
    if order.name not in ORDERS:
        raise refusal("order", f"known are {', '.join(ORDERS)}, and -{CREATED} and so on")
    return order


def _number(asked: Asked, name: str, default: int, most: int) -> int:
    text = asked.one(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else 0
    if not 1 <= number <= most:
        raise refusal(name, f"must be a number from 1 to {most:,}")
    return number
