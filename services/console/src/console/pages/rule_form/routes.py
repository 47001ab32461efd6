"""A rule made and edited."""

from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.rule_form import filled, typed
from console.pages.rule_form import view as shown
from console.pages.rule_form.view import View
from console.web import defined, rules
from console.web.conditions import Reader
from console.web.frame import Notice
from console.web.pages import Page
from console.web.terms import Typed
from console.web.visit import Visit

PLACE: Final = "/p/{project}/rules"


async def new(visit: Visit) -> Response:
    visit.query(())
    return await _page(_placed(visit), None, is_said=True)


async def create(visit: Visit) -> Response:
    reading = _reading(visit)
    body = typed.body(reading)
    if reading.faults:
        return await new(visit.with_form(visit.form.wrong(None, **reading.faults)))
    made = await visit.api.post("/v1/validation-rules", body, key=visit.form.key)
    notice = Notice("ok", say("rule_form.created", name=made["name"]))
    return visit.redirect(visit.path("rules", made["id"]), notice)


async def edit(visit: Visit) -> Response:
    visit.query(())
    stored: dict[str, Any] = await visit.api.get(_of_api(visit))
    initial = filled.values(stored, visit.project.currency)
    is_said = filled.is_said(stored, _reading(visit))
    visit = visit.with_form(visit.form.starting(initial, stored["version"]))
    return await _page(_placed(visit), stored, is_said=is_said)


async def save(visit: Visit) -> Response:
    stored = await visit.api.get(_of_api(visit))
    reading = _reading(visit)
    body = typed.body(reading)
    if not filled.is_said(stored, reading):  # what it asks was not in the form
        del body["rules"]
    elif reading.faults:
        return await edit(visit.with_form(visit.form.wrong(None, **reading.faults)))
    if (version := visit.form.read_version) is not None:
        body["version"] = version
    saved = await visit.api.put(_of_api(visit), body)
    notice = Notice("ok", say("rule_form.saved", name=saved["name"]))
    return visit.redirect(visit.path("rules", saved["id"]), notice)


async def draft(visit: Visit) -> Response:
    """Show the form with the fields that follow from what is chosen; nothing is sent.

    Rows stay where they are: one of them may be all that is drawn anew.
    """
    of = visit.form.one("of")
    stored = await visit.api.get(f"/v1/validation-rules/{segment(of)}") if of else None
    return await _page(visit, stored, is_said=True)


async def _page(visit: Visit, stored: dict[str, Any] | None, *, is_said: bool) -> Response:
    form, reader = visit.form, await defined.reader(visit)
    view = View(
        rule=stored,
        together=shown.together(form),
        groups=shown.groups(form, reader),
        sentence=_sentence(visit, stored, reader, is_said=is_said),
        is_said=is_said,
        used=shown.used(stored),
    )
    title = say("rule_form.new") if stored is None else say("rule_form.edit", name=stored["name"])
    return visit.page("pages/rule_form/page.html", view, title=title)


def _sentence(visit: Visit, stored: dict[str, Any] | None, reader: Reader, *, is_said: bool) -> str:
    """Write what the rows come to, as far as they can be read; else what is stored."""
    if stored is not None and not is_said:
        return rules.sentence(stored, reader)
    reading = _reading(visit)
    found = typed.rules(reading)
    return "" if reading.faults else rules.sentence({"rules": found}, reader)


def _placed(visit: Visit) -> Visit:
    """Let rows have the places in the form that they have where they are sent."""
    return visit.with_form(typed.placed(typed.compacted(visit.form)))


def _reading(visit: Visit) -> Typed:
    return Typed(typed.compacted(visit.form), visit.project.currency, visit.zone)


def _of_api(visit: Visit) -> str:
    return f"/v1/validation-rules/{segment(visit.named('rule'))}"


PAGES: Final = (
    Page(f"{PLACE}/new", new, create, section="rules", scope="campaigns"),
    Page(f"{PLACE}/draft", save=draft, section="rules", scope="campaigns", asks=True),
    Page(PLACE + "/{rule}/edit", edit, save, section="rules", scope="campaigns"),
)
