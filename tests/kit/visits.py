"""A person's visit to one page of the console, before an API that gives the answers of a test."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

import httpx
from starlette.requests import Request

from console.api.client import Api
from console.session.people import Project
from console.web.assets import Assets
from console.web.environment import environment
from console.web.visit import Deps, Visit


class Arranged(NamedTuple):
    """The visit, and what the API will have been asked by it, in order."""

    visit: Visit
    sent: list[httpx.Request]


def arranged(
    page: str, asks: Mapping[str, str], *answers: httpx.Response, scopes: frozenset[str]
) -> Arranged:
    """Visit a page of the project `proj_1`, in euros and by the clock of Berlin."""
    given, sent = iter(answers), []

    def answered(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return next(given)

    client = httpx.AsyncClient(base_url="http://api", transport=httpx.MockTransport(answered))
    sessions = SimpleNamespace(project_api=lambda *_: Api(client))
    seals = SimpleNamespace(digest=lambda *_: "digest", open=lambda *_: None)
    deps = Deps(client, environment(Assets()), cast("Any", sessions), cast("Any", seals), "")
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/p/proj_1/{page}",
        "query_string": urlencode(asks).encode(),
        "headers": [],
        "state": {"request_id": "req_1"},
    }
    project = Project("proj_1", "Shop", "owner", scopes, "EUR", 2, "Europe/Berlin", None)
    return Arranged(Visit(deps, Request(scope), "", known_project=project), sent)
