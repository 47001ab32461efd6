"""Lists of customers: a project's, or those in a segment."""

from datetime import UTC, datetime
from typing import Final

import asyncpg
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from contracts.instants import to_rfc3339
from redemption.api.kept_openapi import asked, page_of, refusing_to_sort
from redemption.api.lists import Reads
from redemption.api.moments import moment
from redemption.api.texts import one_text
from redemption.browsing import kept, members
from redemption.render import customers_kept
from redemption.store import showing
from redemption.store.keys import Caller
from redemption.store.showing import CUSTOMERS_BY, Moment, Page
from servicekit.http.brackets import Asked, refusal
from servicekit.http.errors import not_found, unavailable
from servicekit.postgres.pool import connection

JSON: Final = "application/json"
PLAIN: Final = ("limit", "page", "order", "email", "name", "starting_after", "segment_id")
DATES: Final = ("created_at", "updated_at")

_encode: Final = msgspec.json.Encoder().encode


async def list_of_customers(request: Request, reads: Reads) -> Response:
    """Answer with a page. Raises ApiError 400 that names what is wrong with the query."""
    caller: Caller = request.state.caller
    said = asked(request, *PLAIN, dates=DATES)
    page = page_of(said, CUSTOMERS_BY, _after(said))
    email, segment_id = one_text(said, "email"), one_text(said, "segment_id")
    moments = [
        Moment(each.field, each.operator == "after", moment(each.spelt, value))
        for each in said.conditions
        for value in each.values
    ]
    if segment_id is not None:
        named = [name for name in ("email", "name") if said.one(name) is not None]
        named += [each.spelt for each in said.conditions]
        if page.by != "created_at":
            named.append("order")
        if named:
            raise refusal(named[0], "is not asked together with segment_id")
        return await _in_segment(reads, caller, segment_id, page)
    with refusing_to_sort():
        async with connection(reads.reads.of(caller.project_id)) as conn:
            rows, total = await showing.customers(
                conn,
                caller.project_id,
                page._replace(limit=page.limit + 1),
                email=email and email.lower(),
                name=one_text(said, "name"),
                moments=moments,
            )
    customers = [await with_figures(reads, caller, row) for row in rows[: page.limit]]
    body = customers_kept.CustomerList(
        customers=customers, total=total, has_more=len(rows) > page.limit
    )
    return Response(_encode(body), media_type=JSON)


def _after(said: Asked) -> str | datetime | None:
    """Return the customer behind whom a page begins: by our id, or by when they were created."""
    text = one_text(said, "starting_after")
    if text is None or text.startswith("cust_"):
        return text
    at = moment("starting_after", text)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


async def _in_segment(reads: Reads, caller: Caller, segment_id: str, page: Page) -> Response:
    """Answer with a page of who is in a segment now, and how many there are."""
    project_id, at = caller.project_id, datetime.now(UTC)
    lender = reads.reads.of(project_id)
    try:
        found = await members.page_of(lender, project_id, segment_id, page, at)
    except TimeoutError as error:
        seconds = f"{members.PATIENCE_SECONDS:.0f} seconds"
        raise unavailable(f"there are more customers than can be judged in {seconds}") from error
    if found is None:
        raise not_found("segment", segment_id)
    body = customers_kept.CustomerList(
        customers=[await with_figures(reads, caller, row) for row in found.rows],
        total=found.total,
        has_more=found.has_more,
        counted_at=to_rfc3339(at),
    )
    return Response(_encode(body), media_type=JSON)


async def with_figures(
    reads: Reads, caller: Caller, row: asyncpg.Record
) -> customers_kept.KeptCustomer:
    """Show a customer with what became of their codes."""
    lender = reads.reads.of(caller.project_id)
    counted = await kept.redemptions_of(lender, caller.project_id, row["customer_id"])
    return customers_kept.customer(row, counted)
