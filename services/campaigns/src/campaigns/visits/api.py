"""The link that partners publish: it counts a look and goes on to the deal."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator, TypeAdapter, ValidationError

from campaigns.api.access import Deps
from campaigns.api.paths import PathParam
from campaigns.campaigns.verbs import is_id
from campaigns.refusals import NotFoundError
from campaigns.visits import verbs
from contracts.text import Trimmed
from servicekit.http.declared_queries import ANY_QUERY
from servicekit.postgres.pool import connection, transaction

# Networks add their own parameters to links. No shopper should see an error for that, and none of
# them restricts anything.
router = APIRouter(prefix="/go", tags=["links"])

CUSTOMER: Final = "Who looks: 1 to 200 characters. Anything else is nobody, and no error."
_id: Final = TypeAdapter[str](Trimmed)


def _linked(campaign: str) -> str:
    # Before a database is asked: strangers make ids up for nothing.
    if not is_id(campaign):
        raise NotFoundError("campaign", campaign)
    return campaign


LinkedCampaign = Annotated[PathParam, AfterValidator(_linked)]


async def _owner(campaign: LinkedCampaign, deps: Deps) -> str:
    project_id = await deps.owners.of(campaign)
    if project_id is None:
        raise NotFoundError("campaign", campaign)
    return project_id


Owner = Annotated[str, Depends(_owner)]


@router.get("/{campaign}", status_code=302, response_class=Response, openapi_extra=ANY_QUERY)
async def follow_link(
    campaign: LinkedCampaign,
    project_id: Owner,
    deps: Deps,
    customer: Annotated[str | None, Query(description=CUSTOMER)] = None,
) -> Response:
    """Send a shopper to the landing page, and count the look."""
    async with deps.links.entered() as pool, transaction(pool) as conn:
        deal = await verbs.find(conn, project_id, campaign)
        visit_id = await verbs.record(conn, deal, deps.customer_key, _customer(customer))
    return _redirect(deal.url(visit_id))


@router.head("/{campaign}", status_code=302, response_class=Response, openapi_extra=ANY_QUERY)
async def look_at_link(campaign: LinkedCampaign, project_id: Owner, deps: Deps) -> Response:
    """Say where the link leads, to those who check links or show previews; no look is counted."""
    async with deps.links.entered() as pool, connection(pool) as conn:
        deal = await verbs.find(conn, project_id, campaign)
    return _redirect(deal.url())


def _customer(sent: str | None) -> str | None:
    # The same customer as a redemption's, whatever was pasted around the id.
    try:
        return _id.validate_python(sent)
    except ValidationError:
        return None


def _redirect(url: str) -> Response:
    # Not RedirectResponse, which quotes the URL anew. No cache may swallow the next look.
    return Response(None, 302, {"Location": url, "Cache-Control": "no-store"})
