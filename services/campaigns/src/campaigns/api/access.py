"""Who calls, and what handlers work with."""

import asyncio
import hmac
from dataclasses import dataclass, replace
from typing import Annotated

import asyncpg
from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader
from pydantic import SecretStr

from campaigns.actors import Actor, actor_of, operator_at
from campaigns.api.fields import LONGEST_CODE
from campaigns.api.gate import Gate
from campaigns.api.owners import Owners
from campaigns.api.places import ExportPlaces
from campaigns.codes import config_in_capitals, looks_like_voucher_id
from campaigns.model import CodeTemplate
from campaigns.propagation.waiter import PropagationWaiter
from campaigns.refusals import InvalidError
from contracts.codes import in_capitals
from servicekit.http.doors import Admit
from servicekit.http.errors import ApiError
from servicekit.postgres.bulkheads import Bulkhead, Bulkheads

SCOPE = "campaigns"
READ_SCOPE = "campaigns_read"
SETTINGS_SCOPE = "settings"
PORTAL_SCOPE = "portal"
OPERATOR = object()  # who manages this installation, and is no project's caller


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key or token opened the door. All else is looked up inside this project.

    `key_id` is the key's or the user's; `partner_id` is set for a partner, who sees his own alone.
    """

    project_id: str
    key_id: str
    request_id: str
    scopes: frozenset[str]
    partner_id: str | None
    case_sensitive_codes: bool

    def code(self, text: str) -> str:
        """Return a code as this project spells it; the id of a voucher stays as it is."""
        if self.case_sensitive_codes or looks_like_voucher_id(text):
            return text
        code = in_capitals(text)
        if len(code) > LONGEST_CODE:
            raise InvalidError(
                "The code is too long", f"in capitals it has more than {LONGEST_CODE} characters"
            )
        return code

    def code_template(self, template: CodeTemplate) -> CodeTemplate:
        """Return how this project draws such codes."""
        if self.case_sensitive_codes:
            return template
        return replace(template, config=config_in_capitals(template.config))

    @property
    def actor(self) -> Actor:
        """Who history says it was."""
        return actor_of(self.key_id, self.request_id)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Made by the composition root."""

    pool: asyncpg.Pool
    reads: Bulkheads
    changes: Bulkheads
    allotments: Bulkheads
    feeds: Bulkheads
    exports: ExportPlaces
    links: Gate
    owners: Owners
    propagation: PropagationWaiter
    job_started: asyncio.Event
    bulk_started: asyncio.Event
    customer_key: bytes
    key_memory_seconds: float
    management_id: SecretStr
    management_token: SecretStr

    def reading(self, caller: Caller) -> Bulkhead:
        """Return where a caller borrows a connection for what only reads."""
        return self.reads.of(caller.project_id)

    def changing(self, caller: Caller) -> Bulkhead:
        """Return where a caller borrows one for a change: it waits for no list of his."""
        return self.changes.of(caller.project_id)

    def sharing(self, caller: Caller) -> Bulkhead:
        """Return where a caller borrows one to share codes: others of his changes wait for none."""
        return self.allotments.of(caller.project_id)

    def fetching(self, project_id: str, partner_id: str) -> Bulkhead:
        """Return where a partner's machine borrows one: it waits for those of no other partner."""
        return self.feeds.of(f"{project_id}/{partner_id}")


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


def operator(deps: Dependencies) -> Admit:
    """Return what the door to management asks: the operator of this installation."""
    right_id = deps.management_id.get_secret_value().encode()
    right_token = deps.management_token.get_secret_value().encode()

    async def admit(request: Request) -> object:
        id_matches = hmac.compare_digest(_sent(request, "X-Management-Id"), right_id)
        token_matches = hmac.compare_digest(_sent(request, "X-Management-Token"), right_token)
        if not (id_matches and token_matches):
            raise ApiError(401, "Unauthorized", "send X-Management-Id and X-Management-Token")
        return OPERATOR

    return admit


def _sent(request: Request, header: str) -> bytes:
    return request.headers.get(header, "").encode()


def _caller(request: Request) -> Caller:
    """Tell whom the door admitted."""
    key = request.state.caller
    return Caller(
        key.project_id,
        key.key_id,
        request.state.request_id,
        key.scopes,
        key.partner_id,
        key.case_sensitive_codes,
    )


def _manager(request: Request, _id: ManagementId, _token: ManagementToken) -> None:
    """Make sure that it was the door to management; its headers stand in the API page."""
    if request.state.caller is not OPERATOR:
        raise ApiError(403, "Forbidden", "only the operator may do this")


def _operator(request: Request) -> Actor:
    return operator_at(request.state.request_id)


CurrentCaller = Annotated[Caller, Depends(_caller)]
Operator = Annotated[Actor, Depends(_operator)]  # beside MANAGER_ONLY: who history says it was
MANAGER_ONLY = Depends(_manager)
