"""The list of campaigns: by any filter, in any order, as pages or as CSV."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response

from console.design.words import say
from console.pages.campaigns.view import COLUMNS, NAMES, USUAL, view
from console.web import columns, filters
from console.web.browsing import Answers, Reader
from console.web.pages import Page
from console.web.visit import ElsewhereError, Visit

PLACE: Final = "/p/{project}/campaigns"
OFFERED: Final = 100


async def show(visit: Visit) -> Response:
    usual = columns.usual(visit.person.columns.get("campaigns", ()), COLUMNS, USUAL)
    asks, now = visit.query(NAMES), datetime.now(UTC)
    if set(asks.many("cols")) == set(usual):  # the same view has the same address
        raise ElsewhereError(visit.path("campaigns") + asks.changed("cols").written())
    wanted = filters.asked(asks, visit.zone, now)
    answer, counts, partners, categories = await asyncio.gather(
        visit.api.get("/v1/campaigns", wanted | filters.place(asks)),
        visit.api.get("/v1/campaigns/counts", filters.of_counts(wanted)),
        visit.api.get("/v1/partners", {"limit": OFFERED, "order": "name"}),
        visit.api.get("/v1/categories"),
    )
    answers = Answers(wanted, answer, counts, partners["partners"], categories["data"])
    shown = view(asks, answers, Reader(now, visit.zone, visit.project.currency, usual))
    page = asks.one("page")
    title = say("campaigns.title") if page == "1" else say("campaigns.title_page", page=page)
    return visit.page("pages/campaigns/page.html", shown, title=title)


async def export(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    wanted = filters.asked(asks, visit.zone, datetime.now(UTC))
    return await visit.csv("/v1/campaigns", wanted, "campaigns")


PAGES: Final = (
    Page(PLACE, show, section="campaigns", scope="campaigns_read"),
    Page(f"{PLACE}.csv", export, scope="campaigns_read"),
)
