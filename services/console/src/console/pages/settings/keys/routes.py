"""Keys of a project."""

from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.settings.keys import typed
from console.pages.settings.keys.view import new, view
from console.pages.settings.tabs import tabs
from console.web.frame import Notice
from console.web.pages import Page
from console.web.terms import Typed
from console.web.visit import Visit

PLACE: Final = "/p/{project}/settings/keys"


async def show(visit: Visit) -> Response:
    visit.query(())
    keys = (await visit.api.get("/v1/keys"))["keys"]
    return visit.page(
        "pages/settings/keys/page.html",
        view(tabs(visit, "keys"), keys, datetime.now(UTC)),
        title=say("apikeys.title"),
    )


async def form(visit: Visit) -> Response:
    visit.query(())
    shown = new(tabs(visit, "keys"), visit.form.many("scopes"))
    return visit.page("pages/settings/keys/new.html", shown, title=say("apikeys.new_title"))


async def create(visit: Visit) -> Response:
    """Make a key and show it: the one time that its secret is seen."""
    reading = Typed(visit.form, visit.project.currency, visit.zone)
    body = typed.body(reading)
    if reading.faults:
        return await form(visit.with_form(visit.form.wrong(None, **reading.faults)))
    made: dict[str, Any] = await visit.api.post("/v1/keys", body, key=visit.form.key)
    shown = new(tabs(visit, "keys"), (), made)
    return visit.page("pages/settings/keys/new.html", shown, title=say("apikeys.made_title"))


async def revoke(visit: Visit) -> Response:
    """Take a key away for ever, from who has typed its name."""
    app_id = visit.named("key")
    keys = (await visit.api.get("/v1/keys"))["keys"]
    name = next((key["name"] for key in keys if key["app_id"] == app_id), None)
    place = visit.path("settings", "keys")
    if visit.form.one("typed") != name:
        return visit.redirect(place, Notice("bad", say("apikeys.not_typed", name=name or app_id)))
    await visit.api.delete(f"/v1/keys/{segment(app_id)}")
    return visit.redirect(place, Notice("ok", say("apikeys.revoked", name=name)))


PAGES: Final = (
    Page(PLACE, show, section="settings", scope="settings"),
    Page(f"{PLACE}/new", form, create, section="settings", scope="settings"),
    Page(PLACE + "/{key}/revoke", save=revoke, section="settings", scope="settings"),
)
