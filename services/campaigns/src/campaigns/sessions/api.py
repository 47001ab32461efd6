"""Signing in and out, and tokens, over HTTP."""

from collections.abc import Sequence

from fastapi import APIRouter, Response

from campaigns.accounts import User
from campaigns.api.access import Dependencies, Deps
from campaigns.api.caching import KEPT_NOWHERE
from campaigns.api.errors import SIGN_IN
from campaigns.api.paths import PathParam
from campaigns.people import store as people
from campaigns.people import verbs as members
from campaigns.propagation.waiter import subject_of_project
from campaigns.refusals import SignInFailedError
from campaigns.sessions import store as sessions
from campaigns.sessions import tries, verbs
from campaigns.sessions.bodies import (
    BegunSession,
    NewSession,
    NewToken,
    Sessions,
    SignedIn,
    TokenObject,
    begun_response,
    session_response,
    signed_in_response,
)
from campaigns.sessions.signed_in import (
    SESSION_HEADERS,
    SIGN_IN_AGAIN,
    CurrentPerson,
    CurrentPlace,
    Signing,
    SigningIn,
)
from campaigns.sessions.tries import Place
from campaigns.tenants import Project
from servicekit.http import tokens
from servicekit.http.errors import unauthorized
from servicekit.http.openapi import NOT_FOUND
from servicekit.postgres.pool import connection, transaction

signing_in = APIRouter(prefix="/v1/sessions", tags=["people"], dependencies=[KEPT_NOWHERE])
router = APIRouter(
    prefix="/v1/sessions", tags=["people"], dependencies=[KEPT_NOWHERE, *SESSION_HEADERS]
)


@signing_in.post("", responses=SIGN_IN)
async def sign_in(
    body: NewSession, place: CurrentPlace, signing: Signing, deps: Deps
) -> BegunSession:
    """Begin a session. Whatever does not fit is answered alike, and takes as long."""
    user = await proven(signing, body.email, body.password, place)
    return await begun(signing, deps, user, place)


@router.get("/current")
async def get_current_session(person: CurrentPerson, signing: Signing) -> SignedIn:
    """Show who is signed in, and the projects that he belongs to."""
    async with signing.gate.entered() as pool, connection(pool) as conn:
        session = await sessions.find(conn, person.session_id)
        if session is None:
            raise unauthorized(SIGN_IN_AGAIN)
        user = await members.get(conn, person.user_id)
        memberships = await people.memberships(conn, user.id)
    return signed_in_response(session, user, memberships)


@router.post("/tokens", responses=NOT_FOUND)
async def issue_token(body: NewToken, person: CurrentPerson, signing: Signing) -> TokenObject:
    """Make a token for one project. A session's secret opens this; a token makes no other."""
    if person.session is None:
        raise unauthorized("send the secret of the session: a token makes no other")
    async with signing.gate.entered() as pool, transaction(pool) as conn:
        claims, membership = await verbs.claims(conn, person.session_id, body.project_id)
    return TokenObject(
        token=tokens.sign(claims, signing.signing_key),
        expires_at=claims.expires,
        project_id=claims.project_id,
        role=membership.standing.role,
        partner_id=claims.partner_id,
        scopes=membership.standing.scopes,
    )


@router.get("")
async def list_sessions(person: CurrentPerson, signing: Signing) -> Sessions:
    """List where somebody is signed in, the newest first."""
    async with signing.gate.entered() as pool, connection(pool) as conn:
        found = await verbs.listed(conn, person.user_id)
    shown = [session_response(each, person.session_id) for each in found]
    return Sessions(sessions=shown, total=len(shown))


@router.delete("/{session}", status_code=204)
async def end_session(
    session: PathParam, person: CurrentPerson, signing: Signing, deps: Deps
) -> Response:
    """Sign out: `current`, or another of one's own. Tokens of it end within two seconds."""
    named = person.session_id if session == "current" else session
    async with signing.gate.entered() as pool, transaction(pool) as conn:
        told = await verbs.end(conn, person.user_id, named)
    await tell(deps, told)
    return Response(status_code=204)


async def proven(signing: SigningIn, email: str, password: str, place: Place) -> User:
    """Return whose e-mail and password these are; SignInFailedError for whatever does not fit."""
    async with signing.gate.entered() as pool, transaction(pool) as conn:
        taken = await tries.take(conn, email, place)
        user = await people.find_by_email(conn, email)
    password_hash = None if user is None else user.password_hash
    if not await signing.passwords.matches(password_hash, password) or user is None:
        raise SignInFailedError
    async with signing.gate.entered() as pool, transaction(pool) as conn:
        await sessions.give_back(conn, taken)
    return user


async def begun(signing: SigningIn, deps: Dependencies, user: User, place: Place) -> BegunSession:
    """Begin a session of somebody who was proven a moment ago."""
    async with signing.gate.entered() as pool, transaction(pool) as conn:
        now = await people.lock(conn, user.id)
        if now is None or now.password_hash != user.password_hash:  # another one since
            raise SignInFailedError
        session = await verbs.begin(conn, now, place)
        memberships = await people.memberships(conn, user.id)
    await tell(deps, session.ended)
    return begun_response(session, now, memberships)


async def tell(deps: Dependencies, told: Sequence[Project]) -> None:
    """Give redemption a moment to hear of it; analytics hears of it about as soon."""
    for project in told:
        await deps.propagation.wait_briefly(subject_of_project(project), project.version)
