"""Signing in by an OIDC provider, over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from pydantic import TypeAdapter, ValidationError

from campaigns.api.access import Deps
from campaigns.api.caching import KEPT_NOWHERE
from campaigns.api.errors import SIGN_IN
from campaigns.api.fields import Email
from campaigns.oidc import attempts, verbs
from campaigns.oidc.bodies import Beginning, OidcObject, Return
from campaigns.oidc.provider import Provider
from campaigns.refusals import NotFoundError, SignInFailedError
from campaigns.sessions.api import begun, tell
from campaigns.sessions.bodies import BegunSession
from campaigns.sessions.signed_in import CurrentPlace, Signing
from servicekit.http.openapi import error_response
from servicekit.postgres.pool import transaction

NOT_OFFERED: Final[dict[int | str, dict[str, Any]]] = {
    404: error_response("There is no provider", 404, ("not_found", "Resource not found"))
}
EMAIL: Final[TypeAdapter[str]] = TypeAdapter(Email)

router = APIRouter(prefix="/v1/oidc", tags=["people"], dependencies=[KEPT_NOWHERE])


@dataclass(frozen=True, slots=True)
class Oidc:
    """What is needed, made by the composition root; without a provider none is offered."""

    provider: Provider | None
    key: bytes


def _oidc(request: Request) -> Oidc:
    oidc: Oidc = request.app.state.oidc
    return oidc


def _provider(oidc: Annotated[Oidc, Depends(_oidc)]) -> Provider:
    if oidc.provider is None:
        raise NotFoundError("provider", "oidc")
    return oidc.provider


Offered = Annotated[Oidc, Depends(_oidc)]
CurrentProvider = Annotated[Provider, Depends(_provider)]


@router.get("")
async def get_oidc(oidc: Offered) -> OidcObject:
    """Say whether one may sign in by a provider."""
    issuer = None if oidc.provider is None else oidc.provider.registration.issuer
    return OidcObject(offered=issuer is not None, issuer=issuer)


@router.post("/begin", responses=NOT_OFFERED)
async def begin(oidc: Offered, provider: CurrentProvider) -> Beginning:
    """Say where the browser goes, for ten minutes."""
    attempt = attempts.begin(oidc.key)
    return Beginning(
        authorization_url=await provider.authorization_url(attempt), state=attempt.state
    )


@router.post("/finish", responses={**NOT_OFFERED, 401: SIGN_IN[401]})
async def finish(
    body: Return,
    oidc: Offered,
    provider: CurrentProvider,
    *,
    place: CurrentPlace,
    signing: Signing,
    deps: Deps,
) -> BegunSession:
    """Begin a session of whom the provider vouches for, if he is a user or invited."""
    attempt = attempts.resume(oidc.key, body.state)
    if attempt is None:
        raise SignInFailedError
    identity = await provider.identity(body.code, attempt)
    try:
        email = EMAIL.validate_python(identity.email)
    except ValidationError as error:
        raise SignInFailedError from error
    name = (identity.name or "").strip()[:200] or email
    async with signing.gate.entered() as pool, transaction(pool) as conn:
        user, told = await verbs.let_in(conn, email, name)
    await tell(deps, told)
    return await begun(signing, deps, user, place)
