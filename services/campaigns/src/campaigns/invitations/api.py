"""Invitations over HTTP: an owner's, and whoever's who has a token."""

from fastapi import APIRouter, Response

from campaigns.actors import actor_of
from campaigns.api.access import CurrentCaller, Deps
from campaigns.api.caching import KEPT_NOWHERE
from campaigns.api.errors import SIGN_IN
from campaigns.api.fields import new_password
from campaigns.api.paths import PathParam
from campaigns.invitations import store as invitations
from campaigns.invitations import verbs
from campaigns.invitations.bodies import (
    Acceptance,
    Invitations,
    MadeInvitation,
    NewInvitation,
    OpenInvitation,
    invitation_response,
    open_response,
)
from campaigns.keys.makers import makers
from campaigns.people import store as people
from campaigns.people import verbs as members
from campaigns.refusals import InvalidError
from campaigns.sessions.api import begun, proven
from campaigns.sessions.bodies import BegunSession
from campaigns.sessions.signed_in import CurrentPlace, Signing
from servicekit.http.openapi import DUPLICATE, NOT_FOUND
from servicekit.postgres.pool import connection, transaction

router = APIRouter(prefix="/v1/invitations", tags=["settings"], dependencies=[KEPT_NOWHERE])
# Their door asks for nothing: the token in the path is what opens them.
by_token = APIRouter(prefix="/v1/invitations", tags=["people"], dependencies=[KEPT_NOWHERE])


@router.post("", responses={**DUPLICATE, **NOT_FOUND})
async def invite(body: NewInvitation, caller: CurrentCaller, deps: Deps) -> MadeInvitation:
    """Invite somebody; hand the token on, it is shown here alone, and works once, for a week."""
    async with transaction(deps.changing(caller)) as conn:
        made, token = await verbs.invite(
            conn, caller.project_id, caller.actor, body.email, body.standing
        )
        [maker] = await makers(conn, caller.project_id, [made.created_by])
    return MadeInvitation(**dict(invitation_response(made, maker)), token=token)


@router.get("")
async def list_invitations(caller: CurrentCaller, deps: Deps) -> Invitations:
    """List the invitations that may yet be accepted, newest first."""
    async with connection(deps.reading(caller)) as conn:
        found = await invitations.of_project(conn, caller.project_id)
        by = await makers(conn, caller.project_id, [each.created_by for each in found])
    shown = [invitation_response(*each) for each in zip(found, by, strict=True)]
    return Invitations(invitations=shown, total=len(shown))


@router.delete("/{invitation}", status_code=204)
async def revoke_invitation(invitation: PathParam, caller: CurrentCaller, deps: Deps) -> Response:
    async with transaction(deps.changing(caller)) as conn:
        await verbs.revoke(conn, caller.project_id, caller.actor, invitation)
    return Response(status_code=204)


@by_token.get("/{token}")
async def look_at_invitation(token: PathParam, signing: Signing) -> OpenInvitation:
    """Show what somebody is invited to."""
    async with signing.gate.entered() as pool, connection(pool) as conn:
        invited = await verbs.open_with(conn, token)
        user = await people.find_by_email(conn, invited.invitation.email)
    return open_response(invited, has_account=user is not None)


@by_token.post("/{token}/accept", responses=SIGN_IN)
async def accept_invitation(
    token: PathParam, body: Acceptance, place: CurrentPlace, signing: Signing, deps: Deps
) -> BegunSession:
    """Come in by an invitation, with a new account or one's own, and be signed in."""
    async with signing.gate.entered() as pool, connection(pool) as conn:
        invited = await verbs.open_with(conn, token)
        user = await people.find_by_email(conn, invited.invitation.email)
    email = invited.invitation.email
    password_hash = None
    if user is not None:
        user = await proven(signing, email, body.password, place)
    else:
        password_hash = await signing.passwords.hash(_wanted(body, email))
    async with signing.gate.entered() as pool, transaction(pool) as conn:
        if user is None:
            user = await members.make(conn, email, body.name or email, password_hash, invited=True)
        await verbs.accept(conn, invited, actor_of(user.id), user)
    return await begun(signing, deps, user, place)


def _wanted(body: Acceptance, email: str) -> str:
    """Return the password that somebody chooses who has none yet."""
    if body.name is None:
        raise InvalidError("Property .name: is missing", "say what to call you")
    try:
        password = new_password(body.password)
    except ValueError as error:
        raise InvalidError(f"Property .password: {error}", "choose another") from error
    if password.lower() == email:
        raise InvalidError("Property .password: should not be the e-mail", "choose another")
    return password
