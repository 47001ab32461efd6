"""The segments of a customer, over HTTP. Campaigns defines them; who is in one is judged here."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from redemption.api.answers import SegmentOfCustomer, SegmentsOfCustomer
from redemption.api.customers import customer_ids
from redemption.api.openapi import answers
from redemption.browsing import memberships
from redemption.store import showing
from redemption.store.keys import Caller
from servicekit.http.errors import not_found
from servicekit.postgres.bulkheads import Bulkheads
from servicekit.postgres.pool import Lender, connection

_encode: Final = msgspec.json.Encoder().encode


def router(reads: Bulkheads, customer_key: bytes) -> APIRouter:
    """Make the route."""
    routes = APIRouter(tags=["customers"])
    said = "Of a customer never seen before, what a new one is in"

    @routes.get(
        "/v1/customers/{customer}/segments",
        summary="List the segments of a customer",
        responses={200: answers(said, "SegmentsOfCustomer")},
    )
    async def list_segments_of_customer(request: Request, customer: str) -> Response:
        caller: Caller = request.state.caller
        lender = reads.of(caller.project_id)
        who = await _customer_id(customer, caller.project_id, customer_key, lender)
        found = await memberships.of_customer(lender, caller.project_id, who, datetime.now(UTC))
        body = SegmentsOfCustomer([SegmentOfCustomer(*each) for each in found], len(found))
        return Response(_encode(body), media_type="application/json")

    return routes


async def _customer_id(sent: str, project_id: str, customer_key: bytes, lender: Lender) -> str:
    """Read a customer from a path, as all of these paths name one; nobody may know them yet."""
    try:
        named = unquote(sent, errors="strict")
    except ValueError as error:
        raise not_found("customer", sent) from error
    who = customer_ids(named, project_id, customer_key)
    async with connection(lender) as conn:
        row = await showing.customer(conn, project_id, who)
    return who[0] if row is None else str(row["customer_id"])
