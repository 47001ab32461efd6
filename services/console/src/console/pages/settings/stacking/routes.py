"""The stacking rules of a project."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from console.design.words import say
from console.pages.settings.stacking import typed
from console.pages.settings.stacking.view import view
from console.pages.settings.tabs import tabs
from console.web.frame import Notice
from console.web.pages import Page
from console.web.terms import Typed
from console.web.visit import Visit

PLACE: Final = "/p/{project}/settings/stacking"
RULES: Final = "/v1/project/stacking-rules"


async def show(visit: Visit) -> Response:
    visit.query(())
    rules: dict[str, Any] = await visit.api.get(RULES)
    categories = await _categories(visit)
    visit = visit.with_form(visit.form.starting(typed.filled(rules), rules["version"]))
    shown = view(tabs(visit, "stacking"), rules, categories, visit.form)
    return visit.page("pages/settings/stacking/page.html", shown, title=say("stacking.title"))


async def save(visit: Visit) -> Response:
    reading = Typed(visit.form, visit.project.currency, visit.zone)
    body = typed.body(reading, list(await _categories(visit)))
    if reading.faults:
        return await show(visit.with_form(visit.form.wrong(None, **reading.faults)))
    version = typed.version(visit.form, await visit.api.get(RULES))
    if version is not None:
        body["version"] = version
    await visit.api.put(RULES, body)
    return visit.redirect(visit.path("settings", "stacking"), Notice("ok", say("stacking.saved")))


async def reset(visit: Visit) -> Response:
    """Let the usual rules hold again."""
    await visit.api.delete(RULES)
    return visit.redirect(visit.path("settings", "stacking"), Notice("ok", say("stacking.reset")))


async def _categories(visit: Visit) -> Mapping[str, str]:
    answer = await visit.api.get("/v1/categories")
    return {each["id"]: each["name"] for each in answer[answer["data_ref"]]}


PAGES: Final = (
    Page(PLACE, show, save, section="settings", scope="settings"),
    Page(f"{PLACE}/reset", save=reset, section="settings", scope="settings"),
)
