"""AsyncAPI documents and their pages: of topics made up here, and of all three services."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from kit.apis import apis
from starlette.types import ASGIApp

from contracts.answers import RequestAnswered
from contracts.orders import OrderChanged
from contracts.redemptions import RedemptionFailed, RedemptionRequested, RedemptionSucceeded
from contracts.rollbacks import RedemptionRolledBack, RollbackRequested
from contracts.visits import Visited
from servicekit.kafka import asyncapi, asyncapi_page

READS: dict[str, Any] = {
    "coupons.visits.v1": Visited,
    "coupons.requests.v1.{project_id}": RedemptionRequested,
}
WRITES: dict[str, Any] = {"coupons.redemptions.v1": RedemptionSucceeded | RedemptionFailed}
SERVICES = ("campaigns", "redemption", "analytics")


def test_the_page_shows_the_fields_of_each_topic_and_its_dead_letters() -> None:
    document = asyncapi.document("Counterfoil", "group", READS, WRITES)

    page = asyncapi_page.render(document, "/asyncapi/kit.json")

    for words in (
        "Counterfoil",
        "coupons.visits.v1.dlq.group",
        "/asyncapi/kit.json",
        *READS,
        *WRITES,
    ):
        assert words in page
    for event in (Visited, RedemptionRequested, RedemptionSucceeded, RedemptionFailed):
        assert f'href="#{event.__name__}"' in page
        for field in event.model_fields:
            assert f"<code>{field}</code>" in page


def test_every_link_on_the_page_leads_somewhere() -> None:
    page = asyncapi_page.render(asyncapi.document("Counterfoil", "g", READS, WRITES), "/a.json")

    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets
    assert targets <= set(re.findall(r' id="([^"]+)"', page))


def test_what_the_document_says_is_no_markup() -> None:
    document = asyncapi.document("<b>Bold</b>", "g", READS, {})

    assert "<b>" not in asyncapi_page.render(document, "/a.json")


def test_a_topic_for_each_project_names_its_parameter() -> None:
    document = asyncapi.document("Counterfoil", "g", READS, WRITES)

    own = document["channels"]["coupons.requests.v1.{project_id}"]
    assert list(own["parameters"]) == ["project_id"]
    assert own["messages"].keys() == {"RedemptionRequested"}


@pytest.mark.parametrize("service", SERVICES)
async def test_the_document_of_a_service_refers_to_nothing_that_is_not_in_it(service: str) -> None:
    async with _client(apis()[service]) as http:
        document = (await http.get(f"/asyncapi/{service}.json")).json()

    references = list(_references(document))
    assert len(references) > 10
    for reference in references:
        _look_up(document, reference)
    addresses = {each["address"] for each in document["channels"].values()}
    assert addresses == {
        _look_up(document, each["channel"]["$ref"])["address"]
        for each in document["operations"].values()
    }
    for kind in ("messages", "schemas"):  # the specification's words for a component's name
        assert all(re.fullmatch(r"[a-zA-Z0-9.\-_]+", name) for name in document["components"][kind])


async def test_a_checkout_finds_all_that_it_sends_and_reads() -> None:
    async with _client(apis()["redemption"]) as http:
        document = (await http.get("/asyncapi/redemption.json")).json()
        page = (await http.get("/asyncapi/redemption")).text

    for topic, events in (
        ("coupons.redemption-requests.v1", [RedemptionRequested, RollbackRequested]),
        ("coupons.redemption-requests.v1.{project_id}", [RedemptionRequested, RollbackRequested]),
        ("coupons.orders.v1", [OrderChanged]),
        ("coupons.redemption-answers.v1.{project_id}", [RequestAnswered]),
        ("coupons.redemptions.v1", [RedemptionSucceeded, RedemptionFailed, RedemptionRolledBack]),
    ):
        channel = document["channels"][topic]
        assert [*channel["messages"]] == [event.__name__ for event in events]
        for event in events:
            schema = document["components"]["schemas"][event.__name__]
            assert schema["properties"].keys() == event.model_fields.keys()
            data = document["components"]["schemas"][_name(schema["properties"]["data"])]
            assert all(f"<code>{field}</code>" in page for field in data["properties"])


def _client(api: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://api")


async def test_the_body_of_an_answer_by_kafka_is_described_field_by_field() -> None:
    transport = httpx.ASGITransport(apis()["redemption"])
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        document = (await http.get("/asyncapi/redemption.json")).json()
        page = (await http.get("/asyncapi/redemption")).text
    schemas = document["components"]["schemas"]

    body = schemas["Answer"]["properties"]["body"]

    names = {each["$ref"].rpartition("/")[2] for each in body["anyOf"] if "$ref" in each}
    assert names == {
        *("RedemptionsBody", "RollbacksBody"),
        *("RefusalBody", "NotRolledBackBody", "KeyReused"),
    }
    for name in names:
        assert schemas[name]["properties"]
        assert name in page
    assert _look_up(document, schemas["RefusalBody"]["properties"]["would_pass"]["$ref"])


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from _references(each)
    if isinstance(value, list):
        for each in value:
            yield from _references(each)


def _look_up(document: Mapping[str, Any], reference: str) -> Any:
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[unquote(step).replace("~1", "/").replace("~0", "~")]
    return found


def _name(schema: Mapping[str, Any]) -> str:
    reference: str = schema["$ref"]
    return reference.rpartition("/")[2]


def test_what_a_cloud_event_always_has_is_required_and_has_no_default() -> None:
    schemas = asyncapi.document("Counterfoil", "g", READS, WRITES)["components"]["schemas"]

    for event in (Visited, RedemptionRequested, RedemptionSucceeded, RedemptionFailed):
        described = schemas[event.__name__]
        assert {"specversion", "type", "id"} <= set(described["required"])
        assert not {"default"} & set(described["properties"]["type"])
