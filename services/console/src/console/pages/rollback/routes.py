"""Says what a rollback gives back, and asks the API for it once."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from console.api.client import Query, segment
from console.api.refusals import RefusedError
from console.design.words import say
from console.pages.rollback import typed
from console.pages.rollback import view as shown
from console.web.frame import Notice, may
from console.web.pages import Page
from console.web.visit import Visit

MOST_CODES: Final = 100
MISSING: Final = frozenset({403, 404})


async def show(visit: Visit) -> Response:
    visit.query(())
    told = await visit.api.get(f"/v1/redemptions/{segment(visit.named('redemption'))}")
    campaign, together = await asyncio.gather(_campaign(visit, told), _together(visit, told))
    view = shown.view(told, together, campaign, visit.project.currency)
    usual = next((choice.value for choice in view.choices), "")
    visit = visit.with_form(visit.form.starting({"what": usual}))
    title = say("rollback.title", code=told["voucher"]["code"])
    return visit.page("pages/rollback/page.html", view, title=title)


async def save(visit: Visit) -> Response:
    told = await visit.api.get(f"/v1/redemptions/{segment(visit.named('redemption'))}")
    currency = shown.currency_of(told, visit.project.currency)
    items = typed.sent(told["order"])
    body, faults = typed.body(visit.form, currency, visit.zone, items)
    if not faults and "amount" in body:
        faults = shown.too_much(body["amount"], told, await _together(visit, told), currency)
    if faults:
        return await show(visit.with_form(visit.form.wrong(None, **faults)))
    of = _parent(told) if visit.form.one("what") == typed.TOGETHER else told["id"]
    path = f"/v1/redemptions/{segment(of)}/rollbacks"
    answer = await visit.api.post(path, body, key=visit.form.key)
    notice = Notice("ok", shown.done(answer["rollbacks"], currency))
    return visit.redirect(visit.path("redemptions", told["id"]), notice)


async def _campaign(visit: Visit, told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Ask what the campaign gives back, as far as somebody may know."""
    named = told["voucher"].get("campaign_id")
    if not named or not may(visit.project.scopes, "campaigns_read"):
        return None
    try:
        found: Mapping[str, Any] = await visit.api.get(f"/v1/campaigns/{segment(named)}")
    except RefusedError as error:
        if error.status not in MISSING:
            raise
        return None
    return found


async def _together(visit: Visit, told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Ask for the codes of its request, each with its share of the order."""
    asked: Query = {"parent_redemption_id": _parent(told), "limit": MOST_CODES}
    answer = await visit.api.get("/v1/redemptions", asked)
    found: Sequence[Mapping[str, Any]] = answer["redemptions"]
    return found


def _parent(told: Mapping[str, Any]) -> str:
    """Name what the codes of its request have in common."""
    return f"r_{told['request_key']}"


PAGES: Final = (
    Page(
        "/p/{project}/redemptions/{redemption}/rollback",
        show,
        save,
        section="redemptions",
        scope="redemptions",
    ),
)
