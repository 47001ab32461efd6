"""The list of attempts, newest first."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.redemptions.view import NAMES, asked, view
from console.web.pages import Page
from console.web.period import Picked, picked
from console.web.visit import Visit

PLACE: Final = "/p/{project}/redemptions"
SCOPE: Final = "redemptions_read"


async def show(visit: Visit) -> Response:
    wanted = _picked(visit)
    asks = wanted.asks
    after = asks.one("after")
    place = {"cursor": after} if after else {"page": asks.one("page")}
    query = asked(asks, wanted) | {"limit": asks.one("limit")} | place
    answer, labels = await asyncio.gather(
        visit.api.get("/v1/redemptions", query), _labels(visit, wanted)
    )
    page = asks.one("page")
    title = say("redemptions.title") if page == "1" else say("redemptions.title_page", page=page)
    shown = view(wanted, answer, labels, visit.project.currency)
    return visit.page("pages/redemptions/page.html", shown, title=title)


async def export(visit: Visit) -> Response:
    wanted = _picked(visit)
    query = asked(wanted.asks, wanted)
    return await visit.csv("/v1/redemptions", query, "redemptions", wanted.in_file_name)


def _picked(visit: Visit) -> Picked:
    return picked(visit.query(NAMES), datetime.now(UTC), visit.zone)


async def _labels(visit: Visit, wanted: Picked) -> dict[tuple[str, str], str]:
    """Ask what the campaigns and partners that are filtered by are called."""
    named = [(n, each) for n in ("campaign", "partner") for each in wanted.asks.many(n)]
    found = await asyncio.gather(
        *(visit.api.get(f"/v1/{name}s/{segment(each)}") for name, each in named)
    )
    return {key: each["name"] for key, each in zip(named, found, strict=True)}


PAGES: Final = (
    Page(PLACE, show, section="redemptions", scope=SCOPE),
    Page(f"{PLACE}.csv", export, scope=SCOPE),
)
