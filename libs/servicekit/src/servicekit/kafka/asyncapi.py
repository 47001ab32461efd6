"""What a service reads and writes on Kafka, as an AsyncAPI document and as a page of it.

Written from the records' types alone: a topic may name a parameter (`….{project_id}`), a union is
as many messages. Both are made once and only show; nothing here publishes.
"""

import asyncio
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any, Final, get_args
from urllib.parse import quote

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from servicekit.kafka import asyncapi_page
from servicekit.kafka.letters import dlq_topic

VERSION: Final = "3.0.0"
CLOUD_EVENT: Final = "application/cloudevents+json"
DEAD_LETTER: Final = "DeadLetter"
ALWAYS_THERE: Final = ("specversion", "type")  # of CloudEvents; our models fill them in
PARAMETER: Final = re.compile(r"\{(\w+)\}")

Topics = Mapping[str, Any]


def document(title: str, group: str, reads: Topics, writes: Topics) -> dict[str, Any]:
    """Describe topics: of each, what its records are, as a pydantic model or a union of some.

    What the service reads it sets aside where it cannot, as the group of that name.
    """
    models = {
        model.__name__: model for kind in (*reads.values(), *writes.values()) for model in _of(kind)
    }
    schemas = _schemas(tuple(models.values()))
    channels = {topic: _channel(topic, map(_title, _of(kind))) for topic, kind in reads.items()}
    channels |= {topic: _channel(topic, map(_title, _of(kind))) for topic, kind in writes.items()}
    letters = {dlq_topic(topic, group): topic for topic in reads}
    for letter, topic in letters.items():
        said = f"Records of {topic} that {group} cannot read: bytes as they came, headers say why."
        channels[letter] = _channel(letter, [DEAD_LETTER]) | {"description": said}
    messages: dict[str, Any] = {
        name: {
            "name": name,
            "contentType": CLOUD_EVENT,
            "payload": {"$ref": f"#/components/schemas/{name}"},
        }
        for name in models
    }
    return {
        "asyncapi": VERSION,
        "info": {"title": title, "version": "1"},
        "channels": channels,
        "operations": {
            f"{action}-{PARAMETER.sub('own', topic)}": {
                "action": action,
                "channel": {"$ref": _channel_reference(topic)},
            }
            for action, topics in (("receive", reads), ("send", writes), ("send", letters))
            for topic in topics
        },
        "components": {
            "messages": messages | {DEAD_LETTER: {"name": DEAD_LETTER}},
            "schemas": schemas,
        },
    }


def routes(service: str, document: Mapping[str, Any]) -> list[Route]:
    """Serve the page at `/asyncapi/<service>`, and the document with `.json` after it."""
    path = f"/asyncapi/{service}"
    html = cache(partial(asyncapi_page.render, document, f"{path}.json"))
    content = orjson.dumps(document)

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(await asyncio.to_thread(html))

    async def download(_request: Request) -> Response:
        return Response(content, media_type="application/json")

    return [
        Route(path, page, methods=["GET"]),
        Route(f"{path}.json", download, methods=["GET"]),
    ]


def _of(kind: Any) -> Iterator[type[BaseModel]]:
    """Yield the models of a union, or the one that it is."""
    yield from get_args(kind) or (kind,)


def _title(model: type[BaseModel]) -> str:
    return model.__name__


@cache
def _schemas(models: Collection[type[BaseModel]]) -> Mapping[str, Any]:
    _, described = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = described.get("$defs", {})
    for model in models:
        event = schemas[model.__name__]
        own = [name for name in ALWAYS_THERE if name in event.get("properties", ())]
        for name in own:
            event["properties"][name].pop("default", None)
        event["required"] = [*own, *event.get("required", ())]
    return schemas


def _channel(topic: str, messages: Iterable[str]) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": topic,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }
    if parameters := PARAMETER.findall(topic):
        channel["parameters"] = {name: {} for name in parameters}
    return channel


def _channel_reference(topic: str) -> str:
    return f"#/channels/{quote(topic)}"
