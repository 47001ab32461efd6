"""Lets people into projects and out again. The caller opened the transaction.

Another role is another grant: the old one is ended, and its tokens with it, in every service.
"""

from typing import Any, Final, Literal, NamedTuple

from campaigns.accounts import Member, Standing, User
from campaigns.actors import Actor, Target
from campaigns.history import verbs as history
from campaigns.partners import verbs as partners
from campaigns.people import store as people
from campaigns.projects import verbs as projects
from campaigns.refusals import ConflictError, InvalidError, NotFoundError
from campaigns.sessions.verbs import TOKENS_OVER
from campaigns.tenants import Project
from contracts import ids
from servicekit.postgres.pool import Connection

MOST_MEMBERS: Final = 1_000  # a list of them has no pages


Account = Literal["keep", "reset"]


class Changed(NamedTuple):
    """A member as it now is, and the project that is told, if anybody's tokens were ended."""

    member: Member
    project: Project | None


async def make(
    conn: Connection, email: str, name: str, password_hash: str | None, *, invited: bool = False
) -> User:
    """Make a user; an e-mail that has one raises a unique violation."""
    user_id = ids.new("user_")
    await people.add(conn, user_id, email, name, password_hash, invited=invited)
    return await get(conn, user_id)


async def join(
    conn: Connection, project_id: str, actor: Actor, user: User, standing: Standing
) -> Member:
    """Let somebody into a project; who is in it already raises ConflictError."""
    await projects.lock(conn, project_id)
    await check(conn, project_id, standing)
    if await people.member(conn, project_id, user.id) is not None:
        raise already_a_member()
    if await people.count_members(conn, project_id) >= MOST_MEMBERS:
        raise InvalidError(
            f"A project has {MOST_MEMBERS:,} users at most", "remove some of them", "too_many_users"
        )
    await people.add_member(conn, project_id, user.id, _new_grant(), standing)
    joined = await member(conn, project_id, user.id)
    await history.record(
        conn, project_id, actor, "joined", _target(joined), before=None, after=_shown(joined)
    )
    return joined


async def change(
    conn: Connection,
    project_id: str,
    actor: Actor,
    user_id: str,
    wanted: Standing,
) -> Changed:
    """Give a member another role, and end the tokens of the old one."""
    await projects.lock(conn, project_id)
    before = await member(conn, project_id, user_id)
    if wanted == before.standing:
        return Changed(before, None)
    await check(conn, project_id, wanted)
    await _keep_an_owner(conn, project_id, before)
    await people.change_member(conn, project_id, user_id, _new_grant(), wanted)
    after = await member(conn, project_id, user_id)
    await history.record(
        conn,
        project_id,
        actor,
        "updated",
        _target(after),
        before=_shown(before),
        after=_shown(after),
    )
    [told] = await projects.end(conn, [project_id], [before.grant_id], TOKENS_OVER)
    return Changed(after, told)


async def remove(conn: Connection, project_id: str, actor: Actor, user_id: str) -> Project:
    """Let somebody out of a project, and end the tokens that open it."""
    await projects.lock(conn, project_id)
    before = await member(conn, project_id, user_id)
    await _keep_an_owner(conn, project_id, before)
    await people.remove_member(conn, project_id, user_id)
    await history.record(
        conn, project_id, actor, "removed", _target(before), before=_shown(before), after=None
    )
    [told] = await projects.end(conn, [project_id], [before.grant_id], TOKENS_OVER)
    return told


async def check(conn: Connection, project_id: str, standing: Standing) -> None:
    """Make sure that a partner is one of the project's."""
    if standing.partner_id is not None:
        await partners.get(conn, project_id, standing.partner_id)


async def change_account(
    conn: Connection, user_id: str, name: str | None, preferences: dict[str, Any]
) -> User:
    """Write what somebody is called, and what he prefers; what is absent stays."""
    before = await people.lock(conn, user_id)
    if before is None:
        raise NotFoundError("user", user_id)
    await people.change(conn, user_id, name or before.name, before.preferences | preferences)
    return await get(conn, user_id)


async def replace_password(conn: Connection, proven: User, password_hash: str) -> None:
    """Give somebody the password that he chose; not if it has changed since he was proven."""
    now = await people.lock(conn, proven.id)
    if now is None or now.password_hash != proven.password_hash:
        raise ConflictError(
            "The password was changed meanwhile", "sign in with the new one", "version_conflict"
        )
    await people.set_password(conn, proven.id, password_hash)


async def reset_password(
    conn: Connection, project_id: str, actor: Actor, user_id: str, password_hash: str
) -> None:
    """Give a member another password, by the operator; that it was done is in the history."""
    theirs = await member(conn, project_id, user_id)
    await people.lock(conn, user_id)
    await people.set_password(conn, user_id, password_hash)
    await people.vouch(conn, user_id)
    await history.record(
        conn,
        project_id,
        actor,
        "password_reset",
        _target(theirs),
        before={"password": "old"},
        after={"password": "new"},
    )


async def member(conn: Connection, project_id: str, user_id: str) -> Member:
    found = await people.member(conn, project_id, user_id)
    if found is None:
        raise NotFoundError("user", user_id)
    return found


async def get(conn: Connection, user_id: str) -> User:
    found = await people.find(conn, user_id)
    if found is None:
        raise NotFoundError("user", user_id)
    return found


def check_account(user: User, wanted: Account | None) -> None:
    """Raise where an account would come in of which nobody knows whose it is, and none says so."""
    if wanted is None and not user.vouched_for:
        raise ConflictError(
            "There is an account of this e-mail already",
            "somebody made it by an invitation, and nobody has vouched that it is this person's: "
            "ask her; account=keep lets it in as it is, account=reset gives it a new password",
            "account_exists",
        )


def already_a_member() -> ConflictError:
    return ConflictError(
        "Duplicate resource found", "this person is in the project already", "duplicate_found"
    )


async def _keep_an_owner(conn: Connection, project_id: str, leaving: Member) -> None:
    is_owner = leaving.standing.role == "owner"
    if is_owner and not await people.has_another_owner(conn, project_id, leaving.user_id):
        raise ConflictError(
            "The project has no other owner", "make somebody else an owner first", "last_owner"
        )


def _new_grant() -> str:
    return ids.new("grant_")


def _target(member: Member) -> Target:
    return Target("user", member.user_id, member.name)


def _shown(member: Member) -> dict[str, Any]:
    return {
        "email": member.email,
        "role": member.standing.role,
        "partner_id": member.standing.partner_id,
    }
