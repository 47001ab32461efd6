"""The OpenAPI page of a service: Swagger UI, whose files the gateway serves. No other host."""

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

ASSETS: Final = "/assets/swagger-ui"

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Counterfoil {service}</title>
<link rel="stylesheet" href="{assets}/swagger-ui.css">
</head>
<body>
<div id="page">
<h1>Counterfoil {service}</h1>
<p>The document: <a href="{document}">{document}</a>. This page shows it where the gateway serves
{assets}.</p>
</div>
<script src="{assets}/swagger-ui-bundle.js"></script>
<script src="{start}"></script>
</body>
</html>
"""
# A file of its own: the content security policy lets no script stand in a page.
START: Final = """SwaggerUIBundle({
  url: "%s",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null,
});
"""


def docs(service: str, describe: Callable[[], Mapping[str, Any]]) -> list[Route]:
    """Serve the page at `/docs/<service>`, and its document at `/openapi/<service>.json`."""
    path, document = f"/docs/{escape(service)}", f"/openapi/{escape(service)}.json"
    start = f"{path}/start.js"
    html = PAGE.format(service=escape(service), assets=ASSETS, document=document, start=start)

    @cache  # nobody needs a key to ask for it, however often
    def content() -> asyncio.Future[bytes]:
        # In a thread: it takes a fifth of a second, in which a kill switch would stand still.
        return asyncio.ensure_future(asyncio.to_thread(lambda: orjson.dumps(describe())))

    async def download(_request: Request) -> Response:
        made = await asyncio.shield(content())  # who goes away does not take it along
        return Response(made, media_type="application/json")

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(html)

    async def script(_request: Request) -> Response:
        return Response(START % document, media_type="text/javascript")

    return [
        Route(path, page, methods=["GET"]),
        Route(start, script, methods=["GET"]),
        Route(document, download, methods=["GET"]),
    ]
