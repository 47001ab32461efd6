"""Lists of campaigns and codes over HTTP, their counts, and the same as CSV.

The query string is read by `spelling.py`: its brackets are names that no signature can declare.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.exports import AS_CSV, file_name
from campaigns.listing import cursors, exports, verbs, views
from campaigns.listing.bodies import Campaigns, Counts, StatusCount, Vouchers
from campaigns.listing.fields import CAMPAIGNS, VOUCHERS, Fields
from campaigns.listing.filters import Query
from campaigns.listing.plan import Page
from campaigns.listing.spelling import parse
from campaigns.refusals import InvalidQueryError
from campaigns.status import Status
from servicekit.http.csv_lines import Block, csv_response
from servicekit.http.declared_queries import ANY_QUERY
from servicekit.postgres.pool import Connection, connection

router = APIRouter(tags=["lists"])


def _described(known: Fields, *, paged: bool = True) -> dict[str, Any]:
    """Describe the query strings of a list, for its page: names and what they take."""
    names = known.plain()
    dates = [f"{name}[{end}]" for name in known.dates() for end in ("after", "before")]
    pages = ["limit", "page", "cursor", "order", "format"] if paged else []
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
        for name in (*pages, "search", *names, *dates, "filters[field][conditions][$operator]")
    ]
    return {**ANY_QUERY, "parameters": parameters}


def _of_campaigns(request: Request) -> Query:
    return parse(request.query_params.multi_items(), CAMPAIGNS)


def _of_vouchers(request: Request, caller: CurrentCaller) -> Query:
    return parse(request.query_params.multi_items(), VOUCHERS).spelt(caller.code)


OfCampaigns = Annotated[Query, Depends(_of_campaigns)]
OfVouchers = Annotated[Query, Depends(_of_vouchers)]


@asynccontextmanager
async def _reading(deps: Dependencies, caller: Caller) -> AsyncIterator[Connection]:
    """Lend a connection for statements that all see one state of the store."""
    async with (
        connection(deps.reading(caller)) as conn,
        conn.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield conn


@router.get(
    "/v1/campaigns",
    openapi_extra=_described(CAMPAIGNS),
    response_model=Campaigns,
    responses=AS_CSV,
)
async def list_campaigns(
    request: Request, caller: CurrentCaller, deps: Deps, query: OfCampaigns
) -> Any:
    at = datetime.now(UTC)
    if _wants_csv(request, query):
        blocks = exports.of_campaigns(deps.exports, caller.project_id, query, at)
        name = file_name(caller.project_id, "campaigns")
        return await _csv(name, exports.CAMPAIGN_COLUMNS, blocks)
    async with _reading(deps, caller) as conn:
        page = await verbs.campaigns(conn, caller.project_id, query, at)
        ids = [key[-1] for key in page.keys]
        shown = await views.shown_campaigns(conn, caller.project_id, ids)
    return Campaigns(campaigns=shown, **_paged(query, page))


@router.get(
    "/v1/vouchers",
    openapi_extra=_described(VOUCHERS),
    response_model=Vouchers,
    responses=AS_CSV,
)
async def list_vouchers(
    request: Request, caller: CurrentCaller, deps: Deps, query: OfVouchers
) -> Any:
    """List codes; what is asked of their campaigns counts as theirs."""
    at = datetime.now(UTC)
    if _wants_csv(request, query):
        blocks = exports.of_vouchers(deps.exports, caller.project_id, query, at)
        name = file_name(caller.project_id, "vouchers")
        return await _csv(name, exports.VOUCHER_COLUMNS, blocks)
    async with _reading(deps, caller) as conn:
        page = await verbs.vouchers(conn, caller.project_id, query, at)
        ids = [key[-1] for key in page.keys]
        shown = await views.shown_vouchers(conn, caller.project_id, ids)
    return Vouchers(vouchers=shown, **_paged(query, page))


@router.get("/v1/campaigns/counts", openapi_extra=_described(CAMPAIGNS, paged=False))
async def count_campaigns(caller: CurrentCaller, deps: Deps, query: OfCampaigns) -> Counts:
    """Count campaigns by status; the other filters hold."""
    async with _reading(deps, caller) as conn:
        at = datetime.now(UTC)
        found = await verbs.campaign_counts(conn, caller.project_id, query.filters, at)
    return _counted(found)


@router.get("/v1/vouchers/counts", openapi_extra=_described(VOUCHERS, paged=False))
async def count_vouchers(caller: CurrentCaller, deps: Deps, query: OfVouchers) -> Counts:
    """Count codes by status; the other filters hold."""
    async with _reading(deps, caller) as conn:
        at = datetime.now(UTC)
        found = await verbs.voucher_counts(conn, caller.project_id, query.filters, at)
    return _counted(found)


def _wants_csv(request: Request, query: Query) -> bool:
    accepted = request.headers.get("accept", "")
    preferred = "text/csv" in accepted and "application/json" not in accepted
    wanted = query.form == "csv" or (query.form is None and preferred)
    for name in ("limit", "page", "cursor") if wanted else ():
        if name in request.query_params:
            raise InvalidQueryError(name, "is not for csv, which has all rows")
    return wanted


async def _csv(name: str, columns: Sequence[str], blocks: AsyncGenerator[Block]) -> Response:
    """Answer with all rows. The first are read before: what is refused is no table."""
    first = await anext(blocks)

    async def all_of_them() -> AsyncIterator[Block]:
        async with aclosing(blocks):
            yield first
            async for block in blocks:
                yield block

    return csv_response(name, columns, all_of_them())


def _paged(query: Query, page: Page) -> dict[str, Any]:
    return {
        "total": page.total,
        "total_estimated": page.total_estimated,
        "has_more": page.more,
        "more_cursor": cursors.encode(query, page.keys[-1]) if page.more else None,
    }


def _counted(found: Mapping[Status, tuple[int, bool]]) -> Counts:
    outside = [each for status, each in found.items() if status != "in_bin"]
    return Counts(
        data=[
            StatusCount(status=status, total=total, total_estimated=estimated)
            for status, (total, estimated) in found.items()
        ],
        total=sum(total for total, _ in outside),
        total_estimated=any(estimated for _, estimated in outside),
    )
