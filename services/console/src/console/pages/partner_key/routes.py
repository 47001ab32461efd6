"""The key to a partner's feed."""

from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/p/{project}/partners/{partner}/feed-key"


async def show(visit: Visit) -> Response:
    visit.query(())
    return await _page(visit, None)


async def make(visit: Visit) -> Response:
    """Make a key and show it, once; the one before opens nothing a second later."""
    made: dict[str, Any] = await visit.api.post(f"{_of_api(visit)}/feed-key", {})
    return await _page(visit, made)


async def revoke(visit: Visit) -> Response:
    """Take the key away for ever, from who has typed the partner's name."""
    partner = await visit.api.get(_of_api(visit))
    if visit.form.one("typed") != partner["name"]:
        said = say("partner_key.not_typed", name=partner["name"])
        return visit.redirect(_place(visit), Notice("bad", said))
    await visit.api.delete(f"{_of_api(visit)}/feed-key")
    return visit.redirect(_place(visit), Notice("ok", say("partner_key.revoked")))


async def _page(visit: Visit, made: dict[str, Any] | None) -> Response:
    partner = await visit.api.get(_of_api(visit))
    view = {
        "partner": partner,
        "made": made,
        "key": await visit.api.find(f"{_of_api(visit)}/feed-key"),
        "feed": f"{visit.deps.public}/v1/feed",
        "back": visit.path("partners", partner["id"]),
    }
    title = say("partner_key.title", name=partner["name"])
    return visit.page("pages/partner_key/page.html", view, title=title)


def _place(visit: Visit) -> str:
    return visit.path("partners", visit.named("partner"), "feed-key")


def _of_api(visit: Visit) -> str:
    return f"/v1/partners/{segment(visit.named('partner'))}"


PAGES: Final = (
    Page(PLACE, show, make, section="partners", scope="campaigns"),
    Page(f"{PLACE}/revoke", save=revoke, scope="campaigns"),
)
