"""A list's columns, kept for who looks at it, or as everybody's again."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from console.design.words import say
from console.web.frame import Notice
from console.web.outcomes import NotFoundError
from console.web.pages import Page
from console.web.visit import Visit

LISTS: Final = frozenset(("campaigns", "codes", "partners"))


async def keep(visit: Visit) -> Response:
    """Keep the columns that the list has now; without any it has the usual ones again."""
    name = visit.named("list")
    if name not in LISTS:
        raise NotFoundError
    kept = {each: list(columns) for each, columns in visit.person.columns.items() if each != name}
    if chosen := visit.form.many("cols"):
        kept[name] = list(chosen)
    await visit.own.put("/v1/account", {"preferences": {"columns": kept}})
    visit.deps.sessions.forget(visit.secret)
    said = "browsing.columns_kept" if chosen else "browsing.columns_usual"
    return visit.redirect(without_columns(visit.back), Notice("ok", say(said)))


def without_columns(view: str) -> str:
    """Return the address of a view with the columns that its reader likes."""
    path, _, asked = view.partition("?")
    rest = [pair for pair in parse_qsl(asked) if pair[0] != "cols"]
    return f"{path}?{urlencode(rest)}" if rest else path


PAGES: Final = (Page("/account/columns/{list}", save=keep),)
