"""The audit log of a project."""

import asyncio
from typing import Final

from starlette.responses import Response

from console.design.words import say
from console.pages.settings.audit.view import NAMES, SHOWN, actors, asked, view
from console.pages.settings.tabs import tabs
from console.web import defined
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/p/{project}/settings/audit"


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    wanted = asked(asks, visit.zone)
    place = {"limit": SHOWN, "cursor": asks.one("after") or None}
    answer, users, keys = await asyncio.gather(
        visit.api.get("/v1/audit", wanted | place),
        visit.api.get("/v1/users"),
        visit.api.get("/v1/keys"),
    )
    known = actors(users["users"], keys["keys"])
    reader = await defined.historian(visit, answer["data"])
    shown = view(tabs(visit, "audit"), asks, answer, known, reader)
    return visit.page("pages/settings/audit/page.html", shown, title=say("audit.title"))


async def export(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    period = "-".join(filter(None, (asks.one("from"), asks.one("to"))))
    return await visit.csv("/v1/audit", asked(asks, visit.zone), "audit", period)


PAGES: Final = (
    Page(PLACE, show, section="settings", scope="settings"),
    Page(f"{PLACE}.csv", export, scope="settings"),
)
