"""A campaign made, copied and edited on one page, with a preview that follows what is typed."""

from typing import Any, Final

from starlette.responses import Response

from console import query
from console.api.client import Query, segment
from console.api.refusals import RefusedError
from console.design.parts import Option
from console.design.words import say
from console.pages.campaign_form import filled, typed
from console.pages.campaign_form import view as shown
from console.pages.campaign_form.typed import PER_CODE, PUBLIC, UNIQUE
from console.web import (
    applicable,
    defined,
    discount_fields,
    limit_rows,
    publishing,
    rule_choice,
    window_fields,
)
from console.web.forms import Form
from console.web.frame import Notice
from console.web.pages import Page
from console.web.terms import Typed
from console.web.visit import Visit

PREVIEW: Final = "preview"
NAMES: Final = (query.text("copy"), query.text("partner"))
OFFERED: Final = 100  # by the list of a field; any other name can be typed


async def new(visit: Visit) -> Response:
    """Show the form empty, for a partner (`?partner=`), or as a copy (`?copy=`)."""
    asks = visit.query(NAMES)
    initial: dict[str, Any] = dict(filled.EMPTY)
    if copied := asks.one("copy"):
        found = await visit.api.get(f"/v1/campaigns/{segment(copied)}")
        initial |= filled.copied(found, _reading(visit))
    if partner := asks.one("partner"):
        initial["partner"] = (await visit.api.get(f"/v1/partners/{segment(partner)}"))["name"]
    return await _page(visit.with_form(visit.form.starting(initial)), None)


async def create(visit: Visit) -> Response:
    reading = _reading(visit)
    body = typed.campaign(reading, await _partner_id(visit, reading))
    if reading.faults:
        return await new(visit.with_form(visit.form.wrong(None, **reading.faults)))
    campaign = await visit.api.post("/v1/campaigns", body, key=visit.form.key)
    notice = shown.created(campaign["name"], body.get("vouchers_count"), visit.path("jobs"))
    if visit.form.one("codes") == PUBLIC:
        notice = await _with_public_code(visit, campaign) or notice
    return visit.redirect(visit.path("campaigns", campaign["id"]), notice)


async def _with_public_code(visit: Visit, campaign: Any) -> Notice | None:
    """Add the code that all shoppers share; the campaign stays where that is refused."""
    code = visit.form.text("public_code") or ""
    path = f"/v1/campaigns/{segment(campaign['id'])}/vouchers/{segment(code)}"
    try:
        await visit.api.post(path, {})  # it redeems as often as the campaign says
    except RefusedError as error:
        said = error.details or error.message
        return Notice("bad", say("campaign_form.created_without", name=campaign["name"], why=said))
    return None


async def edit(visit: Visit) -> Response:
    campaign = await visit.api.get(f"/v1/campaigns/{segment(visit.named('campaign'))}")
    initial = filled.values(campaign, _reading(visit))
    return await _page(visit.with_form(visit.form.starting(initial, campaign["version"])), campaign)


async def save(visit: Visit) -> Response:
    reading = _reading(visit)
    body = typed.changes(reading)
    if reading.faults:
        return await edit(visit.with_form(visit.form.wrong(None, **reading.faults)))
    if (version := visit.form.read_version) is not None:
        body["version"] = version
    path = f"/v1/campaigns/{segment(visit.named('campaign'))}"
    campaign = await visit.api.put(path, body)
    notice = Notice("ok", say("campaign_form.saved", name=campaign["name"]))
    return visit.redirect(visit.path("campaigns", campaign["id"]), notice)


async def preview(visit: Visit) -> Response:
    """Answer with the preview alone, as somebody types; without script with all of the form."""
    of = visit.form.one("of")
    campaign = await visit.api.get(f"/v1/campaigns/{segment(of)}") if of else None
    return await _page(visit, campaign)


async def _page(visit: Visit, campaign: Any) -> Response:
    visit = visit.with_form(_compacted(visit.form))
    form, project = visit.form, visit.project
    is_edit = campaign is not None
    place = (campaign["id"], "edit") if is_edit else ("new",)
    choices = visit.fragment != PREVIEW  # which the preview alone has no use for
    names = await defined.names(visit, rule_choice.KIND) if choices else {}
    collections = await defined.names(visit, defined.COLLECTIONS) if choices else {}
    view = shown.View(
        campaign=campaign,
        action=visit.path("campaigns", *place),
        preview_action=visit.path("campaigns", "preview"),
        cancel=visit.path("campaigns", campaign["id"]) if is_edit else visit.path("campaigns"),
        currency=project.currency,
        zone=visit.zone.key,
        discount=discount_fields.shown(form, project.currency),
        applicable=applicable.shown(form, collections),
        kinds=shown.kinds(form),
        partners=await _names(visit, "partners") if choices else (),
        categories=await _names(visit, "categories") if choices else (),
        channels=shown.options(shown.CHANNELS),
        charsets=shown.charsets(form),
        limits=limit_rows.shown(form, project.currency),
        windows=window_fields.shown(form),
        lasting=publishing.units(form),
        rules=rule_choice.shown(form, names),
        wanted=await defined.kept(visit, rule_choice.chosen(form)),
        preview=await _previewed(visit, is_edit=is_edit),
    )
    title = (
        say("campaign_form.edit", name=campaign["name"]) if is_edit else say("campaign_form.new")
    )
    return visit.page("pages/campaign_form/page.html", view, title=title)


async def _previewed(visit: Visit, *, is_edit: bool) -> shown.Preview:
    """Ask what the fields come to; what cannot be read yet is left out."""
    reading = _reading(visit)
    body = typed.draft(reading, is_edit=is_edit)
    per_code = body["voucher"]["redemption"]
    for name in reading.faults:
        typed.leave_out(body, name)
    sample = reading.amount("sample_order")
    asked = body | ({} if sample is None else {"sample_order_minor": sample})
    answer = await visit.api.post("/v1/campaigns/preview", asked)
    uses = () if PER_CODE in reading.faults else shown.uses(per_code)
    bound = shown.no_bound(per_code, of_codes=is_edit)
    draws_codes = visit.form.one("codes") in ("", UNIQUE)
    return shown.preview(answer, visit.zone, uses, bound, draws_codes=draws_codes)


def _reading(visit: Visit) -> Typed:
    return Typed(_compacted(visit.form), visit.project.currency, visit.zone)


def _compacted(form: Form) -> Form:
    """Let rows have the places in the form that they have in the body of the API."""
    return discount_fields.compacted(limit_rows.compacted(window_fields.compacted(form)))


async def _partner_id(visit: Visit, reading: Typed) -> str | None:
    """Find the partner that was typed; none means the campaign is nobody's in particular."""
    name = visit.form.text("partner")
    if name is None:
        return None
    answer = await visit.api.get("/v1/partners", {"text": name, "limit": OFFERED})
    found = next((each for each in answer["partners"] if each["name"] == name), None)
    if found is None:
        reading.faults["partner"] = say("campaign_form.no_partner", name=name)
        return None
    return str(found["id"])


async def _names(visit: Visit, kind: str) -> tuple[Option, ...]:
    asked: Query = {"limit": OFFERED, "order": "name"} if kind == "partners" else {}
    answer = await visit.api.get(f"/v1/{kind}", asked)
    return shown.options([each["name"] for each in answer[answer["data_ref"]]])


PAGES: Final = (
    Page("/p/{project}/campaigns/new", new, create, section="campaigns", scope="campaigns"),
    Page(
        "/p/{project}/campaigns/preview",
        save=preview,
        section="campaigns",
        scope="campaigns",
        asks=True,
    ),
    Page(
        "/p/{project}/campaigns/{campaign}/edit", edit, save, section="campaigns", scope="campaigns"
    ),
)
