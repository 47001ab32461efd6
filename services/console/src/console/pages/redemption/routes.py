"""One attempt, looked up."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.api.refusals import RefusedError
from console.design.words import say
from console.pages.redemption.view import view
from console.web.cures import Cure, cures
from console.web.frame import may
from console.web.pages import Page
from console.web.visit import Visit

NOT_FOUND: Final = 404


async def show(visit: Visit) -> Response:
    visit.query(())
    told = await visit.api.get(f"/v1/redemptions/{segment(visit.named('redemption'))}")
    shown = view(told, visit.zone, await _cures(visit, told))
    key = "accepted" if shown.attempt.is_accepted else "refused"
    title = say(f"redemption.{key}", code=shown.attempt.code)
    return visit.page("pages/redemption/page.html", shown, title=title)


async def _cures(visit: Visit, told: Mapping[str, Any]) -> Sequence[Cure]:
    """Ask whose code it is, where it was refused and somebody may know."""
    if told["result"] == "SUCCESS" or not may(visit.project.scopes, "campaigns_read"):
        return ()
    campaign, partner = await asyncio.gather(
        _found(visit, "campaigns", told["voucher"].get("campaign_id")),
        _found(visit, "partners", told.get("partner_id")),
    )
    may_change = may(visit.project.scopes, "campaigns")
    code = told["voucher"]["code"]
    return cures(
        visit.path(), (told["reason"],), campaign, partner, may_change=may_change, code=code
    )


async def _found(visit: Visit, kind: str, named: str | None) -> dict[str, Any] | None:
    """Ask for what may be gone for ever by now."""
    if not named:
        return None
    try:
        found: dict[str, Any] = await visit.api.get(f"/v1/{kind}/{segment(named)}")
    except RefusedError as error:
        if error.status != NOT_FOUND:
            raise
        return None
    return found


PAGES: Final = (
    Page(
        "/p/{project}/redemptions/{redemption}",
        show,
        section="redemptions",
        scope="redemptions_read",
    ),
)
