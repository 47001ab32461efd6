"""Accepting an invitation."""

from typing import Any, Final

from starlette.responses import Response

from console.api.client import segment
from console.api.refusals import NOT_FOUND, RefusedError
from console.design.words import say
from console.web import signing_in
from console.web.pages import Page
from console.web.visit import Visit

UNAUTHORIZED: Final = 401
FIELDS: Final = ("name", "password")


async def show(visit: Visit) -> Response:
    asking = signing_in.api(visit.deps.client, visit.request)
    # There is none where it is unknown, used, withdrawn or too old: nobody is told which.
    invitation = await asking.find(_path(visit))
    status = NOT_FOUND if invitation is None else None
    title = say("invite.gone_title") if invitation is None else say("invite.title")
    return visit.page("pages/invite/page.html", invitation, title=title, status=status)


async def accept(visit: Visit) -> Response:
    asking = signing_in.api(visit.deps.client, visit.request)
    given = {name: visit.form.text(name) for name in FIELDS}
    body = {name: value for name, value in given.items() if value is not None}
    try:
        made: dict[str, Any] = await asking.post(_path(visit) + "/accept", body)
    except RefusedError as error:
        if error.status != UNAUTHORIZED:
            raise
        wrong = visit.form.wrong(password=signing_in.fault(error))
        return await show(visit.with_form(wrong))
    return signing_in.let_in(visit.redirect("/"), made["secret"])


def _path(visit: Visit) -> str:
    return f"/v1/invitations/{segment(visit.named('invitation'))}"


PAGES: Final = (Page("/invite/{invitation}", show, accept, is_open=True),)
