"""The link that partners publish: it counts a look and goes on to the deal."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse

from campaigns.api.access import Deps
from campaigns.api.fields import PathParam
from campaigns.visits import verbs
from servicekit.http.queries import ANY_QUERY
from servicekit.postgres.pool import transaction

router = APIRouter(prefix="/go", tags=["links"])


@router.get(
    "/{campaign}", status_code=302, response_class=RedirectResponse, openapi_extra=ANY_QUERY
)
async def follow_link(
    campaign: PathParam,
    deps: Deps,
    customer: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
) -> RedirectResponse:
    """Send a shopper to the landing page; no cache may swallow the next look."""
    async with transaction(deps.pool) as conn:
        page = await verbs.record(conn, campaign, deps.customer_key, customer)
    return RedirectResponse(page, 302, headers={"Cache-Control": "no-store"})
