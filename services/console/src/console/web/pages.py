"""A page, and how a request reaches it: who asks, where, and whether the form is ours.

`show` answers GET. `save` answers POST; what the API refuses is shown by `show` in the form as it
was typed. A page without `show` is an act, such as a button: it leads back to where it was pressed.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.api.refusals import NOT_FOUND, RefusedError, SessionEndedError
from console.design.words import say
from console.session import cookies
from console.session.people import Person, Project
from console.web import forms, history, in_use, origins, signing_in
from console.web.ending import ended, sign_in_first
from console.web.frame import Notice, may
from console.web.once import Once
from console.web.outcomes import ForbiddenError, NotFoundError
from console.web.visit import Deps, Visit

Handler = Callable[[Visit], Awaitable[Response]]
STAFF: Final = "/p/{project}"
PORTAL: Final = "/portal/{project}"
JOBS_SCOPE: Final = "campaigns_read"
FORBIDDEN: Final = 403
IN_USE: Final = "resource_in_use"
# Sent by who comes back to a form whose session had ended: with a password, or signed in elsewhere.
SIGNS_IN: Final = "_signin"
RESUMES: Final = "_resume"


@dataclass(frozen=True, slots=True)
class Page:
    """One page. Who may see it follows from its path, and from `scope`, which it needs there.

    `is_open`: nobody has to be signed in. `asks`: its POST changes nothing, and is answered anew
    however often it is sent.
    """

    path: str
    show: Handler | None = None
    save: Handler | None = None
    section: str = ""
    scope: str | None = None
    is_open: bool = False
    asks: bool = False


def route(page: Page, deps: Deps, once: Once) -> Route:
    """Make the route of a page."""
    methods = [method for method, handler in (("GET", page.show), ("POST", page.save)) if handler]

    async def endpoint(request: Request) -> Response:
        visit = Visit(deps, request, cookies.get(request, cookies.SESSION), page.section)
        pairs = await _pairs(request)
        try:
            if request.method != "POST":
                visit = await _entered(page, visit)
                return await _show(page, visit.with_form(forms.fresh(_csrf(visit))))
            origins.refuse_foreign(request)
            if SIGNS_IN in dict(pairs):
                return await _come_back(page, visit, pairs, once)
            return await _post(page, await _entered(page, visit), pairs, once)
        except Exception as error:  # noqa: BLE001 - whatever it is, a person is told
            return await ended(visit, error, pairs)

    return Route(page.path, endpoint, methods=methods)


async def _entered(page: Page, visit: Visit) -> Visit:
    """Find out who asks, and whether they may."""
    if page.is_open:
        return visit
    if not visit.secret:
        raise SessionEndedError
    person = await visit.deps.sessions.person(visit.secret, visit.request_id)
    visit = replace(visit, known_person=person)
    if not page.path.startswith((STAFF, PORTAL)):
        return replace(visit, known_project=_usual(person))
    project = person.project(visit.named("project"))
    if project is None:
        raise NotFoundError
    visit = replace(visit, known_project=project)
    if project.is_portal != page.path.startswith(PORTAL):
        raise ForbiddenError
    if page.scope is not None and not may(project.scopes, page.scope):
        raise ForbiddenError
    if project.is_portal or visit.fragment is not None or not may(project.scopes, JOBS_SCOPE):
        return visit
    jobs = await visit.deps.sessions.jobs(visit.secret, project.id, person, visit.request_id)
    return replace(visit, jobs=jobs)


def _usual(person: Person) -> Project | None:
    return person.projects[0] if person.projects else None


async def _show(page: Page, visit: Visit) -> Response:
    if page.show is None:
        raise NotFoundError
    return await page.show(visit)


async def _post(page: Page, visit: Visit, pairs: Sequence[tuple[str, str]], once: Once) -> Response:
    csrf = _csrf(visit)
    given = dict(pairs)
    visit = visit.with_form(forms.sent(pairs, csrf))
    if SIGNS_IN in given or RESUMES in given:  # shown as it was typed, and not sent
        return await _again(page, visit, "signed_in_again")
    if not visit.deps.seals.is_digest("csrf", visit.secret, given.get("csrf", "")):
        return await _again(page, visit, "stale")
    if page.save is None:
        raise NotFoundError
    save, key = (
        page.save,
        visit.deps.seals.digest("once", f"{visit.secret} {visit.here} {visit.form.key}"),
    )
    try:
        if page.asks:
            return await save(visit)
        return await once.answer(key, visit.back, lambda: save(visit))
    except RefusedError as error:
        if error.status == FORBIDDEN:
            raise
        if error.status == NOT_FOUND:
            return await _not_found(page, visit, error)
        if page.show is None:
            return visit.redirect(visit.back, Notice("bad", _refusal(visit, error)))
        return await page.show(visit.with_form(visit.form.refused(error)))


def _refusal(visit: Visit, error: RefusedError) -> str:
    """Say why a button did nothing."""
    if error.key == IN_USE:
        return in_use.said(error.told)
    if error.current is not None:
        return history.overtaken(error.told, visit.zone)
    return error.details or error.message


async def _not_found(page: Page, visit: Visit, error: RefusedError) -> Response:
    """Show the form again where what it names is missing, and not where what it is about is."""
    if page.show is None:
        raise error
    try:
        return await page.show(visit.with_form(visit.form.refused(error)))
    except RefusedError:
        raise error from None


async def _come_back(
    page: Page, visit: Visit, pairs: Sequence[tuple[str, str]], once: Once
) -> Response:
    """Sign in, and show the form that had waited in the sign-in page."""
    given = dict(pairs)
    asking = signing_in.api(visit.deps.client, visit.request)
    try:
        secret = await signing_in.begin(asking, given.get("_email", ""), given.get("_password", ""))
    except RefusedError as error:
        return sign_in_first(visit, pairs, signing_in.fault(error))
    visit = replace(visit, secret=secret)
    response = await _post(page, await _entered(page, visit), pairs, once)
    return signing_in.let_in(response, secret)


async def _again(page: Page, visit: Visit, why: str) -> Response:
    if page.show is None:
        return visit.redirect(visit.back, Notice("warn", say(f"forms.{why}_act")))
    return await page.show(visit.with_form(visit.form.wrong(say(f"forms.{why}"))))


def _csrf(visit: Visit) -> str:
    return visit.deps.seals.digest("csrf", visit.secret)


async def _pairs(request: Request) -> Sequence[tuple[str, str]]:
    if request.method != "POST":
        return ()
    read = await request.form()
    return tuple((n, value) for n, value in read.multi_items() if not isinstance(value, UploadFile))
