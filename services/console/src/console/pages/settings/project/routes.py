"""A project's own settings."""

from typing import Any, Final

from starlette.responses import Response

from console.design.words import say
from console.pages.settings.project.view import view
from console.pages.settings.tabs import tabs
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    visit.query(())
    project: dict[str, Any] = await visit.api.get("/v1/project")
    form = visit.form.starting({"name": project["name"], "time_zone": project["time_zone"]})
    return visit.with_form(form).page(
        "pages/settings/project/page.html",
        view(tabs(visit, "project"), project),
        title=say("settings.project_page.title"),
    )


async def save(visit: Visit) -> Response:
    body = {name: visit.form.one(name) for name in ("name", "time_zone")}
    await visit.api.put("/v1/project", body)
    visit.deps.sessions.forget(visit.secret)  # every page shows its zone
    notice = Notice("ok", say("settings.project_page.saved"))
    return visit.redirect(visit.path("settings", "project"), notice)


PAGES: Final = (
    Page("/p/{project}/settings/project", show, save, section="settings", scope="settings"),
)
