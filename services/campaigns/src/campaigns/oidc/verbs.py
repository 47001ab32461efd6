"""Lets in whom the provider vouches for. The caller opened the transaction."""

from campaigns.accounts import User
from campaigns.actors import actor_of
from campaigns.invitations import store as invitations
from campaigns.invitations import verbs as invited
from campaigns.people import store as people
from campaigns.people import verbs as members
from campaigns.refusals import SignInFailedError
from campaigns.sessions import verbs as sessions
from campaigns.tenants import Project
from servicekit.postgres.pool import Connection


async def let_in(conn: Connection, email: str, name: str) -> tuple[User, list[Project]]:
    """Return the user of an e-mail that was vouched for, and accept his invitations.

    Who is neither a user nor invited is nobody. A password that was set before anybody had vouched
    for the e-mail may be a stranger's, who was invited under it: it is removed, and his sessions
    end.
    """
    user = await people.find_by_email(conn, email)
    open_ones = await invitations.of_email(conn, email)
    if user is None and not open_ones:
        raise SignInFailedError
    if user is None:
        user = await members.make(conn, email, name, None)
    told: list[Project] = []
    if not user.verified:
        await people.lock(conn, user.id)
        if user.password_hash is not None:
            await people.set_password(conn, user.id, None)
            told = await sessions.end_all(conn, user.id)
        await people.mark_verified(conn, user.id)
    for each in open_ones:
        await invited.accept(conn, each, actor_of(user.id), user)
    return await members.get(conn, user.id), told
