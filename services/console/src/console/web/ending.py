"""What a person is shown when a request does not end as it was meant to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.api.refusals import OutageError, RefusedError, SessionEndedError
from console.design.words import say
from console.query import UnknownError
from console.session import cookies
from console.web import forms
from console.web.outcomes import ForbiddenError, ForeignFormError, NotFoundError
from console.web.signing_in import SignIn, kept
from console.web.visit import PRIVATE, ElsewhereError, Visit

log = structlog.get_logger()

UNAUTHORIZED: Final = 401
QUOTED: Final = 100
OF_STATUS: Final = {403: "forbidden", 404: "not_found", 405: "not_found", 413: "too_large"}
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Ending:
    """What the error page says; `way` is where its link leads."""

    key: str
    status: int
    way: str
    names: dict[str, str]


async def ended(visit: Visit, error: Exception, pairs: Pairs) -> Response:
    """Answer a request that has failed, whatever by."""
    if isinstance(error, SessionEndedError):
        return sign_in_first(visit, pairs)
    if isinstance(error, ElsewhereError):
        return visit.redirect(error.path)
    ending = _ending(visit, error)
    if ending.key == "away":
        log.warning("outage", error=str(error))
        return page(visit, ending, {"Retry-After": "1"})
    if ending.key == "failed":
        log.error("request_failed", exc_info=error)
    return page(visit, ending)


def _ending(visit: Visit, error: Exception) -> Ending:
    match error:
        case UnknownError():
            key = "unknown_name" if error.value is None else "unknown_value"
            names = {"name": error.name[:QUOTED], "value": (error.value or "")[:QUOTED]}
            way = visit.request.scope["path"] + error.without
            return Ending(key, 400, way, names)
        case NotFoundError():
            return Ending("not_found", 404, visit.home, {})
        case ForbiddenError():
            return Ending("forbidden", 403, visit.home, {})
        case ForeignFormError():
            return Ending("foreign_form", 403, visit.home, {})
        case RefusedError():
            said = error.details or error.message
            return Ending(
                OF_STATUS.get(error.status, "refused"), error.status, visit.home, {"said": said}
            )
        case OutageError():
            return Ending("away", 503, visit.here, {})
        case HTTPException(status_code=status):
            return Ending(
                OF_STATUS.get(status, "refused"), status, visit.home, {"said": error.detail}
            )
        case _:
            return Ending("failed", 500, visit.here, {})


def sign_in_first(visit: Visit, pairs: Pairs, fault: str | None = None) -> Response:
    """Ask who it is; what was typed waits in the page, and only there."""
    if visit.fragment is not None:  # a part that refreshes itself: its page stays as it is
        return Response(status_code=UNAUTHORIZED, headers=PRIVATE)
    if visit.request.method != "POST":
        asked = "?" + urlencode({"next": visit.here}) if visit.here != "/" else ""
        response = visit.redirect("/signin" + asked)
    else:
        here = visit.request.scope["path"]
        given = dict(pairs)
        view = SignIn(
            here, "", email=given.get("_email", ""), fault=fault, draft=kept(pairs), is_draft=True
        )
        nobody = replace(visit, known_person=None, known_project=None, form=forms.Form())
        response = nobody.page(
            "pages/signin/page.html", view, title=say("signin.title"), status=UNAUTHORIZED
        )
    if visit.secret:
        cookies.take_away(response, cookies.SESSION)
    return response


def page(visit: Visit, ending: Ending, headers: dict[str, str] | None = None) -> Response:
    """Say what has happened, within the frame where it is known whose."""
    if visit.fragment is not None:
        return Response(status_code=ending.status, headers=PRIVATE)
    title = say(f"error.{ending.key}_title")
    visit = replace(visit, form=forms.Form())
    response = visit.page("pages/error/page.html", ending, title=title, status=ending.status)
    response.headers.update(headers or {})
    return response
