"""The dashboard of a project. Its figures and its newest attempts refresh by themselves."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console.api.refusals import OutageError
from console.design.words import say
from console.pages.dashboard import view as shown
from console.pages.dashboard.view import NAMES, Attention, Reports, View
from console.web.pages import Page
from console.web.period import Picked, picked, picker
from console.web.visit import Visit

RECENT: Final = "recent"  # the parts that are asked for alone: blocks of page.html
FIGURES: Final = "figures"
ENDING: Final = shown.ENDING_DAYS

Answer = Mapping[str, Any]


async def show(visit: Visit) -> Response:
    now = datetime.now(UTC)
    wanted = picked(visit.query(NAMES), now, visit.zone)
    part = visit.fragment
    reports, recent, attention = await asyncio.gather(
        _nothing() if part == RECENT else _reports(visit, wanted),
        _nothing() if part == FIGURES else _recent(visit),
        _nothing() if part in (RECENT, FIGURES) else _attention(visit, now),
    )
    currency, base = visit.project.currency, visit.path()
    view = View(
        picker=picker(wanted, reports.series["grain"] if reports else None),
        attention=None if attention is None else shown.attention(attention, base),
        is_new=attention is not None and not attention.counts["total"],
        earned=None if reports is None else shown.earned(wanted, reports, currency, base),
        recent=None if recent is None else shown.recent(recent, currency),
    )
    return visit.page("pages/dashboard/page.html", view, title=say("dashboard.title"))


async def _nothing() -> None:
    return None


async def _reports(visit: Visit, wanted: Picked) -> Reports | None:
    """Ask what was earned; None while reports are out of reach: the rest of the page stands."""
    get, days = visit.api.get, wanted.asked()
    try:
        series, partners, failures = await asyncio.gather(
            get("/v1/reports/timeseries", wanted.with_sums()),
            get("/v1/reports/partners", days | {"order": "-roi", "limit": shown.PARTNERS}),
            get("/v1/reports/failures", days | {"order": "-refused_minor", "limit": shown.REASONS}),
        )
    except OutageError:
        return None
    return Reports(series, partners, failures)


async def _recent(visit: Visit) -> Answer | None:
    try:
        answer: Answer = await visit.api.get("/v1/reports/recent", {"limit": shown.RECENT})
    except OutageError:
        return None
    return answer


async def _attention(visit: Visit, now: datetime) -> Attention | None:
    get = visit.api.get
    soon: dict[str, str | int] = {
        "status": "live",
        "expiration_date[before]": shown.soon(now),
        "limit": 1,
    }
    try:
        counts, ending, open_switches, refusals = await asyncio.gather(
            get("/v1/campaigns/counts"),
            get("/v1/campaigns", soon),
            get("/v1/campaigns", {"status": "not_enforced", "limit": 1}),
            get("/v1/reports/attention"),
        )
    except OutageError:
        return None
    return Attention(counts, ending["total"], open_switches["total"], refusals["total"])


PAGES: Final = (Page("/p/{project}/", show, section="dashboard", scope="reports"),)
