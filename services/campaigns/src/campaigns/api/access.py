"""Who calls, and what handlers work with."""

import asyncio
import hmac
from dataclasses import dataclass
from typing import Annotated

import asyncpg
from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader
from pydantic import SecretStr
from starlette.exceptions import HTTPException

from campaigns.projects import credentials
from campaigns.projects import store as projects
from campaigns.propagation.waiter import PropagationWaiter
from campaigns.store.connecting import acquired

SCOPE = "campaigns"
NO_DIGEST = credentials.digest("")  # compared when a key is unknown, so that it takes as long


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Made by the composition root."""

    pool: asyncpg.Pool
    propagation: PropagationWaiter
    job_started: asyncio.Event
    customer_key: bytes
    key_memory_seconds: float
    management_id: SecretStr
    management_token: SecretStr


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key opened the door. Everything else is looked up inside this project."""

    project_id: str
    request_id: str


def _dependencies(request: Request) -> Dependencies:
    deps: Dependencies = request.app.state.dependencies
    return deps


Deps = Annotated[Dependencies, Depends(_dependencies)]

Id = Annotated[
    str | None, Security(APIKeyHeader(name="X-App-Id", scheme_name="X-App-Id", auto_error=False))
]
Token = Annotated[
    str | None,
    Security(APIKeyHeader(name="X-App-Token", scheme_name="X-App-Token", auto_error=False)),
]
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


async def _caller(request: Request, deps: Deps, app_id: Id, token: Token) -> Caller:
    """Admit a key in force that may manage campaigns."""
    async with acquired(deps.pool) as conn:
        key = await projects.find_key(conn, _text(app_id))
    known = NO_DIGEST if key is None else key.digest
    if not credentials.matches(_text(token), known) or key is None:
        raise HTTPException(401, "Unauthorized")
    if SCOPE not in key.scopes:
        raise HTTPException(403, f"The key lacks the permission {SCOPE}")
    return Caller(key.project_id, request.state.request_id)


def _text(header: str | None) -> str:
    # Header bytes beyond ASCII and NUL are in no key of ours, and must not reach the database.
    return "" if header is None or not header.isascii() or "\0" in header else header


def _manager(deps: Deps, given_id: ManagementId, given_token: ManagementToken) -> None:
    """Admit the operator of this installation."""
    right_id = deps.management_id.get_secret_value().encode()
    right_token = deps.management_token.get_secret_value().encode()
    id_matches = hmac.compare_digest((given_id or "").encode(), right_id)
    token_matches = hmac.compare_digest((given_token or "").encode(), right_token)
    if not (id_matches and token_matches):
        raise HTTPException(401, "Unauthorized")


CurrentCaller = Annotated[Caller, Depends(_caller)]
MANAGER_ONLY = Depends(_manager)
