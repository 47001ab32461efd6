"""Query strings: what a route does not declare is refused by name, on every route there is."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Query
from kit.apis import apis, behind_the_door, framework_of, routes_of
from starlette.types import ASGIApp

from campaigns.api.unserved import UNSERVED
from servicekit.health import PATHS as HEALTH_PATHS
from servicekit.http.application import application
from servicekit.http.declared_queries import ANY_QUERY

SERVICES = ("campaigns", "redemption", "analytics")
# Whatever comes is told what is served instead (tests/campaigns/api/test_edge.py).
REFUSED = {("campaigns", each.path) for each in UNSERVED}
LINK = "/go/{campaign}"  # networks decorate it, and no shopper should see an error for that


def _client(api: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://api")


def _is_page(template: str) -> bool:
    # For people and probes: what they add restricts nothing.
    return template in HEALTH_PATHS or template.startswith(("/docs", "/openapi", "/asyncapi"))


@pytest.mark.parametrize("service", SERVICES)
async def test_every_route_of_every_service_names_what_it_does_not_know(service: str) -> None:
    api = apis()[service]
    seen = []
    async with _client(behind_the_door(api)) as http:
        for route in routes_of(api):
            if _is_page(route.template) or route.template == LINK:
                continue
            if (service, route.template) in REFUSED:
                continue
            answer = await http.request(route.method, f"{route.path}?no_such_filter=1", json={})

            error = answer.json()
            assert (answer.status_code, error["key"]) == (400, "invalid_query_params"), route
            assert "no_such_filter" in error["message"], route
            seen.append(route)
    assert len(seen) > 2


@pytest.mark.parametrize("service", SERVICES)
async def test_every_parameter_on_a_page_is_known_to_its_route(service: str) -> None:
    api = apis()[service]
    asked = 0
    async with _client(behind_the_door(api)) as http:
        for template, methods in framework_of(api).openapi()["paths"].items():
            for method, operation in methods.items():
                # One that stands for all fields is no name: lists' own tests ask for those.
                names = [
                    p["name"]
                    for p in operation.get("parameters", [])
                    if p["in"] == "query" and "[field]" not in p["name"]
                ]
                if template == LINK or not names:
                    continue
                path = template.replace("{", "").replace("}", "")
                answer = await http.request(method, path, params=dict.fromkeys(names, "1"), json={})

                assert "is unknown" not in answer.text, (template, names)
                asked += 1
    assert asked or service == "redemption"


def _lists() -> FastAPI:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield

    app = application("kit", "Lists.", lifespan)

    def period(starts: Annotated[str | None, Query(alias="from")] = None) -> str | None:
        return starts

    @app.get("/list")
    async def get_list(
        starts: Annotated[str | None, Depends(period)], limit: int = 10
    ) -> dict[str, Any]:
        return {"from": starts, "limit": limit}

    @app.get("/link", openapi_extra=ANY_QUERY)
    async def link(customer: str | None = None) -> str | None:
        return customer

    return app


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = _lists()

    @app.middleware("http")
    async def identify(request: Any, call_next: Any) -> Any:
        request.state.request_id = "v-1"
        return await call_next(request)

    async with _client(app) as client:
        yield client


async def test_what_is_declared_at_any_depth_is_read(http: httpx.AsyncClient) -> None:
    answer = await http.get("/list?from=2026&limit=5")
    assert answer.json() == {"from": "2026", "limit": 5}
    assert (await http.get("/list?")).status_code == 200


@pytest.mark.parametrize(
    ("query", "named"),
    [
        pytest.param("form=2026-01-01", "form", id="mistyped"),
        pytest.param("starts=2026-01-01", "starts", id="our-own-name-for-it"),
        pytest.param("filters[status]=ACTIVE", "filters[status]", id="brackets"),
        pytest.param("limit=5&LIMIT=5", "LIMIT", id="capitals"),
        pytest.param("form", "form", id="without-a-value"),
    ],
)
async def test_an_unknown_name_is_refused_beside_those_that_are_known(
    http: httpx.AsyncClient, query: str, named: str
) -> None:
    answer = await http.get(f"/list?{query}")

    error = answer.json()
    assert (answer.status_code, error["key"]) == (400, "invalid_query_params")
    assert error["message"] == f"Query parameter {named}: is unknown, known are from, limit"


async def test_a_name_given_twice_is_refused_and_not_halved(http: httpx.AsyncClient) -> None:
    answer = await http.get("/list?limit=5&limit=6")

    assert answer.status_code == 400
    assert answer.json()["message"] == "Query parameter limit: is given more than once"


async def test_what_is_shown_of_a_long_name_is_short(http: httpx.AsyncClient) -> None:
    answer = await http.get("/list", params={"x" * 5000: "1"} | {f"n{i}": "1" for i in range(50)})

    assert len(answer.content) < 1000


async def test_a_link_that_others_decorate_is_followed(http: httpx.AsyncClient) -> None:
    assert (await http.get("/link?customer=7&fbclid=1&fbclid=2")).json() == "7"
