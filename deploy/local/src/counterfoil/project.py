"""The first project of a data folder, made through the public management API."""

from typing import TypedDict

import httpx

from counterfoil.errors import PlatformError

FIRST = {"name": "Default", "currency": "USD", "time_zone": "UTC"}


class Project(TypedDict):
    """Which project, and the keys to use it with."""

    id: str
    app_id: str
    app_token: str


async def create(campaigns: str, management_id: str, management_token: str) -> Project:
    """Create a project and return the one answer that ever shows its token."""
    keys = {"X-Management-Id": management_id, "X-Management-Token": management_token}
    async with httpx.AsyncClient(base_url=campaigns, trust_env=False, timeout=30) as client:
        answer = await client.post("/management/v1/projects", json=FIRST, headers=keys)
    if not answer.is_success:
        said = f"{answer.status_code} {answer.text[:300]}"
        raise PlatformError(f"campaigns did not create the first project: {said}")
    body = answer.json()
    return Project(id=body["id"], app_id=body["app_id"], app_token=body["app_token"])
