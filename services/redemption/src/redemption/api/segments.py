"""The segments of a customer, over HTTP. Campaigns defines them; who is in one is judged here."""

import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts import ids
from contracts.text import trim
from redemption import memberships
from redemption.api.answers import SegmentOfCustomer, SegmentsOfCustomer
from redemption.api.openapi import answers
from redemption.store.keys import Caller
from servicekit.http.errors import not_found
from servicekit.postgres.bulkheads import Bulkheads

CUSTOMER_ID: Final = re.compile(r"cust_[0-9a-f]{24}")

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
        found = await memberships.of_customer(
            reads.of(caller.project_id),
            caller.project_id,
            _customer_id(customer, caller.project_id, customer_key),
            datetime.now(UTC),
        )
        body = SegmentsOfCustomer([SegmentOfCustomer(*each) for each in found], len(found))
        return Response(_encode(body), media_type="application/json")

    return routes


def _customer_id(sent: str, project_id: str, customer_key: bytes) -> str:
    """Read a customer from a path, which is matched as it was sent: by our id, or the shop's."""
    try:
        named = trim(unquote(sent, errors="strict"))
    except ValueError as error:
        raise not_found("customer", sent) from error
    if CUSTOMER_ID.fullmatch(named):
        return named
    return ids.customer(customer_key, project_id, named)
