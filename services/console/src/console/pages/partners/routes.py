"""The list of partners, with what each earned in a period."""

from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console.api.refusals import OutageError
from console.design.words import say
from console.pages.partners.view import NAMES, asked, view
from console.web.pages import Page
from console.web.period import Picked, picked
from console.web.visit import Visit

MOST_ASKED: Final = 50  # ids in one question to reports


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    wanted = picked(asks, datetime.now(UTC), visit.zone)
    answer = await visit.api.get("/v1/partners", asked(asks))
    earned = await _earned(visit, wanted, [each["id"] for each in answer["partners"]])
    own = visit.person.columns.get("partners", ())
    shown = view(wanted, answer, earned, visit.project.currency, own)
    page = asks.one("page")
    title = say("partners.title") if page == "1" else say("partners.title_page", page=page)
    return visit.page("pages/partners/page.html", shown, title=title)


async def _earned(visit: Visit, wanted: Picked, ids: list[str]) -> list[dict[str, Any]] | None:
    """Ask what these partners earned; the list does without where that is out of reach."""
    found: list[dict[str, Any]] = []
    try:
        for at in range(0, len(ids), MOST_ASKED):
            some = {"partner_id": ids[at : at + MOST_ASKED], "limit": "100"}
            answer = await visit.api.get("/v1/reports/partners", some | wanted.asked())
            found += answer[answer["data_ref"]]
    except OutageError:
        return None
    return found


PAGES: Final = (Page("/p/{project}/partners", show, section="partners", scope="campaigns_read"),)
