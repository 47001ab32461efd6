"""The management API that campaigns serves, for the commands that stand on it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from counterfoil.errors import PlatformError
from counterfoil.platform import Platform

# A revocation waits until no service lets the key in: some seconds, or it says that it may yet.
ANSWER_SECONDS = 30.0


@asynccontextmanager
async def management(data: Path | None) -> AsyncIterator[httpx.AsyncClient]:
    """Reach the management API that the environment names, or that of the running platform."""
    if url := os.environ.get("CAMPAIGNS_URL"):
        named = ("CAMPAIGNS_MANAGEMENT_ID", "CAMPAIGNS_MANAGEMENT_TOKEN")
        if not all(map(os.environ.get, named)):
            raise PlatformError(f"CAMPAIGNS_URL needs {' and '.join(named)} beside it")
        operator, token = (os.environ[name] for name in named)
    else:
        platform = Platform.at(data)
        url, operator, token = platform.gateway, platform.management_id, platform.management_token
    headers = {"X-Management-Id": operator, "X-Management-Token": token}
    try:
        async with httpx.AsyncClient(
            base_url=url, headers=headers, timeout=ANSWER_SECONDS, trust_env=False
        ) as client:
            yield client
    except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        said = f"campaigns at {url}: {type(error).__name__} {error}".strip()
        raise PlatformError(said) from error


async def asked(
    api: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return what is answered; raise what is refused, in its own words."""
    answer = await api.request(method, path, json=body)
    if answer.is_success:
        told: dict[str, Any] = answer.json() if answer.content else {}
        return told
    try:
        refusal = answer.json()
        said = f"{refusal['message']}: {refusal.get('details', refusal['key'])}"
    except (ValueError, KeyError, TypeError, AttributeError):
        said = " ".join(answer.text.split())[:300]
    raise PlatformError(f"{answer.status_code} {said}")
