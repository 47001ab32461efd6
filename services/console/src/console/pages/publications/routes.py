"""The list of publications, the latest first: of all, of a campaign, a code or a customer."""

from typing import Final

from starlette.responses import Response

from console.design.words import say
from console.pages.publications.view import NAMES, asked, view
from console.web import given
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/p/{project}/publications"


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    answer = await visit.api.get("/v1/publications", asked(asks))
    page = asks.one("page")
    title = say("publications.title") if page == "1" else say("publications.title_page", page=page)
    shown = view(asks, answer, visit.zone)
    return visit.page("pages/publications/page.html", shown, title=title)


async def forget(visit: Visit) -> Response:
    """Forget who was given codes: also a customer whom no order or redemption ever named."""
    customer = visit.form.one("customer")
    if visit.form.one("typed") != customer:
        return visit.redirect(visit.back, Notice("bad", say("publications.not_typed")))
    await given.forget(visit, customer)
    return visit.redirect(visit.back, Notice("ok", say("publications.forgotten")))


PAGES: Final = (
    Page(PLACE, show, section="codes", scope="campaigns_read"),
    Page(f"{PLACE}/forget", save=forget, scope="redemptions"),  # as for erasing a person
)
