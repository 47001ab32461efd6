"""What a service reads and writes on Kafka, as an AsyncAPI document and as a page of it.

The document's broker is never started. FastStream's own route would also mount a way to publish to
any topic; these two only show, and are made once.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from faststream import AsyncAPI
from faststream.kafka import KafkaBroker
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from servicekit.kafka import asyncapi_page
from servicekit.kafka.dead_letters import dlq_topic

Topics = Mapping[str, Any]


def document(title: str, group: str, reads: Topics, writes: Topics) -> dict[str, Any]:
    """Describe topics: of each, what its records are, as a pydantic type.

    What the service reads it sets aside where it cannot, as the group of that name.
    """
    broker = KafkaBroker(logger=None)
    for topic, payload in reads.items():
        _describe(broker, topic, group, payload)
    for topic, payload in writes.items():
        broker.publisher(topic, title=topic, schema=payload)
    written: dict[str, Any] = orjson.loads(
        AsyncAPI(broker, title=title, version="1").to_specification().to_json()
    )
    del written["servers"]  # where Kafka is, no page knows
    for channel in written["channels"].values():
        channel.pop("servers", None)
    return written


def routes(service: str, document: Mapping[str, Any]) -> list[Route]:
    """Serve the page at `/asyncapi/<service>`, and the document with `.json` after it."""
    path = f"/asyncapi/{service}"
    html = asyncapi_page.render(document, f"{path}.json")
    content = orjson.dumps(document)

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(html)

    async def download(_request: Request) -> Response:
        return Response(content, media_type="application/json")

    return [
        Route(path, page, methods=["GET"]),
        Route(f"{path}.json", download, methods=["GET"]),
    ]


def _describe(broker: KafkaBroker, topic: str, group: str, payload: Any) -> None:
    @broker.subscriber(topic, group_id=group, title=topic)
    async def on_record(event: payload) -> None:  # named `_event`, it would have no fields
        pass

    broker.publisher(
        dlq_topic(topic, group),
        title=dlq_topic(topic, group),
        schema=Any,
        description=f"Records of {topic} that {group} cannot read: bytes as they came.",
    )
