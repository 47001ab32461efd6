"""Categories of a project."""

from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.parts import Column
from console.design.words import say
from console.pages.settings.tabs import tabs
from console.web.frame import Notice, may
from console.web.pages import Page
from console.web.terms import Typed
from console.web.visit import Visit

PLACE: Final = "/p/{project}/settings/categories"
COLUMNS: Final = ("name", "hierarchy")


async def show(visit: Visit) -> Response:
    visit.query(())
    answer = await visit.api.get("/v1/categories")
    view = {
        "tabs": tabs(visit, "categories") if may(visit.project.scopes, "settings") else (),
        "categories": sorted(answer["data"], key=lambda each: (each["hierarchy"], each["name"])),
        "columns": tuple(
            Column(key, say(f"categories.{key}"), card="title" if key == "name" else "figure")
            for key in COLUMNS
        ),
        "may_change": may(visit.project.scopes, "campaigns"),
    }
    return visit.page("pages/settings/categories/page.html", view, title=say("categories.title"))


async def new(visit: Visit) -> Response:
    visit.query(())
    return visit.page("pages/settings/categories/form.html", None, title=say("categories.new"))


async def create(visit: Visit) -> Response:
    reading = _reading(visit)
    body = _body(reading)
    if reading.faults:
        return await new(visit.with_form(visit.form.wrong(None, **reading.faults)))
    made = await visit.api.post("/v1/categories", body, key=visit.form.key)
    return _done(visit, say("categories.created", name=made["name"]))


async def edit(visit: Visit) -> Response:
    visit.query(())
    category: dict[str, Any] = await visit.api.get(_of_api(visit))
    initial = {"name": category["name"], "hierarchy": str(category["hierarchy"])}
    title = say("categories.edit", name=category["name"])
    visit = visit.with_form(visit.form.starting(initial))
    return visit.page("pages/settings/categories/form.html", category, title=title)


async def save(visit: Visit) -> Response:
    reading = _reading(visit)
    body = _body(reading)
    if reading.faults:
        return await edit(visit.with_form(visit.form.wrong(None, **reading.faults)))
    saved = await visit.api.put(_of_api(visit), body)
    return _done(visit, say("categories.saved", name=saved["name"]))


async def delete(visit: Visit) -> Response:
    category = await visit.api.get(_of_api(visit))
    await visit.api.delete(_of_api(visit))
    return _done(visit, say("categories.deleted", name=category["name"]))


def _body(reading: Typed) -> dict[str, Any]:
    order = reading.whole("hierarchy")
    if order is None:
        reading.faults.setdefault("hierarchy", say("categories.no_hierarchy"))
    return {"name": reading.form.one("name"), "hierarchy": order}


def _reading(visit: Visit) -> Typed:
    return Typed(visit.form, visit.project.currency, visit.zone)


def _done(visit: Visit, said: str) -> Response:
    return visit.redirect(visit.path("settings", "categories"), Notice("ok", said))


def _of_api(visit: Visit) -> str:
    return f"/v1/categories/{segment(visit.named('category'))}"


PAGES: Final = (
    Page(PLACE, show, section="settings", scope="campaigns_read"),
    Page(f"{PLACE}/new", new, create, section="settings", scope="campaigns"),
    Page(PLACE + "/{category}/edit", edit, save, section="settings", scope="campaigns"),
    Page(PLACE + "/{category}/delete", save=delete, section="settings", scope="campaigns"),
)
