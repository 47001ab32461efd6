"""The key to the partner's own feed."""

from typing import Any, Final

from starlette.responses import Response

from console.design.words import say
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/portal/{project}/account"
KEY: Final = "/v1/portal/feed-key"
SCOPE: Final = "portal"


async def show(visit: Visit) -> Response:
    visit.query(())
    return await _page(visit, None)


async def make(visit: Visit) -> Response:
    """Make a key and show it, once; the one before opens nothing a second later."""
    made: dict[str, Any] = await visit.api.post(KEY, {})
    return await _page(visit, made)


async def revoke(visit: Visit) -> Response:
    """Take the key away for ever, from who has typed the partner's name."""
    name, place = (await visit.api.get("/v1/portal"))["partner"]["name"], visit.path("account")
    if visit.form.one("typed") != name:
        return visit.redirect(place, Notice("bad", say("partner_key.not_typed", name=name)))
    await visit.api.delete(KEY)
    return visit.redirect(place, Notice("ok", say("partner_key.revoked")))


async def _page(visit: Visit, made: dict[str, Any] | None) -> Response:
    portal = await visit.api.get("/v1/portal")
    key = portal["feed_key"]
    view = {
        "partner": portal["partner"],
        "key": key if key is not None and key["revoked_at"] is None else None,
        "made": made,
        "feed": f"{visit.deps.public}/v1/feed",
    }
    return visit.page("pages/portal/account/page.html", view, title=say("portal.account"))


PAGES: Final = (
    Page(PLACE, show, make, section="portal_account", scope=SCOPE),
    Page(f"{PLACE}/revoke", save=revoke, section="portal_account", scope=SCOPE),
)
