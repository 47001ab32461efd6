"""The search of every page: each thing opens where it stands, the dearest look-ups come last."""

from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from starlette.requests import Request

from console.api.client import Api
from console.pages.search import routes
from console.session.people import Project
from console.web.assets import Assets
from console.web.environment import environment
from console.web.visit import Deps, Visit

NO_CODE = httpx.Response(404, json={"key": "not_found", "message": "not found"})


def given(**body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


async def searched(
    wanted: str, *answers: httpx.Response, scopes: str = "redemptions_read"
) -> tuple[str, dict[str, str], list[str]]:
    """Search, before an API that gives these answers; return where it leads and what was asked."""
    rest, sent = iter(answers), []

    def answered(request: httpx.Request) -> httpx.Response:
        sent.append(f"{request.url.path}?{request.url.query.decode()}")
        return next(rest)

    client = httpx.AsyncClient(base_url="http://api", transport=httpx.MockTransport(answered))
    sessions = SimpleNamespace(project_api=lambda *_: Api(client))
    seals = SimpleNamespace(digest=lambda *_: "digest", open=lambda *_: None)
    deps = Deps(client, environment(Assets()), cast("Any", sessions), cast("Any", seals), "")
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/p/proj_1/search",
        "query_string": urlencode({"q": wanted}).encode(),
        "headers": [],
        "state": {"request_id": "req_1"},
    }
    allowed = frozenset({"campaigns_read", scopes})
    project = Project("proj_1", "Shop", "viewer", allowed, "EUR", 2, "UTC", None)
    response = await routes.search(Visit(deps, Request(scope), "", known_project=project))
    leads = urlsplit(response.headers["location"])
    return leads.path, dict(parse_qsl(leads.query)), sent


NONE = given(campaigns=[])
NOTHING = given(redemptions=[])
SOME = given(redemptions=[{}])


@pytest.mark.parametrize(
    ("answers", "path", "query"),
    [
        ([given(code="m-7")], "codes/m-7", {}),
        ([NO_CODE, given(campaigns=[{}])], "campaigns", {"q": "m-7", "status": "all"}),
        ([NO_CODE, NONE, SOME], "redemptions", {"order": "m-7", "period": "all"}),
        ([NO_CODE, NONE, NOTHING, SOME], "redemptions", {"customer": "m-7", "period": "all"}),
        ([NO_CODE, NONE, NOTHING, NOTHING], "codes", {"q": "m-7", "status": "all"}),
    ],
)
async def test_what_is_searched_opens_where_it_stands(
    answers: list[httpx.Response], path: str, query: dict[str, str]
) -> None:
    leads, asked, sent = await searched("m-7", *answers)

    assert (leads, asked) == (f"/p/proj_1/{path}", query)
    assert len(sent) == len(answers)


async def test_who_reads_no_redemptions_finds_codes_and_campaigns_alone() -> None:
    leads, _, sent = await searched("m-7", NO_CODE, NONE, scopes="reports")

    assert leads == "/p/proj_1/codes"
    assert len(sent) == 2
