"""Publications over HTTP: codes are given to customers, and it is read who was given which."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.requests import Request

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.enforced import SAYS_WHEN, say_when
from campaigns.api.paths import PathParam
from campaigns.api.spelling import CodeOrId
from campaigns.campaigns import store as campaigns
from campaigns.model import Publication, Voucher
from campaigns.propagation.waiter import subject_of_voucher
from campaigns.publications import lists, pages, store, verbs
from campaigns.publications.bodies import (
    CustomerForgotten,
    Forgotten,
    NewPublication,
    PublicationOfMany,
    PublicationOfOne,
    publication_response,
)
from campaigns.publications.listed import ListedPublication, Publications, listed_response
from campaigns.vouchers import store as vouchers
from campaigns.vouchers import verbs as voucher_verbs
from servicekit.http.declared_queries import ANY_QUERY
from servicekit.http.openapi import NOT_FOUND
from servicekit.postgres.pool import Connection, connection, transaction

router = APIRouter(tags=["publications"])

_PARAMETERS = (
    *("limit", "page", "order", *lists.PLAIN, "created_at[after]", "created_at[before]"),
    "filters[field][conditions][$operator]",
)
DESCRIBED: dict[str, Any] = {
    **ANY_QUERY,
    "parameters": [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
        for name in _PARAMETERS
    ],
}


@router.post("/v1/publications", responses=NOT_FOUND | SAYS_WHEN)
async def create_publication(
    body: NewPublication,
    caller: CurrentCaller,
    deps: Deps,
    response: Response,
    *,
    join_once: Annotated[bool | None, Query()] = None,
) -> PublicationOfOne | PublicationOfMany:
    """Give a customer a code, or up to 50 of a campaign. The same `source_id` gives no more."""
    wish = body.to_wish(caller, deps.customer_key, join_once)
    async with transaction(deps.changing(caller)) as conn:
        published = await verbs.publish(
            conn,
            caller.project_id,
            caller.actor,
            wish,
            key=deps.customer_key,
            spelt=caller.code_template,
        )
    await _wait(deps, caller, response, published.vouchers)
    return publication_response(published, body.customer.source_id)


@router.get("/v1/publications", openapi_extra=DESCRIBED)
async def list_publications(request: Request, caller: CurrentCaller, deps: Deps) -> Publications:
    query = lists.parse(request.query_params.multi_items(), caller, deps.customer_key)
    return await _list(deps, caller, query)


@router.post("/v1/publications/forget-customer")
async def forget_customer(body: CustomerForgotten, caller: CurrentCaller, deps: Deps) -> Forgotten:
    """Forget what was said of who a customer is: metadata, and your ids of the publications.

    The codes stay his, by a pseudonym, and a repeat of a wish is still known for one. Redemption
    forgets by itself: DELETE /v1/customers/{customer}.
    """
    customer_id = body.customer_id(caller, deps.customer_key)
    async with transaction(deps.changing(caller)) as conn:
        count = await store.forget_person(conn, caller.project_id, [customer_id])
    return Forgotten(customer_id=customer_id, publications=count)


@router.get("/v1/publications/{publication}")
async def get_publication(
    publication: PathParam, caller: CurrentCaller, deps: Deps
) -> ListedPublication:
    async with connection(deps.reading(caller)) as conn:
        found = await verbs.get(conn, caller.project_id, publication)
        [shown] = await _shown(conn, caller.project_id, [found])
    return shown


@router.get("/v1/vouchers/{voucher}/publications", openapi_extra=DESCRIBED, responses=NOT_FOUND)
async def list_publications_of_code(
    request: Request, voucher: CodeOrId, caller: CurrentCaller, deps: Deps
) -> Publications:
    """To whom a code was given."""
    query = lists.parse(request.query_params.multi_items(), caller, deps.customer_key, voucher)
    async with connection(deps.reading(caller)) as conn:
        await voucher_verbs.get(conn, caller.project_id, voucher)
    return await _list(deps, caller, query)


async def _list(deps: Dependencies, caller: Caller, query: lists.Query) -> Publications:
    async with (
        connection(deps.reading(caller)) as conn,
        conn.transaction(isolation="repeatable_read", readonly=True),
    ):
        found, total = await pages.read(conn, caller.project_id, query)
        shown = await _shown(conn, caller.project_id, found)
    return Publications(publications=shown, total=total)


async def _shown(
    conn: Connection, project_id: str, found: Sequence[Publication]
) -> list[ListedPublication]:
    theirs = sorted({each.campaign_id for each in found})
    by_id = {each.id: each for each in await campaigns.get_many(conn, project_id, theirs)}
    single = [each.voucher_ids[0] for each in found if len(each.voucher_ids) == 1]
    codes = {each.id: each for each in await vouchers.get_many(conn, project_id, single)}
    return [
        listed_response(
            each, by_id[each.campaign_id], [codes[v] for v in each.voucher_ids if v in codes]
        )
        for each in found
    ]


async def _wait(
    deps: Dependencies, caller: Caller, response: Response, codes: Sequence[Voucher]
) -> None:
    """Give redemption a moment to know the codes and their ends, as after any change."""
    since = await asyncio.gather(
        *(
            deps.propagation.wait_briefly(subject_of_voucher(caller.project_id, each), each.version)
            for each in codes
        )
    )
    say_when(response, *since)
