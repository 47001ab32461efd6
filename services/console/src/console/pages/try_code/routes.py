"""Asks for a forecast of codes. By GET: nothing is spent, and whoever asks why can be sent a link.

A customer stands in the address as in that of the list of redemptions: it is the shop's own id.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from console.api.refusals import RefusedError
from console.design.words import say
from console.pages.try_code import basket, typed
from console.pages.try_code.view import View, answer, hints, refused
from console.web import defined
from console.web.conditions import Reader
from console.web.cures import Cure, rule
from console.web.pages import Page
from console.web.visit import Visit
from console.web.whose import ways_out

FORBIDDEN: Final = 403
TOO_MANY: Final = 429


async def show(visit: Visit) -> Response:
    asks, project = visit.query(typed.NAMES), visit.project
    form = typed.form(asks, visit.form)
    body, faults = typed.body(form, project.currency, visit.zone)
    shown = None
    if faults:
        form = form.wrong(**faults)
    elif body is not None:
        try:
            told = await visit.api.post("/v1/validations", body)
        except RefusedError as error:
            if error.status == FORBIDDEN:
                raise
            is_guessing = error.status == TOO_MANY
            form = form.wrong(say("try_code.too_many")) if is_guessing else form.refused(error)
        else:
            ways = await _ways_out(visit, refused(told))
            segments = await defined.segments_in(visit, hints(told))
            reader = Reader(project.currency, visit.zone, segments)
            shown = answer(told, body.get("at"), reader, ways)
    view = View(project.currency, visit.zone.key, basket.shown(form), typed.has_more(form), shown)
    title = say("try_code.title")
    return visit.with_form(form).page("pages/try_code/page.html", view, title=title)


async def _ways_out(visit: Visit, code: Mapping[str, Any] | None) -> Sequence[Cure]:
    if code is None:
        return ()
    error = code["result"]["error"]
    violated = rule(error.get("would_pass") or {})
    return await ways_out(visit, error["key"], code["id"], code["campaign_id"], rule=violated)


PAGES: Final = (Page("/p/{project}/try", show, section="try_code", scope="redemptions_read"),)
