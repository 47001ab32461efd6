"""A person's own settings: theme, letters, password, and where they are signed in."""

from typing import Final

from starlette.responses import Response

from console.web.pages import Page
from console.web.visit import Visit

THEMES: Final = ("system", "light", "dark")


async def set_theme(visit: Visit) -> Response:
    theme = visit.form.one("theme")
    await visit.own.put("/v1/account", {"preferences": {"theme": theme}})
    visit.deps.sessions.forget(visit.secret)
    return visit.redirect(visit.back)


PAGES: Final = (Page("/account/theme", save=set_theme),)
