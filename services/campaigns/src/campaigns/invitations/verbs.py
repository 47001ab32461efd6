"""Invites people, and lets in those who come. The caller opened the transaction.

The token of an invitation leaves here once, 256 random bits of it; what is stored is its digest.
"""

from datetime import timedelta
from typing import Any, Final

from campaigns.accounts import Invitation, Standing, User
from campaigns.actors import Actor, Target
from campaigns.history import verbs as history
from campaigns.invitations import store as invitations
from campaigns.invitations.store import Open
from campaigns.people import store as people
from campaigns.people import verbs as members
from campaigns.projects import credentials
from campaigns.projects import verbs as projects
from campaigns.refusals import InvalidError, NotFoundError
from contracts import ids
from servicekit.postgres.pool import Connection

INVITATION_PREFIX: Final = "cpi_"
LIFETIME: Final = timedelta(days=7)
MOST_OPEN: Final = 200


async def invite(
    conn: Connection, project_id: str, actor: Actor, email: str, standing: Standing
) -> tuple[Invitation, str]:
    """Invite somebody, and return the token; an earlier one of this e-mail is void."""
    await projects.lock(conn, project_id)
    await members.check(conn, project_id, standing)
    user = await people.find_by_email(conn, email)
    if user is not None and await people.member(conn, project_id, user.id) is not None:
        raise members.already_a_member()
    if await invitations.count(conn, project_id) >= MOST_OPEN:
        raise InvalidError(
            f"{MOST_OPEN} invitations at most are open at once",
            "revoke some of them",
            "too_many_invitations",
        )
    token, invitation_id = credentials.draw(INVITATION_PREFIX), ids.new("inv_")
    await invitations.add(
        conn,
        project_id,
        invitation_id,
        email,
        standing,
        digest=credentials.digest(token),
        created_by=actor.id,
        lifetime=LIFETIME,
    )
    made = await get(conn, project_id, invitation_id)
    await history.record(
        conn, project_id, actor, "created", _target(made), before=None, after=_shown(made)
    )
    return made, token


async def revoke(conn: Connection, project_id: str, actor: Actor, invitation_id: str) -> None:
    await projects.lock(conn, project_id)
    gone = await get(conn, project_id, invitation_id)
    if not await invitations.remove(conn, project_id, invitation_id):
        raise NotFoundError("invitation", invitation_id)
    await history.record(
        conn, project_id, actor, "revoked", _target(gone), before=_shown(gone), after=None
    )


async def open_with(conn: Connection, token: str) -> Open:
    """Return what a token is for; one that was used, revoked or made up is none."""
    found = await invitations.find_by_digest(conn, credentials.digest(token))
    if found is None:
        raise NotFoundError("invitation", "…")
    return found


async def accept(conn: Connection, invited: Open, actor: Actor, user: User) -> None:
    """Let somebody in by an invitation, which is used up; of two who try, one finds none."""
    await projects.lock(conn, invited.project_id)
    invitation = invited.invitation
    if not await invitations.remove(conn, invited.project_id, invitation.id):
        raise NotFoundError("invitation", "…")
    if await people.member(conn, invited.project_id, user.id) is None:
        await members.join(conn, invited.project_id, actor, user, invitation.standing)


async def get(conn: Connection, project_id: str, invitation_id: str) -> Invitation:
    found = await invitations.find(conn, project_id, invitation_id)
    if found is None:
        raise NotFoundError("invitation", invitation_id)
    return found


def _target(invitation: Invitation) -> Target:
    return Target("invitation", invitation.id, invitation.email)


def _shown(invitation: Invitation) -> dict[str, Any]:
    return {
        "email": invitation.email,
        "role": invitation.standing.role,
        "partner_id": invitation.standing.partner_id,
    }
