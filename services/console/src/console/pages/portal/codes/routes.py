"""The partner's codes."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response

from console.design.words import say
from console.pages.portal.codes.view import NAMES, asked, view
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/portal/{project}/codes"
SCOPE: Final = "portal"
DEALS: Final = 100  # to filter by


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    rows = {"limit": asks.one("limit"), "cursor": asks.one("after") or None}
    answer, deals = await asyncio.gather(
        visit.api.get("/v1/portal/codes", asked(asks) | rows),
        visit.api.get("/v1/portal/deals", {"limit": DEALS}),
    )
    shown = view(
        asks,
        answer,
        deals,
        visit.project.currency,
        now=datetime.now(UTC),
        zone=visit.zone,
    )
    return visit.page("pages/portal/codes/page.html", shown, title=say("portal.codes"))


async def export(visit: Visit) -> Response:
    wanted = asked(visit.query(NAMES)) | {"format": "csv"}  # this list goes by no Accept
    return await visit.csv("/v1/portal/codes", wanted, "codes")


PAGES: Final = (
    Page(PLACE, show, section="portal_codes", scope=SCOPE),
    Page(f"{PLACE}.csv", export, scope=SCOPE),
)
