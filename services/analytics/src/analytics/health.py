"""What a supervisor asks: alive, ready, and what for not."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from analytics.metrics import Metrics

OK = "ok"

# Each returns "ok", or why the dependency is missing.
Check = Callable[[], Awaitable[str]]
Standstill = Callable[[], str | None]


def routes(checks: Mapping[str, Check], standstill: Standstill, metrics: Metrics) -> list[Route]:
    """Serve `/livez`, `/readyz` and `/metrics` for one process."""

    async def livez(_request: Request) -> Response:
        stuck = standstill()
        return JSONResponse({"alive": stuck is None, "stuck": stuck}, 503 if stuck else 200)

    async def readyz(_request: Request) -> Response:
        found = {name: await check() for name, check in checks.items()}
        ready = all(answer == OK for answer in found.values())
        return JSONResponse({"ready": ready, "dependencies": found}, 200 if ready else 503)

    async def figures(_request: Request) -> Response:
        return Response(metrics.page(), media_type="text/plain; version=0.0.4")

    return [
        Route("/livez", livez, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", figures, methods=["GET"]),
    ]
