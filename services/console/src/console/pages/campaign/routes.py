"""One campaign, and what one does to it."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.api.refusals import OutageError
from console.design.words import say
from console.pages.campaign import view as shown
from console.pages.campaign.earned import REASONS, Reports, earned
from console.pages.campaign.view import View
from console.web import deals, defined, history, offers, sharing, switching
from console.web.frame import Notice
from console.web.pages import Page
from console.web.period import NAMES, Picked, picked
from console.web.visit import Visit

PLACE: Final = "/p/{project}/campaigns/{campaign}"
MAKING: Final = "making"
JOBS: Final = 20


async def show(visit: Visit) -> Response:
    now = datetime.now(UTC)
    wanted = picked(visit.query(NAMES), now, visit.zone)
    campaign = await visit.api.get(_of_api(visit))
    campaign_id, project = campaign["id"], visit.project
    follows = visit.fragment == MAKING  # the codes alone, which are being made
    reports, partner, shares, code, making, rules, collections = await asyncio.gather(
        _no_reports() if follows else _reports(visit, wanted, campaign_id),
        visit.api.get(f"/v1/partners/{segment(campaign['partner_id'])}"),
        visit.api.get(f"/v1/campaigns/{segment(campaign_id)}/shares/counts"),
        _only_code(visit, campaign),
        _making(visit, campaign, now),
        defined.kept(visit, () if follows else campaign["validation_rules"]),
        defined.collections_in(visit, None if follows else campaign["applicable_to"]),
    )
    used, total = campaign["redemptions"], campaign["total_limit"]
    base = visit.path("campaigns", campaign_id)
    failed = f"{visit.path('failures')}?campaign={segment(campaign_id)}"
    view = View(
        campaign=campaign,
        partner=partner,
        note=deals.status_note(campaign, used, total, now, visit.zone),
        offer=offers.offer(campaign["voucher"]["discount"], project.currency),
        tabs=shown.tabs(base, visit.path(), campaign_id, "overview"),
        limits=shown.limits(campaign, reports and reports.pace, now, visit.zone),
        facts=shown.facts(campaign, project.currency, visit.zone, collections),
        rules=rules,
        code=code and code["code"],
        is_spent=shown.is_spent(campaign, code),
        codes=shown.codes(campaign, shares, code and code["code"]),
        link=deals.shop_link(campaign, partner, visit.deps.public),
        earned=None if reports is None else earned(wanted, reports, project.currency, failed),
        shares=shares,
        making=making or 0 if follows else making,
    )
    return visit.page("pages/campaign/page.html", view, title=campaign["name"])


async def show_history(visit: Visit) -> Response:
    wanted = history.asked(visit.query(history.NAMES))
    campaign, answer = await asyncio.gather(
        visit.api.get(_of_api(visit)),
        visit.api.get(f"{_of_api(visit)}/history", wanted),
    )
    base = visit.path("campaigns", campaign["id"])
    view = {
        "campaign": campaign,
        "tabs": shown.tabs(base, visit.path(), campaign["id"], "history"),
        "happenings": history.happenings(
            answer["data"], await defined.historian(visit, answer["data"])
        ),
        "more": answer["more_cursor"],
    }
    return visit.page("pages/campaign/history.html", view, title=campaign["name"])


async def disable(visit: Visit) -> Response:
    return await switching.switch(visit, _of_api(visit), _place(visit), "disable")


async def enable(visit: Visit) -> Response:
    return await switching.switch(visit, _of_api(visit), _place(visit), "enable")


async def delete(visit: Visit) -> Response:
    campaign = await visit.api.get(_of_api(visit))
    return await switching.delete(visit, _of_api(visit), _place(visit), campaign["name"])


async def restore(visit: Visit) -> Response:
    campaign = await visit.api.post(f"{_of_api(visit)}/restore", switching.seen(visit))
    return visit.redirect(
        visit.back, Notice("ok", say("switching.restored", name=campaign["name"]))
    )


async def issue(visit: Visit) -> Response:
    """Begin to make more unique codes: a job."""
    count = visit.form.text("count") or ""
    query = {"vouchers_count": count}
    answer = await visit.api.post(f"{_of_api(visit)}/vouchers", {}, key=visit.form.key, query=query)
    if (job := answer.get("async_action_id")) is not None:
        return visit.redirect(visit.path("jobs", job))
    return visit.redirect(visit.back, Notice("ok", say("campaign.one_issued", code=answer["code"])))


async def share(visit: Visit) -> Response:
    """Let the partner see all codes, or the next so many that nobody was given."""
    if (fault := sharing.superfluous(visit.form).get("quantity")) is not None:
        return visit.redirect(visit.back, Notice("bad", fault))
    wanted = sharing.typed(visit.form)
    made = await visit.api.post(f"{_of_api(visit)}/shares", wanted, key=visit.form.key)
    count = made["codes_count"]
    said = say("campaign.shared_all") if count is None else say("campaign.shared_some", n=count)
    return visit.redirect(visit.back, Notice("ok", said, sharing.undo_of(visit, made)))


async def _reports(visit: Visit, wanted: Picked, campaign_id: str) -> Reports | None:
    """Ask what was earned. The switch must not wait for reports that are out of reach."""
    about = {"campaign_id": campaign_id}
    failing = {**about, **wanted.asked(), "limit": REASONS, "order": "-attempts"}
    try:
        series, failures, paces = await asyncio.gather(
            visit.api.get("/v1/reports/timeseries", about | wanted.with_sums()),
            visit.api.get("/v1/reports/failures", failing),
            visit.api.get("/v1/reports/pace", about),
        )
    except OutageError:
        return None
    return Reports(series, failures, paces["data"][0])


async def _no_reports() -> Reports | None:
    return None


async def _making(visit: Visit, campaign: Any, now: datetime) -> int | None:
    """Count the codes that are being made, where it may be that some are."""
    if not (visit.jobs or visit.fragment == MAKING or shown.is_young(campaign, now)):
        return None
    found = await visit.api.get("/v1/async-actions", {"limit": JOBS})
    return shown.making(found["async_actions"], campaign["id"])


async def _only_code(visit: Visit, campaign: Any) -> dict[str, Any] | None:
    """Return the code of a campaign that has one: as a rule a public one, which is its name."""
    if campaign["vouchers_count"] != 1:
        return None
    found = await visit.api.get("/v1/vouchers", {"campaign_id": campaign["id"], "limit": 1})
    rows = found[found["data_ref"]]
    return rows[0] if rows else None


def _place(visit: Visit) -> str:
    return visit.path("campaigns", visit.named("campaign"))


def _of_api(visit: Visit) -> str:
    return f"/v1/campaigns/{segment(visit.named('campaign'))}"


PAGES: Final = (
    Page(PLACE, show, section="campaigns", scope="campaigns_read"),
    Page(f"{PLACE}/history", show_history, section="campaigns", scope="campaigns_read"),
    Page(f"{PLACE}/disable", save=disable, scope="campaigns"),
    Page(f"{PLACE}/enable", save=enable, scope="campaigns"),
    Page(f"{PLACE}/delete", save=delete, scope="campaigns"),
    Page(f"{PLACE}/restore", save=restore, scope="campaigns"),
    Page(f"{PLACE}/codes", save=issue, scope="campaigns"),
    Page(f"{PLACE}/share", save=share, scope="campaigns"),
)
