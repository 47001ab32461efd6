"""One partner, and what one does to it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.api.refusals import OutageError
from console.design.parts import Tab
from console.design.words import say
from console.format import instants
from console.pages.partner import view as shown
from console.pages.partner.view import NAMES, View
from console.web import history, partners, switching
from console.web.changes import Reader
from console.web.frame import Notice
from console.web.pages import Page
from console.web.period import Picked, picked
from console.web.visit import Visit

PLACE: Final = "/p/{project}/partners/{partner}"
DEALS: Final = 10
LINKS: Final = 100


async def show(visit: Visit) -> Response:
    now = datetime.now(UTC)
    wanted = picked(visit.query(NAMES), now, visit.zone)
    partner = await visit.api.get(_of_api(visit))
    reports, campaigns, feed_key, users, off_since = await asyncio.gather(
        _reports(visit, wanted, partner["id"]),
        _campaigns(visit, partner["id"], DEALS),
        visit.api.find(f"{_of_api(visit)}/feed-key"),
        _users(visit, partner["id"]),
        _off_since(visit, partner),
    )
    currency = visit.project.currency
    view = View(
        partner=partner,
        tabs=_tabs(visit, "overview"),
        deals=shown.shown_deals(
            campaigns["campaigns"],
            partner,
            visit.deps.public,
            currency=currency,
            now=now,
            zone=visit.zone,
        ),
        deal_columns=shown.columns(shown.DEALS),
        total=campaigns["total"],
        feed_key=feed_key,
        users=users,
        earned=None if reports is None else shown.earned(wanted, reports, currency),
        off_since=off_since,
    )
    return visit.page("pages/partner/page.html", view, title=partner["name"])


async def links(visit: Visit) -> Response:
    """Show the ways of shoppers, of each deal that is live or will be, to copy and to print."""
    visit.query(())
    partner = await visit.api.get(_of_api(visit))
    campaigns = await _campaigns(visit, partner["id"], LINKS)
    found = shown.shown_deals(
        campaigns["campaigns"],
        partner,
        visit.deps.public,
        currency=visit.project.currency,
        now=datetime.now(UTC),
        zone=visit.zone,
    )
    view = {"partner": partner, "tabs": _tabs(visit, "links"), "deals": found}
    return visit.page("pages/partner/links.html", view, title=partner["name"])


async def show_history(visit: Visit) -> Response:
    wanted = history.asked(visit.query(history.NAMES))
    partner, answer = await asyncio.gather(
        visit.api.get(_of_api(visit)),
        visit.api.get(f"{_of_api(visit)}/history", wanted),
    )
    view = {
        "partner": partner,
        "tabs": _tabs(visit, "history"),
        "happenings": history.happenings(
            answer["data"], Reader(visit.zone, visit.project.currency)
        ),
        "more": answer["more_cursor"],
    }
    return visit.page("pages/partner/history.html", view, title=partner["name"])


async def disable(visit: Visit) -> Response:
    return await _switch(visit, "disable", undo="enable")


async def enable(visit: Visit) -> Response:
    return await _switch(visit, "enable", undo="disable")


async def _switch(visit: Visit, act: str, undo: str) -> Response:
    """Throw the switch of all that a partner has."""
    try:
        done: dict[str, Any] = await visit.api.post(
            f"{_of_api(visit)}/{act}", switching.seen(visit)
        )
    except OutageError as error:
        return switching.not_enforced(visit, error)
    at = done.get("enforced_at")
    said = say(
        f"partner.{act}d",
        name=done["name"],
        n=done["campaigns"],
        at=instants.exactly_where(at, visit.zone) if at else "",
    )
    back = switching.undo_of(done, f"{_place(visit)}/{undo}")
    return visit.redirect(visit.back, Notice("ok", said, back))


async def _reports(visit: Visit, wanted: Picked, partner_id: str) -> dict[str, Any] | None:
    """Ask what was earned. The switch must not wait for reports that are out of reach."""
    about = {"partner_id": partner_id}
    try:
        found: dict[str, Any] = await visit.api.get(
            "/v1/reports/timeseries", about | wanted.with_sums()
        )
    except OutageError:
        return None
    return found


async def _campaigns(visit: Visit, partner_id: str, limit: int) -> dict[str, Any]:
    asked = {
        "partner_id": [partner_id],
        "status": ["live", "scheduled"],
        "limit": str(limit),
        "order": "-created_at",
    }
    found: dict[str, Any] = await visit.api.get("/v1/campaigns", asked)
    return found


async def _users(visit: Visit, partner_id: str) -> list[dict[str, Any]] | None:
    """Return who signs in as this partner, to who may know."""
    if "settings" not in visit.project.scopes:
        return None
    users = (await visit.api.get("/v1/users"))["users"]
    return [user for user in users if user["partner_id"] == partner_id]


async def _off_since(visit: Visit, partner: Mapping[str, Any]) -> str:
    if partner["active"]:
        return ""
    told = await visit.api.get(f"{_of_api(visit)}/history", {"limit": history.SHOWN})
    return shown.off_since(told["data"], visit.zone)


def _tabs(visit: Visit, current: str) -> tuple[Tab, ...]:
    return partners.tabs(visit, visit.named("partner"), current)


def _place(visit: Visit) -> str:
    return visit.path("partners", visit.named("partner"))


def _of_api(visit: Visit) -> str:
    return f"/v1/partners/{segment(visit.named('partner'))}"


PAGES: Final = (
    Page(PLACE, show, section="partners", scope="campaigns_read"),
    Page(f"{PLACE}/links", links, section="partners", scope="campaigns_read"),
    Page(f"{PLACE}/history", show_history, section="partners", scope="campaigns_read"),
    Page(f"{PLACE}/disable", save=disable, scope="campaigns"),
    Page(f"{PLACE}/enable", save=enable, scope="campaigns"),
)
