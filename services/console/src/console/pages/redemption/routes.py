"""One attempt, looked up."""

from typing import Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.redemption.view import view
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    visit.query(())
    told = await visit.api.get(f"/v1/redemptions/{segment(visit.named('redemption'))}")
    shown = view(told, visit.zone)
    key = "accepted" if shown.attempt.is_accepted else "refused"
    title = say(f"redemption.{key}", code=shown.attempt.code)
    return visit.page("pages/redemption/page.html", shown, title=title)


PAGES: Final = (
    Page(
        "/p/{project}/redemptions/{redemption}",
        show,
        section="redemptions",
        scope="redemptions_read",
    ),
)
