"""One attempt, looked up."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from console.api.client import Query, segment
from console.design.words import say
from console.pages.redemption.view import About, view
from console.web import defined
from console.web.cures import Cure, rule
from console.web.pages import Page
from console.web.visit import Visit
from console.web.whose import ways_out

MOST_CODES: Final = 30


async def show(visit: Visit) -> Response:
    visit.query(())
    told = await visit.api.get(f"/v1/redemptions/{segment(visit.named('redemption'))}")
    cures, about = await asyncio.gather(_cures(visit, told), _about(visit, told))
    shown = view(told, visit.zone, visit.project.currency, cures, about)
    title = say(f"redemption.{shown.attempt.status}", code=shown.attempt.code)
    return visit.page("pages/redemption/page.html", shown, title=title)


async def _about(visit: Visit, told: Mapping[str, Any]) -> About:
    """Look up whose it was, and on which order."""
    named = {"customers": told["customer_id"], "orders": (told["order"] or {}).get("source_id")}
    asked = [
        defined.found(visit, kind, id_) if id_ else defined.nothing() for kind, id_ in named.items()
    ]
    customer, order = await asyncio.gather(*asked)
    segments = await defined.segments_in(visit, [told.get("hint")])
    return About(customer, order, segments, await _codes(visit, told))


async def _codes(visit: Visit, told: Mapping[str, Any]) -> Mapping[str, str]:
    """Name the codes of one request by their redemptions."""
    if not (told.get("related_redemptions") or {}).get("redemptions"):
        return {}
    asked: Query = {"parent_redemption_id": f"r_{told['request_key']}", "limit": MOST_CODES}
    answer = await visit.api.get("/v1/redemptions", asked)
    return {each["id"]: each["voucher"]["code"] for each in answer["redemptions"]}


async def _cures(visit: Visit, told: Mapping[str, Any]) -> Sequence[Cure]:
    if told["result"] == "SUCCESS":  # rollbacks, too
        return ()
    voucher = told["voucher"]
    return await ways_out(
        visit,
        told["reason"],
        voucher["code"],
        voucher.get("campaign_id"),
        told.get("partner_id"),
        rule=rule(told.get("would_pass") or {}),
    )


PAGES: Final = (
    Page(
        "/p/{project}/redemptions/{redemption}",
        show,
        section="redemptions",
        scope="redemptions_read",
    ),
)
