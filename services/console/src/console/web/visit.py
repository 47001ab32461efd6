"""One request of one person: what a page asks of it, and how it answers."""

import contextlib
import hashlib
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote, urlencode, urlsplit
from zoneinfo import ZoneInfo

import httpx
from jinja2 import Environment, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from console import query
from console.api.client import Api, segment
from console.api.refusals import SessionEndedError
from console.design.words import say
from console.format import instants
from console.session import cookies
from console.session.known import Sessions
from console.session.people import Person, Project
from console.session.seals import Seals
from console.web import frame
from console.web.forms import Form
from console.web.frame import Frame, Notice
from console.web.outcomes import NotFoundError

SEE_OTHER: Final = 303
NOTICE_CHARACTERS: Final = 500
PRIVATE: Final = {"Cache-Control": "no-store", "Vary": "HX-Request"}


@dataclass(frozen=True, slots=True)
class Deps:
    """What all requests of a process share."""

    client: httpx.AsyncClient
    environment: Environment
    sessions: Sessions
    seals: Seals
    public: str


class ElsewhereError(Exception):
    """The same view has another address, where the browser is sent."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. Pages find the person, the project and the API as that person here."""

    deps: Deps
    request: Request
    secret: str
    section: str = ""
    known_person: Person | None = None
    known_project: Project | None = None
    jobs: int = 0
    form: Form = field(default_factory=Form)

    @property
    def person(self) -> Person:
        if self.known_person is None:
            raise SessionEndedError
        return self.known_person

    @property
    def project(self) -> Project:
        if self.known_project is None:
            raise NotFoundError
        return self.known_project

    @property
    def api(self) -> Api:
        """The API as this person in this project."""
        return self.deps.sessions.project_api(self.secret, self.project.id, self.request_id)

    @property
    def own(self) -> Api:
        """The API as this person's session: their account, whatever the project."""
        return self.deps.sessions.api(self.secret, self.request_id)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.project.time_zone)

    @property
    def request_id(self) -> str:
        return str(self.request.state.request_id)

    @property
    def here(self) -> str:
        """Path and query as they were asked for."""
        asked = self.request.url.query
        path: str = self.request.scope["path"]
        return path + ("?" + asked if asked else "")

    @property
    def fragment(self) -> str | None:
        """Name the part of the page that is asked for, if it is not the whole page."""
        headers = self.request.headers
        if "HX-Request" not in headers or "HX-History-Restore-Request" in headers:
            return None
        return headers.get("HX-Target")

    @property
    def home(self) -> str:
        """Return where a person can go on from."""
        return self.known_project.home if self.known_project is not None else "/"

    @property
    def back(self) -> str:
        """Return the page that an act was on, as its form says; the start page if it does not."""
        if is_ours(self.form.back):
            return self.form.back
        return self.home

    def named(self, name: str) -> str:
        """Return what stands in the path under this name."""
        return unquote(self.request.path_params[name])

    def path(self, *segments: str) -> str:
        """Write a path of this project, each segment quoted."""
        return "/".join((self.project.base, *map(segment, segments)))

    def query(self, names: Sequence[query.Name]) -> query.Query:
        """Read the view that is asked for; lead to its own address where it came by another."""
        read = query.read(names, self.request.query_params.multi_items())
        asked = self.request.url.query
        if read.written() != ("?" + asked if asked else ""):
            raise ElsewhereError(self.request.scope["path"] + read.written())
        return read

    def page(
        self, template: str, view: object = None, *, title: str, status: int | None = None
    ) -> Response:
        """Render a page, or the block of it that has the name of what is to be swapped."""
        found = self.deps.environment.get_template(template)
        shown, tab = status or self.form.status, title
        if shown >= 400 and shown != 401:  # noqa: PLR2004  # who signs in has made no error
            tab = say("forms.error_title", title=title)
        context = {"frame": self._frame(title, tab), "view": view, "form": self.form}
        if self.fragment in found.blocks:
            return self._part(found, self.fragment, context)
        response = HTMLResponse(found.render(context), shown, PRIVATE)
        if cookies.get(self.request, cookies.NOTICE):
            cookies.take_away(response, cookies.NOTICE)
        return response

    async def csv(
        self, path: str, query: Mapping[str, Any], name: str, period: str = ""
    ) -> Response:
        """Pass the API's own CSV on, under a name that says what it is."""
        closing = contextlib.AsyncExitStack()
        chunks = await closing.enter_async_context(self.api.stream(path, query, "text/csv"))

        async def passing() -> AsyncIterator[bytes]:
            async with closing:
                async for chunk in chunks:
                    yield chunk

        at = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        file = "-".join(filter(None, ("counterfoil", slug(self.project.name), name, period, at)))
        headers = PRIVATE | {"Content-Disposition": f'attachment; filename="{file}.csv"'}
        return StreamingResponse(passing(), media_type="text/csv", headers=headers)

    def redirect(self, path: str, notice: Notice | None = None) -> Response:
        """Lead to a page of ours, which shows the notice."""
        response = RedirectResponse(path, SEE_OTHER, PRIVATE)
        if notice is not None:
            told = [notice.tone, shortened(notice.text), notice.undo, notice.jobs]
            sealed = self.deps.seals.seal("notice", json.dumps(told, ensure_ascii=False))
            cookies.put(response, cookies.NOTICE, sealed, cookies.NOTICE_SECONDS)
        return response

    def with_form(self, form: Form) -> "Visit":
        return replace(self, form=form)

    def _part(self, template: Template, block: str, context: Mapping[str, Any]) -> Response:
        rendered = "".join(template.blocks[block](template.new_context(dict(context))))
        etag = f'"{hashlib.sha256(rendered.encode()).hexdigest()[:32]}"'
        headers = PRIVATE | {"ETag": etag}
        if self.request.headers.get("If-None-Match") == etag:
            return Response(status_code=204, headers=headers)  # htmx then changes nothing
        return HTMLResponse(rendered, 200, headers)

    def _frame(self, title: str, tab: str) -> Frame:
        person, project = self.known_person, self.known_project
        zone = ZoneInfo(project.time_zone) if project is not None else ZoneInfo("UTC")
        return Frame(
            title=title,
            tab=tab,
            section=self.section,
            person=person,
            project=project,
            zone=zone.key,
            zone_label=instants.zone_label(zone, datetime.now(UTC)),
            csrf=self.deps.seals.digest("csrf", self.secret),
            theme=person.theme if person is not None else "system",
            letters=person.letters if person is not None else False,
            jobs=self.jobs,
            request_id=self.request_id,
            path=self.here if self.request.method != "POST" else self.request.scope["path"],
            nav=frame.nav(project),
            notice=self._notice(),
        )

    def _notice(self) -> Notice | None:
        sealed = cookies.get(self.request, cookies.NOTICE)
        told = self.deps.seals.open("notice", sealed) if sealed else None
        return Notice(*json.loads(told)) if told is not None else None


def shortened(text: str) -> str:
    """Cut what a notice says so that its cookie is kept: browsers drop one of more than 4 kB."""
    return text if len(text) <= NOTICE_CHARACTERS else f"{text[: NOTICE_CHARACTERS - 1]}…"


def slug(name: str) -> str:
    """Write a name so that it may stand in the name of a file."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "project"


def is_ours(path: str) -> bool:
    """Say whether somebody may be sent there who was told so by a link: it is a path of ours."""
    if not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path:
        return False
    parts = urlsplit(path)
    return not parts.scheme and not parts.netloc and path.isprintable()


def address(path: str, asked: Mapping[str, str]) -> str:
    """Write a path with its query."""
    return f"{path}?{urlencode(asked)}" if asked else path
