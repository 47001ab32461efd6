"""Leads to what was searched: a code by one look-up, else campaigns, else codes that contain it."""

from typing import Final

from starlette.responses import Response

from console import query
from console.api.client import segment
from console.api.refusals import RefusedError
from console.web.pages import Page
from console.web.visit import Visit, address

NOT_FOUND: Final = 404
NAMES: Final = (query.text("q"),)


async def search(visit: Visit) -> Response:
    wanted = visit.query(NAMES).one("q")
    if not wanted:
        return visit.redirect(visit.path("codes"))
    try:
        code = await visit.api.get(f"/v1/vouchers/{segment(wanted)}")
    except RefusedError as error:
        if error.status != NOT_FOUND:
            raise
    else:
        return visit.redirect(visit.path("codes", code["code"]))
    found = await visit.api.get("/v1/campaigns", {"search": wanted, "limit": 1})
    section = "campaigns" if found["campaigns"] else "codes"
    return visit.redirect(address(visit.path(section), {"q": wanted, "status": "all"}))


PAGES: Final = (Page("/p/{project}/search", search, section="codes", scope="campaigns_read"),)
