"""Refusals, level by level."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.failures import view as shown
from console.pages.failures.view import ATTEMPTS, IN_NONE, NAMES, ROWS
from console.web import defined
from console.web.conditions import Reader
from console.web.cures import cures
from console.web.frame import may
from console.web.pages import Page
from console.web.period import Picked, picked
from console.web.visit import Visit

NAMED: Final = ("campaign", "partner", "segment")
PLACE: Final = "/p/{project}/failures"


async def show(visit: Visit) -> Response:
    wanted = _picked(visit)
    asks = wanted.asks
    single = shown.asked(asks, wanted) | {"limit": ATTEMPTS, "cursor": asks.one("after") or None}
    answer, attempts, named = await asyncio.gather(
        _grouped(visit, wanted),
        visit.api.get("/v1/reports/failures/attempts", single),
        _named(visit, wanted),
    )
    labels = {key: each["name"] for key, each in named.items()}
    labels["segment", IN_NONE] = say("failures.in_none")
    labels["by", shown.SEGMENT] = say("failures.by_segment").lower()
    campaign, partner = (_only(named, asks.many(kind), kind) for kind in ("campaign", "partner"))
    if campaign is not None and partner is None:
        partner = await visit.api.get(f"/v1/partners/{segment(campaign['partner_id'])}")
    ways = cures(
        visit.path(),
        asks.many("reason"),
        campaign,
        partner,
        may_change=may(visit.project.scopes, "campaigns"),
        code=asks.one("code"),
    )
    segments = await defined.segments_in(visit, [each["hint"] for each in attempts["data"]])
    reader = Reader(visit.project.currency, visit.zone, segments)
    view = shown.view(wanted, answer, attempts, labels, ways, reader=reader)
    return visit.page("pages/failures/page.html", view, title=say("failures.title"))


async def export(visit: Visit) -> Response:
    wanted = _picked(visit)
    query = shown.grouped(wanted.asks, wanted)
    return await visit.csv("/v1/reports/failures", query, "failures", wanted.in_file_name)


def _picked(visit: Visit) -> Picked:
    return picked(visit.query(NAMES), datetime.now(UTC), visit.zone)


async def _grouped(visit: Visit, wanted: Picked) -> Any:
    if shown.level(wanted.asks) is None:  # one code: its attempts are all there is
        return None
    query = shown.grouped(wanted.asks, wanted) | {"limit": ROWS}
    return await visit.api.get("/v1/reports/failures", query)


async def _named(visit: Visit, wanted: Picked) -> dict[tuple[str, str], Any]:
    """Ask for the campaigns, partners and segments that are looked at."""
    keys = [(kind, each) for kind in NAMED for each in wanted.asks.many(kind) if each != IN_NONE]
    found = await asyncio.gather(
        *(visit.api.get(f"/v1/{kind}s/{segment(each)}") for kind, each in keys)
    )
    return dict(zip(keys, found, strict=True))


def _only(named: dict[tuple[str, str], Any], chosen: tuple[str, ...], kind: str) -> Any:
    return named[kind, chosen[0]] if len(chosen) == 1 else None


PAGES: Final = (
    Page(PLACE, show, section="failures", scope="reports"),
    Page(f"{PLACE}.csv", export, scope="reports"),
)
