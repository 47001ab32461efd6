"""Begins and ends sessions, and makes tokens of them. The caller opened the transaction.

The secret of a session leaves here once; what is stored is its digest. A session ends when it was
not used for half a day, or after a month, or when somebody says so: then its tokens end with it,
in every service, as fast as a key does.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from campaigns.accounts import Membership, Session, User
from campaigns.people import store as people
from campaigns.projects import credentials
from campaigns.projects import verbs as projects
from campaigns.refusals import NotFoundError
from campaigns.sessions import store as sessions
from campaigns.sessions import tries
from campaigns.sessions.tries import Place
from campaigns.tenants import Project
from contracts import ids
from servicekit.http.tokens import LIFETIME_SECONDS, SKEW_SECONDS, Claims
from servicekit.postgres.pool import Connection

SESSION_PREFIX: Final = "cps_"
IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=30)
SEEN_EVERY: Final = timedelta(minutes=1)  # or each request would be a write
MOST_SESSIONS: Final = 20  # of one person; the oldest makes way
# As long as a token that was made a moment ago may be accepted by somebody's clock.
TOKENS_OVER: Final = timedelta(seconds=LIFETIME_SECONDS + 2 * SKEW_SECONDS)


class Begun(NamedTuple):
    """A session that began just now, and what its owner keeps."""

    session: Session
    secret: str
    ended: Sequence[Project]  # who is told of older ones that made way


def ends_at(session: Session) -> datetime:
    """Return when it ends if it is not used again."""
    return min(session.seen_at + IDLE, session.created_at + LONGEST)


async def begin(conn: Connection, user: User, place: Place) -> Begun:
    """Begin a session of somebody who has proven who he is."""
    theirs = await sessions.of_user(conn, user.id)
    await sessions.remove(conn, {each.id for each in theirs if _is_over(each)})
    open_ones = [each.id for each in theirs if not _is_over(each)]
    ended = await _end(conn, user.id, open_ones[MOST_SESSIONS - 1 :])
    secret, session_id = credentials.draw(SESSION_PREFIX), ids.new("sess_")
    await sessions.add(
        conn,
        session_id,
        user.id,
        credentials.digest(secret),
        address=place.address,
        client=place.client,
    )
    await sessions.remember_address(conn, user.id, place.network, tries.KNOWN)
    begun = await sessions.find(conn, session_id)
    assert begun is not None  # noqa: S101 - it was written above
    return Begun(begun, secret, ended)


async def use(conn: Connection, secret: str) -> Session | None:
    """Return the session whose secret this is, unless it is over, and remember that it was used."""
    session = await sessions.find_by_digest(conn, credentials.digest(secret))
    if session is None or _is_over(session):
        return None
    if datetime.now(UTC) - session.seen_at > SEEN_EVERY:
        await sessions.mark_seen(conn, session.id)
    return session


async def end(conn: Connection, user_id: str, session_id: str) -> list[Project]:
    """End one of somebody's sessions, and its tokens; return the projects that are told."""
    session = await sessions.find(conn, session_id)
    if session is None or session.user_id != user_id:
        raise NotFoundError("session", session_id)
    return await _end(conn, user_id, {session_id})


async def end_all(conn: Connection, user_id: str, *, but: str | None = None) -> list[Project]:
    """End all of somebody's sessions, perhaps but one."""
    theirs = {each.id for each in await sessions.of_user(conn, user_id)}
    return await _end(conn, user_id, theirs - {but})


async def listed(conn: Connection, user_id: str) -> list[Session]:
    """Return the sessions that somebody has open, the newest first."""
    return [each for each in await sessions.of_user(conn, user_id) if not _is_over(each)]


async def claims(conn: Connection, session_id: str, project_id: str) -> tuple[Claims, Membership]:
    """Return what a token of this session may say of a project, as of now."""
    session = await sessions.hold(conn, session_id)
    if session is None:
        raise NotFoundError("session", session_id)
    theirs = await people.memberships(conn, session.user_id)
    membership = next((each for each in theirs if each.project_id == project_id), None)
    if membership is None:
        raise NotFoundError("project", project_id)
    now = _now()
    ends = min(now + timedelta(seconds=LIFETIME_SECONDS), session.created_at + LONGEST)
    said = Claims(
        user_id=session.user_id,
        session_id=session.id,
        grant_id=membership.grant_id,
        project_id=project_id,
        scopes=frozenset(membership.standing.scopes),
        partner_id=membership.standing.partner_id,
        expires_at=int(ends.timestamp()),
    )
    return said, membership


async def _end(conn: Connection, user_id: str, session_ids: Collection[str]) -> list[Project]:
    if not session_ids:
        return []
    # Removed first: a token that is just being made holds its session until it is made, so that
    # no project is overlooked that it may be for.
    await sessions.remove(conn, session_ids)
    theirs = {each.project_id for each in await people.memberships(conn, user_id)}
    return await projects.end(conn, theirs, session_ids, TOKENS_OVER)


def _is_over(session: Session) -> bool:
    return ends_at(session) <= _now()


def _now() -> datetime:
    return datetime.now(UTC)
