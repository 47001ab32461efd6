"""A partner made and edited."""

from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/p/{project}/partners"
FIELDS: Final = ("name", "contact", "deal_url", "landing_url", "contract_notes")


async def new(visit: Visit) -> Response:
    visit.query(())
    return visit.page("pages/partner_form/page.html", None, title=say("partner_form.new"))


async def create(visit: Visit) -> Response:
    made = await visit.api.post("/v1/partners", _typed(visit), key=visit.form.key)
    notice = Notice("ok", say("partner_form.created", name=made["name"]))
    return visit.redirect(visit.path("partners", made["id"]), notice)


async def edit(visit: Visit) -> Response:
    visit.query(())
    partner: dict[str, Any] = await visit.api.get(_of_api(visit))
    form = visit.form.starting({name: partner[name] for name in FIELDS}, partner["version"])
    title = say("partner_form.edit", name=partner["name"])
    return visit.with_form(form).page("pages/partner_form/page.html", partner, title=title)


async def save(visit: Visit) -> Response:
    body: dict[str, Any] = _typed(visit)
    if (version := visit.form.read_version) is not None:
        body["version"] = version
    saved = await visit.api.put(_of_api(visit), body)
    notice = Notice("ok", say("partner_form.saved", name=saved["name"]))
    return visit.redirect(visit.path("partners", saved["id"]), notice)


def _typed(visit: Visit) -> dict[str, Any]:
    return {"name": visit.form.one("name")} | {n: visit.form.text(n) for n in FIELDS[1:]}


def _of_api(visit: Visit) -> str:
    return f"/v1/partners/{segment(visit.named('partner'))}"


PAGES: Final = (
    Page(f"{PLACE}/new", new, create, section="partners", scope="campaigns"),
    Page(PLACE + "/{partner}/edit", edit, save, section="partners", scope="campaigns"),
)
