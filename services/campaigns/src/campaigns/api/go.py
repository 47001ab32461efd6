"""The link that partners publish: it counts a look and goes on to the deal."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse

from campaigns.api.access import Given
from campaigns.api.fields import Segment
from campaigns.store.connecting import transaction
from campaigns.visit import visit

router = APIRouter(prefix="/go", tags=["links"])


@router.get("/{campaign}", status_code=302, response_class=RedirectResponse)
async def follow_link(
    campaign: Segment,
    tools: Given,
    customer: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
) -> RedirectResponse:
    """Send a shopper to the landing page; no cache may swallow the next look."""
    async with transaction(tools.pool) as conn:
        page = await visit(conn, campaign, tools.customer_key, customer)
    return RedirectResponse(page, 302, headers={"Cache-Control": "no-store"})
