"""One attempt, looked up."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.redemption.view import view
from console.web import defined
from console.web.cures import Cure, rule
from console.web.pages import Page
from console.web.visit import Visit
from console.web.whose import ways_out


async def show(visit: Visit) -> Response:
    visit.query(())
    told = await visit.api.get(f"/v1/redemptions/{segment(visit.named('redemption'))}")
    segments = await defined.segments_in(visit, [told.get("hint")])
    cures = await _cures(visit, told)
    shown = view(told, visit.zone, visit.project.currency, cures, segments)
    title = say(f"redemption.{shown.attempt.status}", code=shown.attempt.code)
    return visit.page("pages/redemption/page.html", shown, title=title)


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
