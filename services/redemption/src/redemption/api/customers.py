"""Customers by HTTP: told, read again with what they did, exported and erased."""

import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

import asyncpg
import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts import ids
from contracts.baskets import identity_of, to_email
from contracts.text import trim
from redemption.api import customer_bodies
from redemption.api.customer_lists import list_of_customers, with_figures
from redemption.api.kept_openapi import (
    CUSTOMER,
    DELETION,
    EXPORT,
    LIST_OF_CUSTOMERS,
    NOTHING,
    PUT_CUSTOMER,
)
from redemption.api.lists import Reads
from redemption.browsing import kept
from redemption.customers.properties import TooManyPropertiesError
from redemption.orders.ordering import meet
from redemption.render import customers_kept, orders_kept, shown
from redemption.store import showing
from redemption.store.keys import Caller
from servicekit.http.errors import invalid, not_found
from servicekit.postgres.pool import connection

JSON: Final = "application/json"
CUSTOMER_ID: Final = re.compile(r"cust_[0-9a-f]{24}")

_encode: Final = msgspec.json.Encoder().encode


def router(reads: Reads) -> APIRouter:
    """Make the routes."""
    routes = APIRouter(tags=["customers"])

    @routes.post("/v1/customers", summary="Create or update a customer", **PUT_CUSTOMER)
    async def post_customer(request: Request) -> Response:
        caller: Caller = request.state.caller
        body = await customer_bodies.parse_customer(request)
        if body.id is not None and body.source_id is None and body.email is None:
            row = await _found(reads, caller, body.id)
            return await _keep(reads, caller, body, row)
        return await _keep(reads, caller, body, None)

    @routes.get("/v1/customers", summary="List customers", **LIST_OF_CUSTOMERS)
    async def list_customers(request: Request) -> Response:
        return await list_of_customers(request, reads)

    @routes.get("/v1/customers/{customer}", summary="Get a customer", **CUSTOMER)
    async def get_customer(request: Request, customer: str) -> Response:
        caller: Caller = request.state.caller
        return await _answer(reads, caller, await _found(reads, caller, unquote(customer)))

    @routes.put("/v1/customers/{customer}", summary="Update a customer", **PUT_CUSTOMER)
    async def put_customer(request: Request, customer: str) -> Response:
        caller: Caller = request.state.caller
        body = await customer_bodies.parse_customer(request)
        row = await _found(reads, caller, unquote(customer))
        return await _keep(reads, caller, body, row)

    @routes.get("/v1/customers/{customer}/export", summary="Export all of a person", **EXPORT)
    async def export_customer(request: Request, customer: str) -> Response:
        caller: Caller = request.state.caller
        row, customer_id = await _anybody(reads, caller, unquote(customer))
        lender = reads.reads.of(caller.project_id)
        orders, entries = await kept.everything_of(lender, caller.project_id, customer_id)
        body = customers_kept.PersonExport(
            customer=None if row is None else await with_figures(reads, caller, row),
            orders=[orders_kept.order(*each) for each in orders],
            redemptions=[shown.listed(entry) for entry in entries],
        )
        return Response(_encode(body), media_type=JSON)

    @routes.delete("/v1/customers/{customer}", summary="Erase a customer", **NOTHING)
    async def delete_customer(request: Request, customer: str) -> Response:
        """Forget who they are; what they did stays, by a pseudonym.

        What was said of them where codes were published to them campaigns forgets by
        POST /v1/publications/forget-customer.
        """
        caller: Caller = request.state.caller
        _, customer_id = await _anybody(reads, caller, unquote(customer))
        await kept.erase(reads.reads.of(caller.project_id), caller.project_id, customer_id)
        return Response(status_code=204)

    @routes.post(
        "/v1/customers/{customer}/permanent-deletion",
        summary="Erase a customer, and tell of it",
        **DELETION,
    )
    async def delete_permanently(request: Request, customer: str) -> Response:
        """Forget as DELETE does, and tell of it; publications are forgotten by campaigns."""
        caller: Caller = request.state.caller
        _, customer_id = await _anybody(reads, caller, unquote(customer))
        await kept.erase(reads.reads.of(caller.project_id), caller.project_id, customer_id)
        body = customers_kept.PermanentDeletion(
            id=ids.new("pd_"),
            related_object_id=customer_id,
            data_json={"events": 0, "customer_events": 0},
        )
        return Response(_encode(body), media_type=JSON)

    return routes


def customer_ids(named: str, project_id: str, customer_key: bytes) -> list[str]:
    """Return who may be meant: by our id, the shop's, or a guest's e-mail."""
    try:
        name = trim(named)
    except ValueError as error:
        raise not_found("customer", named) from error
    if CUSTOMER_ID.fullmatch(name):
        return [name]
    found = [ids.customer(customer_key, project_id, name)]
    if "@" in name:
        try:
            found.append(ids.customer(customer_key, project_id, to_email(name)))
        except ValueError:
            return found
    return found


async def _found(reads: Reads, caller: Caller, named: str) -> asyncpg.Record:
    who = customer_ids(named, caller.project_id, reads.customer_key)
    async with connection(reads.reads.of(caller.project_id)) as conn:
        row = await showing.customer(conn, caller.project_id, who)
    if row is None:
        raise not_found("customer", named)
    return row


async def _anybody(reads: Reads, caller: Caller, named: str) -> tuple[asyncpg.Record | None, str]:
    """Return who is meant, known or not: of who was only refused the ledger alone tells."""
    project_id, lender = caller.project_id, reads.reads.of(caller.project_id)
    who = customer_ids(named, project_id, reads.customer_key)
    async with connection(lender) as conn:
        row = await showing.customer(conn, project_id, who)
    if row is not None:
        return row, row["customer_id"]
    for customer_id in who:
        if await kept.is_in_the_ledger(lender, project_id, customer_id):
            return None, customer_id
    raise not_found("customer", named)


async def _keep(
    reads: Reads,
    caller: Caller,
    body: customer_bodies.CustomerUpsertBody,
    known: asyncpg.Record | None,
) -> Response:
    """Keep what is said of a customer who is known, or is met now."""
    customer = customer_bodies.who(body, is_known=known is not None)
    if known is None:
        customer_id = ids.customer(reads.customer_key, caller.project_id, identity_of(customer))
    else:
        customer_id = known["customer_id"]
        if body.source_id not in {None, known["source_id"]}:
            raise invalid("`$.source_id`: who a customer is does not change")
    lender, key = reads.reads.of(caller.project_id), (caller.project_id, customer_id)
    details = customer_bodies.details_of(body)
    try:
        await meet(lender, key, customer, datetime.now(UTC), details)
    except TooManyPropertiesError as error:
        raise invalid(f"`$.metadata`: {error}") from error
    return await _answer(reads, caller, await _found(reads, caller, customer_id))


async def _answer(reads: Reads, caller: Caller, row: asyncpg.Record) -> Response:
    return Response(_encode(await with_figures(reads, caller, row)), media_type=JSON)
