"""A segment made and edited."""

from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.segment_form import typed
from console.pages.segment_form import view as shown
from console.pages.segment_form.view import View
from console.web import segments
from console.web.conditions import Reader
from console.web.frame import Notice
from console.web.pages import Page
from console.web.segments import STATIC
from console.web.terms import Typed
from console.web.visit import Visit

PLACE: Final = "/p/{project}/segments"
AT_ONCE: Final = 100


async def new(visit: Visit) -> Response:
    visit.query(())
    return _page(_compacted(visit), None, is_said=True)


async def create(visit: Visit) -> Response:
    type_ = STATIC if visit.form.one("type") == STATIC else typed.PASSIVE
    reading = _reading(visit)
    body = {"type": type_} | typed.body(reading, type_)
    if reading.faults:
        return await new(visit.with_form(visit.form.wrong(None, **reading.faults)))
    made = await visit.api.post("/v1/segments", body, key=visit.form.key)
    notice = Notice("ok", say("segment_form.created", name=made["name"]))
    return visit.redirect(visit.path("segments", made["id"]), notice)


async def edit(visit: Visit) -> Response:
    visit.query(())
    stored: dict[str, Any] = await visit.api.get(_of_api(visit))
    initial: dict[str, Any] = {"name": stored["name"]}
    if stored[typed.IN_REPORTS]:
        initial[typed.IN_REPORTS] = "on"
    is_said = True
    if stored["type"] != STATIC:
        initial |= typed.filled(stored["filter"], visit.project.currency)
        is_said = typed.is_said(stored["filter"], _reading(visit))
    elif not shown.is_long(stored):
        initial |= {typed.CUSTOMERS: "\n".join(await _members(visit, stored))}
    form = visit.form.starting(initial, stored["version"])
    return _page(_compacted(visit.with_form(form)), stored, is_said=is_said)


async def save(visit: Visit) -> Response:
    stored = await visit.api.get(_of_api(visit))
    reading = _reading(visit)
    body = typed.body(reading, stored["type"])
    if _is_kept(visit, stored) and not body[typed.CUSTOMERS]:
        del body[typed.CUSTOMERS]
    if stored["type"] != STATIC and not typed.is_said(stored["filter"], reading):
        body, reading = typed.named(visit.form), _reading(visit)
    if reading.faults:
        return await edit(visit.with_form(visit.form.wrong(None, **reading.faults)))
    if (version := visit.form.read_version) is not None:
        body["version"] = version
    saved = await visit.api.put(_of_api(visit), body)
    notice = Notice("ok", say("segment_form.saved", name=saved["name"]))
    return visit.redirect(visit.path("segments", saved["id"]), notice)


async def draft(visit: Visit) -> Response:
    """Show the form with the fields that follow from what is chosen; nothing is sent.

    Rows stay where they are: one of them may be all that is drawn anew.
    """
    of = visit.form.one("of")
    stored = await visit.api.get(f"/v1/segments/{segment(of)}") if of else None
    return _page(visit, stored, is_said=True)


def _page(visit: Visit, stored: dict[str, Any] | None, *, is_said: bool) -> Response:
    form, currency = visit.form, visit.project.currency
    view = View(
        segment=stored,
        kinds=shown.kinds(form),
        junctions=shown.junctions(form),
        rows=shown.fields(form, currency),
        sentence=_sentence(visit, stored, is_said=is_said),
        is_said=is_said,
        is_kept=stored is not None and _is_kept(visit, stored),
    )
    title = (
        say("segment_form.new") if stored is None else say("segment_form.edit", name=stored["name"])
    )
    return visit.page("pages/segment_form/page.html", view, title=title)


def _sentence(visit: Visit, stored: dict[str, Any] | None, *, is_said: bool) -> str:
    """Write what the rows come to, as far as they can be read; else what is stored."""
    reader = Reader(visit.project.currency, visit.zone)
    if stored is not None and not is_said:
        return segments.of_filter(stored["filter"], reader)
    reading = _reading(visit)
    found = typed.filter_of(reading)
    return "" if reading.faults else segments.of_filter(found, reader)


async def _members(visit: Visit, stored: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for page in range(1, -(-stored["customers_count"] // AT_ONCE) + 1):
        place = {"limit": AT_ONCE, "page": page}
        answer = await visit.api.get(f"{_of_api(visit)}/customers", place)
        found += [each["id"] for each in answer[answer["data_ref"]]]
    return found


def _is_kept(visit: Visit, stored: dict[str, Any]) -> bool:
    """Tell whether an empty list keeps the stored one: as it was said when the form was shown."""
    is_list = stored["type"] == STATIC
    return is_list and (visit.form.has(typed.KEPT) or shown.is_long(stored))


def _compacted(visit: Visit) -> Visit:
    """Let rows have the places in the form that they have where they are sent."""
    return visit.with_form(typed.compacted(visit.form))


def _reading(visit: Visit) -> Typed:
    return Typed(typed.compacted(visit.form), visit.project.currency, visit.zone)


def _of_api(visit: Visit) -> str:
    return f"/v1/segments/{segment(visit.named('segment'))}"


PAGES: Final = (
    Page(f"{PLACE}/new", new, create, section="segments", scope="campaigns"),
    Page(f"{PLACE}/draft", save=draft, section="segments", scope="campaigns", asks=True),
    Page(PLACE + "/{segment}/edit", edit, save, section="segments", scope="campaigns"),
)
