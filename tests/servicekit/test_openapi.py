"""The three OpenAPI documents: what comes is on them, and nothing that never comes."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

import httpx
import pytest
from kit.apis import apis, framework_of
from starlette.types import ASGIApp, Receive, Scope, Send

from campaigns.api.access import OPERATOR

SERVICES = ("campaigns", "redemption", "analytics")
JSON = "application/json"
REDEEM = "post /v1/redemptions"
# A password is in the body, or a token in the path.
OPEN = ("get /v1/oidc", "post /v1/oidc", "get /v1/invitations/{", "post /v1/invitations/{")
SIGN_IN = "post /v1/sessions"
PERSONAL = ("/v1/sessions", "/v1/account")
NO_BODY = ("204", "302", "304")


class Operation(NamedTuple):
    """One method of one path, as a document has it."""

    method: str
    path: str
    said: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Described(NamedTuple):
    """One service: what it is, and its document."""

    api: ASGIApp
    document: Mapping[str, Any]

    @property
    def operations(self) -> list[Operation]:
        return [
            Operation(method, path, said)
            for path, methods in self.document["paths"].items()
            for method, said in methods.items()
        ]

    def operation(self, named: str) -> Operation:
        return next(each for each in self.operations if str(each) == named)


@pytest.fixture(scope="module")
def services() -> Mapping[str, Described]:
    async def made() -> Mapping[str, ASGIApp]:  # their pools ask for a loop
        return apis()

    return {
        service: Described(api, framework_of(api).openapi())
        for service, api in asyncio.run(made()).items()
    }


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest, services: Mapping[str, Described]) -> Described:
    return services[request.param]


def _schemas_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from _schemas_of(each)
    if isinstance(value, list):
        for each in value:
            yield from _schemas_of(each)


def test_a_document_is_whole_and_says_where_its_service_is(service: Described) -> None:
    document = service.document

    assert [server["url"] for server in document["servers"]] == ["/"]
    schemas = document["components"]["schemas"]
    for reference in _schemas_of(document):
        kind, _, name = reference.removeprefix("#/components/").partition("/")
        assert name in document["components"][kind], reference
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in schemas)
    assert not {"HTTPValidationError", "ValidationError"} & schemas.keys()


def test_both_headers_of_a_key_are_needed_together(service: Described) -> None:
    expected: dict[str, Any] = {
        **dict.fromkeys(OPEN, None),
        **{path: [{"Session": []}] for path in PERSONAL},
        "/v1/": [{"X-App-Id": [], "X-App-Token": []}, {"Token": []}],
        "/management": [{"X-Management-Id": [], "X-Management-Token": []}],
        "/client/v1/": [{"X-Client-Application-Id": [], "X-Client-Token": []}],
        "/go": None,
    }
    for operation in service.operations:
        beginnings = (prefix for prefix in expected if str(operation).startswith(prefix))
        more = (prefix for prefix in expected if operation.path.startswith(prefix))
        first = next(beginnings, None) or next(more)
        if str(operation) == SIGN_IN:
            first = OPEN[0]
        assert operation.said.get("security") == expected[first], str(operation)


def test_every_answer_has_a_type(service: Described) -> None:
    for operation in service.operations:
        found = {s: said for s, said in operation.said["responses"].items() if s < "4"}
        assert found
        for status, said in found.items():
            content = said.get("content", {}).get(JSON, {})
            if status in NO_BODY:
                assert not content.get("schema"), str(operation)
            else:
                assert content["schema"].keys() & {"$ref", "anyOf"}, str(operation)


def test_everything_that_is_sent_is_described(service: Described) -> None:
    schemas = service.document["components"]["schemas"]
    bodies = [operation.said.get("requestBody", {}) for operation in service.operations]
    sent = {reference.rpartition("/")[2] for reference in _schemas_of(bodies)}
    within = {
        name: {reference.rpartition("/")[2] for reference in _schemas_of(schema)}
        for name, schema in schemas.items()
    }
    while more := set().union(*(within[name] for name in sent)) - sent:
        sent |= more

    for name in sent:
        if schemas[name].get("type") == "object":
            assert schemas[name].get("description"), name


def test_every_error_shows_an_object_that_comes_with_it(service: Described) -> None:
    for operation in service.operations:
        errors = {int(s): said for s, said in operation.said["responses"].items() if s >= "4"}

        assert {400, 503, 504} <= errors.keys()
        named = {each["name"] for each in operation.said.get("parameters", ())}
        assert (422 in errors) == ("Idempotency-Key" in named)  # not the framework's
        for status, said in errors.items():
            content = said["content"][JSON]
            assert content["schema"]
            assert content["examples"]
            for key, example in content["examples"].items():
                value = example["value"]
                assert (value["code"], value["key"]) == (status, key), str(operation)
                # A refusal has none: it is the same bytes on every repeat.
                a_refusal = "resource_id" in value
                assert value.keys() >= {"message", "resource_id" if a_refusal else "request_id"}


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("/v1/redemptions", "RefusalBody"),
        ("/client/v1/redemptions", "RefusalBody"),
        ("/v1/redemptions/{redemption_id}/rollback", "NotRolledBackBody"),
        ("/v1/redemptions/{redemption_id}/rollbacks", "NotRolledBackBody"),
    ],
)
@pytest.mark.parametrize("status", ["400", "404"])
def test_a_refusal_is_described_with_all_that_it_says(
    services: Mapping[str, Described], path: str, refusal: str, status: str
) -> None:
    said = services["redemption"].operation(f"post {path}").said["responses"][status]
    content = said["content"][JSON]
    what_would_help = services["redemption"].document["components"]["schemas"]["WouldPass"]

    assert "`amount_short`" in what_would_help["description"]
    assert f"#/components/schemas/{refusal}" in set(_schemas_of(content["schema"]))
    assert any("resource_id" in each["value"] for each in content["examples"].values())


def test_what_redemption_alone_says_is_on_its_page(services: Mapping[str, Described]) -> None:
    responses = services["redemption"].operation(REDEEM).said["responses"]

    assert {"422", "429", "404", "413", "503"} <= responses.keys()
    shown = responses["400"]["content"][JSON]["examples"]
    assert {"invalid_payload", "quantity_exceeded", "campaign_limit_exceeded"} <= shown.keys()
    assert "idempotency_key_reused" in responses["422"]["content"][JSON]["examples"]


@pytest.mark.parametrize(
    ("service", "operation", "status"),
    [
        ("campaigns", "post /v1/campaigns", "404"),  # of a partner that is not there
        ("campaigns", "post /v1/campaigns", "409"),
        ("campaigns", "put /v1/partners/{partner}", "409"),
        ("campaigns", "post /v1/campaigns/{campaign}/vouchers/{code}", "409"),
    ],
    indirect=["service"],
)
def test_what_a_route_alone_refuses_is_declared(
    service: Described, operation: str, status: str
) -> None:
    assert status in service.operation(operation).said["responses"]


def test_a_key_without_scopes_is_never_refused_for_one(services: Mapping[str, Described]) -> None:
    managing = services["campaigns"].operation("get /management/v1/projects")

    assert "401" in managing.said["responses"]
    assert "403" not in managing.said["responses"]


async def test_every_body_has_an_example_that_its_route_takes(
    services: Mapping[str, Described],
) -> None:
    campaigns = services["campaigns"]  # redemption's are read in tests/redemption/api
    taken = 0
    async with _admitted(campaigns.api) as http:
        for operation in campaigns.operations:
            # A switch needs none.
            if not operation.said.get("requestBody", {}).get("required"):
                continue
            examples = _examples(operation, campaigns.document)
            assert examples, str(operation)
            for example in examples:
                path = operation.path.replace("{", "").replace("}", "")
                answer = await http.request(operation.method, path, json=example)
                # The service has no store here: what it has nothing against ends there, or is
                # not offered here.
                assert answer.status_code not in {400, 422}, answer.text
                taken += 1
    assert taken > 8


def _examples(operation: Operation, document: Mapping[str, Any]) -> list[Any]:
    schema = operation.said["requestBody"]["content"][JSON]["schema"]
    references = [each["$ref"] for each in (schema, *schema.get("anyOf", ())) if "$ref" in each]
    return [*schema.get("examples", ())] + [
        example
        for reference in references
        for example in document["components"]["schemas"][reference.rpartition("/")[2]].get(
            "examples", []
        )
    ]


def _admitted(api: ASGIApp) -> httpx.AsyncClient:
    """Call the application as the edge does for whoever has every key."""
    framework = framework_of(api)
    framework.user_middleware.clear()

    async def admitted(scope: Scope, receive: Receive, send: Send) -> None:
        somebody = SimpleNamespace(project_id="proj_1", key_id="key_1")
        caller = OPERATOR if scope["path"].startswith("/management") else somebody
        scope["state"] = {"request_id": "v-1", "caller": caller}
        await framework(scope, receive, send)

    transport = httpx.ASGITransport(admitted, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://api")


@pytest.mark.parametrize("service", SERVICES)
async def test_the_page_serves_the_document_that_is_tested_here(service: str) -> None:
    api = apis()[service]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://x") as http:
        served = (await http.get(f"/openapi/{service}.json")).json()

    assert served["components"]["schemas"].keys() == (
        framework_of(api).openapi()["components"]["schemas"].keys()
    )
