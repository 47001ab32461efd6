"""The list of codes: by any filter, in any order, as pages or as CSV."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console.design.words import say
from console.pages.codes.view import COLUMNS, NAMES, USUAL, asked, view
from console.web import columns, filters
from console.web.browsing import Answers, Reader
from console.web.pages import Page
from console.web.visit import ElsewhereError, Visit

PLACE: Final = "/p/{project}/codes"
OFFERED: Final = 100


async def show(visit: Visit) -> Response:
    usual = columns.usual(visit.person.columns.get("codes", ()), COLUMNS, USUAL)
    asks, now = visit.query(NAMES), datetime.now(UTC)
    if set(asks.many("cols")) == set(usual):  # the same view has the same address
        raise ElsewhereError(visit.path("codes") + asks.changed("cols").written())
    wanted = asked(asks, visit.zone, now)
    answer, counts, partners, categories, campaigns = await asyncio.gather(
        visit.api.get("/v1/vouchers", wanted | filters.place(asks)),
        visit.api.get("/v1/vouchers/counts", filters.of_counts(wanted)),
        visit.api.get("/v1/partners", {"limit": OFFERED, "order": "name"}),
        visit.api.get("/v1/categories"),
        _campaigns(visit, list(asks.many("campaign"))),
    )
    answers = Answers(wanted, answer, counts, partners["partners"], categories["data"], campaigns)
    shown = view(asks, answers, Reader(now, visit.zone, visit.project.currency, usual))
    page = asks.one("page")
    title = say("codes.title") if page == "1" else say("codes.title_page", page=page)
    return visit.page("pages/codes/page.html", shown, title=title)


async def export(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    return await visit.csv("/v1/vouchers", asked(asks, visit.zone, datetime.now(UTC)), "codes")


async def _campaigns(visit: Visit, ids: list[str]) -> Any:
    """Ask what the campaigns that are filtered by are called."""
    if not ids:
        return ()
    answer = await visit.api.get("/v1/campaigns", {"id": ids, "limit": OFFERED})
    return answer["campaigns"]


PAGES: Final = (
    Page(PLACE, show, section="codes", scope="campaigns_read"),
    Page(f"{PLACE}.csv", export, scope="campaigns_read"),
)
