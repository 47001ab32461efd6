"""Asks for the reports, which come from ClickHouse."""

from typing import Any

from counterfoil.demo.gateway import Gateway

PAGE = 100


async def report(gateway: Gateway, name: str) -> list[dict[str, Any]]:
    """Return every line of a report."""
    lines: list[dict[str, Any]] = []
    page = 1
    while True:
        _, answer = await gateway.call("GET", f"/v1/reports/{name}?limit={PAGE}&page={page}")
        lines += answer["data"]
        if not answer["data"] or len(lines) >= answer["total"]:
            return lines
        page += 1
