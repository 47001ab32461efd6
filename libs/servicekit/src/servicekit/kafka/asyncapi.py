"""The AsyncAPI page: what a service reads, field by field, and what it sets aside. To read only.

Its broker is never started. FastStream's own route would also mount a way to publish to any topic;
this renders the page and nothing else, once.
"""

from collections.abc import Mapping
from typing import Any

from faststream import AsyncAPI
from faststream.kafka import KafkaBroker
from faststream.specification.asyncapi.site import get_asyncapi_html
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from servicekit.kafka.dead_letters import dlq_topic


def page(title: str, group: str, topics: Mapping[str, Any]) -> str:
    """Render the page: `topics` says of each what its records are, as a pydantic type."""
    broker = KafkaBroker(logger=None)
    for topic, payload in topics.items():
        _describe(broker, topic, group, payload)
    specification = AsyncAPI(broker, title=title, version="1")
    return get_asyncapi_html(specification.to_specification(), try_it_out_path=None)


def _describe(broker: KafkaBroker, topic: str, group: str, payload: Any) -> None:
    @broker.subscriber(topic, group_id=group, title=topic)
    async def on_record(event: payload) -> None:  # named `_event`, it would have no fields
        """Read it."""

    broker.publisher(
        dlq_topic(topic, group),
        title=dlq_topic(topic, group),
        schema=Any,
        description=f"Records of {topic} that {group} cannot read: bytes as they came.",
    )


def route(path: str, html: str) -> Route:
    """Serve the page."""

    async def asyncapi(_request: Request) -> HTMLResponse:
        return HTMLResponse(html)

    return Route(path, asyncapi, methods=["GET"])
