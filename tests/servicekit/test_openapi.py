"""The three OpenAPI documents: what comes is on them, and nothing that never comes."""

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
ERROR = 400
NO_BODY = ("204", "302")


class Operation(NamedTuple):
    """One method of one path, as a document has it."""

    service: str
    method: str
    path: str
    said: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


APIS = apis()
DOCUMENTS = {service: framework_of(api).openapi() for service, api in APIS.items()}


def _operations() -> Iterator[Operation]:
    for service, document in DOCUMENTS.items():
        for path, methods in document["paths"].items():
            for method, said in methods.items():
                yield Operation(service, method, path, said)


OPERATIONS = list(_operations())
EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


def _schemas_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from _schemas_of(each)
    if isinstance(value, list):
        for each in value:
            yield from _schemas_of(each)


@pytest.mark.parametrize("service", SERVICES)
def test_a_document_is_whole_and_says_where_its_service_is(service: str) -> None:
    document = DOCUMENTS[service]

    assert [server["url"] for server in document["servers"]] == ["/"]
    schemas = document["components"]["schemas"]
    for reference in _schemas_of(document):
        kind, _, name = reference.removeprefix("#/components/").partition("/")
        assert name in document["components"][kind], reference
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in schemas)
    assert not {"HTTPValidationError", "ValidationError"} & schemas.keys()


@EACH
def test_both_headers_of_a_key_are_needed_together(operation: Operation) -> None:
    expected: dict[str, Any] = {
        "/v1": [{"X-App-Id": [], "X-App-Token": []}],
        "/management": [{"X-Management-Id": [], "X-Management-Token": []}],
        "/go": None,
    }
    [beginning] = [prefix for prefix in expected if operation.path.startswith(prefix)]

    assert operation.said.get("security") == expected[beginning]


@EACH
def test_every_answer_has_a_type(operation: Operation) -> None:
    found = {status: said for status, said in operation.said["responses"].items() if status < "4"}
    assert found
    for status, said in found.items():
        if status in NO_BODY:
            assert "content" not in said or not said["content"].get(JSON, {}).get("schema")
            continue
        schema = said["content"][JSON]["schema"]
        assert schema.keys() & {"$ref", "anyOf"}, (str(operation), schema)


@EACH
def test_every_error_shows_an_object_that_comes_with_it(operation: Operation) -> None:
    errors = {int(s): said for s, said in operation.said["responses"].items() if s >= "4"}

    assert {400, 503, 504} <= errors.keys()
    assert (422 in errors) == (str(operation) == "post /v1/redemptions")  # not the framework's
    for status, said in errors.items():
        content = said["content"][JSON]
        assert content["schema"]
        assert content["examples"]
        for key, example in content["examples"].items():
            value = example["value"]
            assert (value["code"], value["key"]) == (status, key)
            assert value.keys() >= {"message", "request_id"}


def test_what_redemption_alone_says_is_on_its_page() -> None:
    [redeem] = [op for op in OPERATIONS if str(op) == "post /v1/redemptions"]

    assert {"422", "429", "404", "413", "503"} <= redeem.said["responses"].keys()
    shown = redeem.said["responses"]["400"]["content"][JSON]["examples"]
    assert {"invalid_payload", "quantity_exceeded", "campaign_limit_exceeded"} <= shown.keys()
    assert "idempotency_key_reused" in redeem.said["responses"]["422"]["content"][JSON]["examples"]


def _examples(operation: Operation) -> list[Any]:
    content = operation.said["requestBody"]["content"][JSON]
    if "examples" in content:
        return [each["value"] for each in content["examples"].values()]
    schema = content["schema"]
    for each in (schema, *schema.get("anyOf", ())):
        if "$ref" in each:
            name = each["$ref"].rpartition("/")[2]
            found: list[Any] = DOCUMENTS[operation.service]["components"]["schemas"][name].get(
                "examples", []
            )
            return found
    return []


WITH_BODIES = [
    operation
    for operation in OPERATIONS
    if "requestBody" in operation.said and not operation.path.endswith(("/enable", "/disable"))
]


@pytest.mark.parametrize("operation", WITH_BODIES, ids=str)
async def test_every_body_has_an_example_that_its_route_takes(operation: Operation) -> None:
    examples = _examples(operation)
    assert examples, str(operation)
    if operation.service == "redemption":
        return  # tests/redemption/api/test_openapi.py reads them as the hot routes do
    for example in examples:
        path = operation.path.replace("{", "").replace("}", "")
        async with _admitted(APIS[operation.service]) as http:
            answer = await http.request(operation.method, path, json=example)

        # The service has no store here: what it has nothing against ends there.
        assert answer.status_code >= 500, answer.text


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
