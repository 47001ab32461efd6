"""A code made alone or in a campaign, and edited."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from console import query
from console.api.client import segment
from console.design.parts import Option
from console.design.words import say
from console.pages.code_form import typed
from console.web import applicable, defined, discount_fields, limit_rows, rule_choice, window_fields
from console.web.forms import Form
from console.web.frame import Notice
from console.web.limit_rows import Row
from console.web.pages import Page
from console.web.rule_choice import Menus
from console.web.terms import Typed
from console.web.visit import Visit
from console.web.window_fields import Fields

PLACE: Final = "/p/{project}/codes"
NAMES: Final = (query.text("campaign"),)
OFFERED: Final = 100


@dataclass(frozen=True, slots=True)
class View:
    """The form; `code` is None for a new one."""

    code: Any
    action: str
    cancel: str
    currency: str
    zone: str
    discount: discount_fields.Fields
    campaigns: tuple[Option, ...]
    limits: tuple[Row, ...]
    windows: Fields
    rules: Menus
    applicable: applicable.Fields
    categories: tuple[Option, ...]

    @property
    def has_terms(self) -> bool:
        """Say whether terms of its own are asked: a code of a campaign has the campaign's."""
        return self.code is None or bool(self.code["standalone"])


async def new(visit: Visit) -> Response:
    initial = dict(typed.EMPTY)
    if about := visit.query(NAMES).one("campaign"):
        initial["campaign"] = (await visit.api.get(f"/v1/campaigns/{segment(about)}"))["name"]
    answer = await visit.api.get("/v1/campaigns", {"limit": OFFERED, "status": ["live"]})
    names = tuple(Option(each["name"], "") for each in answer["campaigns"])
    return await _page(visit.with_form(visit.form.starting(initial)), None, names)


async def create(visit: Visit) -> Response:
    reading = _reading(visit)
    campaign_id = await _campaign_id(visit, reading)
    body = typed.new(reading, campaign_id)
    if campaign_id is not None and typed.has_own(reading):
        reading.faults["campaign"] = say("code_form.terms_of_campaign")
    if reading.faults:
        return await new(visit.with_form(visit.form.wrong(None, **reading.faults)))
    code = await visit.api.post("/v1/vouchers", body, key=visit.form.key)
    notice = Notice("ok", say("code_form.created", code=code["code"]))
    return visit.redirect(visit.path("codes", code["code"]), notice)


async def edit(visit: Visit) -> Response:
    code = await visit.api.get(_of_api(visit))
    initial = typed.filled(code, _reading(visit))
    return await _page(visit.with_form(visit.form.starting(initial, code["version"])), code, ())


async def save(visit: Visit) -> Response:
    reading = _reading(visit)
    code = await visit.api.get(_of_api(visit))
    body = typed.changes(reading, is_standalone=code["standalone"])
    if reading.faults:
        return await edit(visit.with_form(visit.form.wrong(None, **reading.faults)))
    body["unset_metadata_fields"] = sorted(code["metadata"].keys() - body["metadata"].keys())
    if (version := visit.form.read_version) is not None:
        body["version"] = version
    await visit.api.put(_of_api(visit), body)
    notice = Notice("ok", say("code_form.saved", code=code["code"]))
    return visit.redirect(visit.path("codes", code["code"]), notice)


async def _page(visit: Visit, code: Any, campaigns: tuple[Option, ...]) -> Response:
    visit = visit.with_form(_compacted(visit.form))
    currency = visit.project.currency
    name = code["code"] if code is not None else ""
    view = View(
        code=code,
        action=visit.path("codes", name, "edit") if name else visit.path("codes", "new"),
        cancel=visit.path("codes", name) if name else visit.path("codes"),
        currency=currency,
        zone=visit.zone.key,
        discount=discount_fields.shown(visit.form, currency),
        campaigns=campaigns,
        limits=limit_rows.shown(visit.form, currency),
        windows=window_fields.shown(visit.form),
        applicable=applicable.shown(visit.form, await defined.names(visit, defined.COLLECTIONS)),
        categories=await _categories(visit),
        rules=rule_choice.shown(visit.form, await defined.names(visit, rule_choice.KIND)),
    )
    title = say("code_form.edit", code=name) if name else say("code_form.new")
    return visit.page("pages/code_form/page.html", view, title=title)


async def _categories(visit: Visit) -> tuple[Option, ...]:
    answer = await visit.api.get("/v1/categories")
    return tuple(Option(each["name"], "") for each in answer[answer["data_ref"]])


async def _campaign_id(visit: Visit, reading: Typed) -> str | None:
    """Find the campaign that was typed; none means that the code stands alone."""
    name = visit.form.text("campaign")
    if name is None:
        return None
    answer = await visit.api.get("/v1/campaigns", {"name": name, "limit": 1})
    if not answer["campaigns"]:
        reading.faults["campaign"] = say("code_form.no_campaign", name=name)
        return None
    return str(answer["campaigns"][0]["id"])


def _reading(visit: Visit) -> Typed:
    return Typed(_compacted(visit.form), visit.project.currency, visit.zone)


def _compacted(form: Form) -> Form:
    """Let rows have the places in the form that they have in the body of the API."""
    return discount_fields.compacted(limit_rows.compacted(window_fields.compacted(form)))


def _of_api(visit: Visit) -> str:
    return f"/v1/vouchers/{segment(visit.named('code'))}"


PAGES: Final = (
    Page(f"{PLACE}/new", new, create, section="codes", scope="campaigns"),
    Page(f"{PLACE}/{{code}}/edit", edit, save, section="codes", scope="campaigns"),
)
