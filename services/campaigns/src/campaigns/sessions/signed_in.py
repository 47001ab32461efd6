"""Who is signed in: the door of what belongs to a person and to no project."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final, NamedTuple

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from joserfc.jwk import OKPKey

from campaigns.accounts import Session
from campaigns.api.gate import Gate
from campaigns.keys.callers import Caller
from campaigns.sessions import verbs
from campaigns.sessions.passwords import Passwords
from campaigns.sessions.tries import Place
from servicekit.http.errors import unauthorized
from servicekit.http.keys import BEARER
from servicekit.postgres.pool import transaction

SIGN_IN_AGAIN: Final = "the session has ended: sign in again"
LONGEST_CLIENT: Final = 200
LONGEST_SECRET: Final = 100

Bearer = Callable[[Request], Awaitable[Caller | None]]


class Person(NamedTuple):
    """Who is signed in. `session` is there for who has its secret, and not just a token of it."""

    user_id: str
    session_id: str
    session: Session | None = None


@dataclass(frozen=True, slots=True)
class SigningIn:
    """What signing in needs, made by the composition root."""

    gate: Gate
    passwords: Passwords
    signing_key: OKPKey


def admits(gate: Gate, bearer: Bearer) -> Callable[[Request], Awaitable[object]]:
    """Return what the door asks: a session's secret, or a token that came of one."""

    async def admit(request: Request) -> Person:
        sent = request.headers.get("authorization", "")
        secret = sent[len(BEARER) :].strip()
        if sent.lower().startswith(BEARER) and secret.startswith(verbs.SESSION_PREFIX):
            return await _owner(gate, secret)
        caller = await bearer(request)
        if caller is None or caller.session_id is None:
            raise unauthorized("send the secret of a session, or a token of it")
        return Person(caller.key_id, caller.session_id)

    return admit


async def _owner(gate: Gate, secret: str) -> Person:
    if len(secret) > LONGEST_SECRET:
        raise unauthorized(SIGN_IN_AGAIN)
    async with gate.entered() as pool, transaction(pool) as conn:
        session = await verbs.use(conn, secret)
    if session is None:
        raise unauthorized(SIGN_IN_AGAIN)
    return Person(session.user_id, session.id, session)


def _person(request: Request) -> Person:
    person: Person = request.state.caller
    return person


def _place(request: Request) -> Place:
    """Tell where a request comes from; what stands in its headers may be anything."""
    said = request.headers.get("user-agent", "")[:LONGEST_CLIENT]
    client = "".join(each for each in said if each.isprintable())
    return Place(None if request.client is None else request.client.host, client or None)


def _signing_in(request: Request) -> SigningIn:
    signing_in: SigningIn = request.app.state.signing_in
    return signing_in


CurrentPerson = Annotated[Person, Depends(_person)]
CurrentPlace = Annotated[Place, Depends(_place)]
Signing = Annotated[SigningIn, Depends(_signing_in)]

# Of routes that a session's secret or a token opens: for the API page.
SESSION_HEADERS: Final = [
    Security(
        HTTPBearer(
            scheme_name="Session",
            description="the secret that POST /v1/sessions shows, or a token",
            auto_error=False,
        )
    ),
]
