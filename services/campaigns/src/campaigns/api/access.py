"""Who calls, and what handlers work with."""

import asyncio
import hmac
from dataclasses import dataclass
from typing import Annotated

import asyncpg
from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader
from pydantic import SecretStr

from campaigns.propagation.waiter import PropagationWaiter
from servicekit.http import keys
from servicekit.http.errors import ApiError
from servicekit.http.keys import KeyCache

SCOPE = "campaigns"


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Made by the composition root."""

    pool: asyncpg.Pool
    propagation: PropagationWaiter
    keys: KeyCache[keys.Caller]
    job_started: asyncio.Event
    customer_key: bytes
    key_memory_seconds: float
    management_id: SecretStr
    management_token: SecretStr


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key opened the door. Everything else is looked up inside this project."""

    project_id: str
    key_id: str
    request_id: str


def _dependencies(request: Request) -> Dependencies:
    deps: Dependencies = request.app.state.dependencies
    return deps


Deps = Annotated[Dependencies, Depends(_dependencies)]

ManagementId = Annotated[
    str | None,
    Security(APIKeyHeader(name="X-Management-Id", scheme_name="X-Management-Id", auto_error=False)),
]
ManagementToken = Annotated[
    str | None,
    Security(
        APIKeyHeader(name="X-Management-Token", scheme_name="X-Management-Token", auto_error=False)
    ),
]


async def _caller(request: Request, deps: Deps) -> Caller:
    """Admit a key in force that may manage campaigns."""
    key = await deps.keys.caller(request, SCOPE)
    return Caller(key.project_id, key.key_id, request.state.request_id)


def _manager(deps: Deps, given_id: ManagementId, given_token: ManagementToken) -> None:
    """Admit the operator of this installation."""
    right_id = deps.management_id.get_secret_value().encode()
    right_token = deps.management_token.get_secret_value().encode()
    id_matches = hmac.compare_digest((given_id or "").encode(), right_id)
    token_matches = hmac.compare_digest((given_token or "").encode(), right_token)
    if not (id_matches and token_matches):
        raise ApiError(401, "Unauthorized", "send X-Management-Id and X-Management-Token")


CurrentCaller = Annotated[Caller, Depends(_caller)]
MANAGER_ONLY = Depends(_manager)
