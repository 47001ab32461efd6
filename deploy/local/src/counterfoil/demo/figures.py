"""Asks for the reports, which come from ClickHouse."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from counterfoil.demo.gateway import Gateway

PAGE = 100


async def report(gateway: Gateway, name: str, **parameters: Sequence[str]) -> list[dict[str, Any]]:
    """Return every line of a report."""
    lines: list[dict[str, Any]] = []
    page = 1
    while True:
        query = urlencode({**parameters, "limit": PAGE, "page": page}, doseq=True)
        _, answer = await gateway.call("GET", f"/v1/reports/{name}?{query}")
        lines += answer["data"]
        if not answer["data"] or len(lines) >= answer["total"]:
            return lines
        page += 1
