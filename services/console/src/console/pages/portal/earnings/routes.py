"""What the partner earned."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response

from console.api.refusals import OutageError
from console.design.words import say
from console.pages.portal.earnings.view import NAMES, Reports, View, view
from console.web.pages import Page
from console.web.period import Picked, picked
from console.web.visit import Visit

PLACE: Final = "/portal/{project}/earnings"
REPORTS: Final = "/v1/reports/portal"
SCOPE: Final = "portal"


async def show(visit: Visit) -> Response:
    wanted = _picked(visit)
    shown: View = view(wanted, await _reports(visit, wanted), visit.project.currency)
    return visit.page("pages/portal/earnings/page.html", shown, title=say("portal.earnings"))


async def export(visit: Visit) -> Response:
    wanted = _picked(visit)
    return await visit.csv(
        f"{REPORTS}/redemptions", wanted.asked(), "earnings", wanted.in_file_name
    )


def _picked(visit: Visit) -> Picked:
    return picked(visit.query(NAMES), datetime.now(UTC), visit.zone)


async def _reports(visit: Visit, wanted: Picked) -> Reports | None:
    asks = wanted.asks
    rows = {"limit": asks.one("limit"), "cursor": asks.one("after") or None}
    try:
        series, sales = await asyncio.gather(
            visit.api.get(f"{REPORTS}/timeseries", wanted.with_sums()),
            visit.api.get(f"{REPORTS}/redemptions", wanted.asked() | rows),
        )
    except OutageError:
        return None
    return Reports(series, sales)


PAGES: Final = (
    Page(PLACE, show, section="earnings", scope=SCOPE),
    Page(f"{PLACE}.csv", export, scope=SCOPE),
)
