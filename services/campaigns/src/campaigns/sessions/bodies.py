"""Sessions and tokens as clients write and read them."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from campaigns.accounts import Membership, Role, Session, User
from campaigns.api.body import Body, example
from campaigns.api.fields import Email, as_typed
from campaigns.people.bodies import UserObject, user_response
from campaigns.sessions import verbs
from contracts.instants import Instant
from contracts.projects import Scope

# What is sent to be compared: longer than any that can be set is wrong, and not hashed.
Password = Annotated[str, Field(max_length=1_000), AfterValidator(as_typed)]


class NewSession(Body):
    """Who signs in."""

    model_config = example(email="ann@shop.example", password="correct horse battery")  # noqa: S106

    email: Email
    password: Password


class NewToken(Body):
    """For which project."""

    model_config = example(project_id="proj_4T9aXkQ2mW7cLr8Jv1Zs0bNd")

    project_id: Annotated[str, Field(max_length=200)]


class SessionObject(BaseModel):
    """One device that somebody is signed in on; `current` is the one that asks."""

    id: str
    created_at: Instant
    seen_at: Instant
    expires_at: Instant
    current: bool
    address: str | None
    client: str | None
    object: Literal["session"] = "session"


class ProjectOfUser(BaseModel):
    """A project that somebody belongs to, and what a token for it may do."""

    id: str
    name: str
    role: Role
    partner_id: str | None
    scopes: tuple[Scope, ...]
    currency: str
    minor_units: int
    time_zone: str


class SignedIn(SessionObject):
    """Who is signed in, and where he may go."""

    user: UserObject
    projects: list[ProjectOfUser]


class BegunSession(SignedIn):
    """The only answer that shows `secret`; nobody can look it up later."""

    secret: str


class Sessions(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["sessions"] = "sessions"
    sessions: list[SessionObject]
    total: int


class TokenObject(BaseModel):
    """What all services accept as `Authorization: Bearer …` until it expires."""

    token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_at: Instant
    project_id: str
    role: Role
    partner_id: str | None
    scopes: tuple[Scope, ...]
    object: Literal["token"] = "token"


def session_response(session: Session, current: str) -> SessionObject:
    return SessionObject(
        id=session.id,
        created_at=session.created_at,
        seen_at=session.seen_at,
        expires_at=verbs.ends_at(session),
        current=session.id == current,
        address=session.address,
        client=session.client,
    )


def signed_in_response(session: Session, user: User, memberships: Sequence[Membership]) -> SignedIn:
    return SignedIn(
        **session_response(session, session.id).model_dump(),
        user=user_response(user),
        projects=[_project(each) for each in memberships],
    )


def begun_response(
    begun: verbs.Begun, user: User, memberships: Sequence[Membership]
) -> BegunSession:
    shown = signed_in_response(begun.session, user, memberships)
    return BegunSession(**dict(shown), secret=begun.secret)


def _project(membership: Membership) -> ProjectOfUser:
    return ProjectOfUser(
        id=membership.project_id,
        name=membership.project_name,
        role=membership.standing.role,
        partner_id=membership.standing.partner_id,
        scopes=membership.standing.scopes,
        currency=membership.currency,
        minor_units=membership.minor_units,
        time_zone=membership.time_zone,
    )
