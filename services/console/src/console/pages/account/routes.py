"""A person's own settings: name, theme, letters, password, and where they are signed in."""

from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.account.view import view
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    visit.query(())
    person = visit.person
    sessions = (await visit.own.get("/v1/sessions"))["sessions"]
    form = visit.form.starting(
        {"name": person.name, "theme": person.theme, "letters": ["on"] if person.letters else []}
    )
    shown = view(person, sessions, form.one("theme"))
    return visit.with_form(form).page("pages/account/page.html", shown, title=say("account.title"))


async def save(visit: Visit) -> Response:
    """Save one of the page's two forms; the API says what of it is wrong."""
    form = visit.form
    body: dict[str, Any]
    if form.one("act") == "password":
        body = {"new_password": form.one("new_password")}
        if visit.person.has_password:
            body["password"] = form.one("password")
    else:
        preferences = {"theme": form.one("theme"), "letters": form.has("letters")}
        body = {"name": form.one("name"), "preferences": preferences}
    await visit.own.put("/v1/account", body)
    visit.deps.sessions.forget(visit.secret)
    said = "account.password_saved" if form.one("act") == "password" else "account.saved"
    return visit.redirect("/account", Notice("ok", say(said)))


async def set_theme(visit: Visit) -> Response:
    theme = visit.form.one("theme")
    await visit.own.put("/v1/account", {"preferences": {"theme": theme}})
    visit.deps.sessions.forget(visit.secret)
    return visit.redirect(visit.back)


async def end_session(visit: Visit) -> Response:
    """Sign out somewhere else; what was open there opens nothing a moment later."""
    await visit.own.delete(f"/v1/sessions/{segment(visit.named('session'))}")
    return visit.redirect("/account", Notice("ok", say("account.session_ended")))


PAGES: Final = (
    Page("/account", show, save),
    Page("/account/theme", save=set_theme),
    Page("/account/sessions/{session}/end", save=end_session),
)
