"""Invitations as clients write and read them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from campaigns.accounts import Invitation, Role
from campaigns.api.body import Body, example
from campaigns.api.fields import Email, Name, as_typed
from campaigns.history.actors import ActorObject
from campaigns.invitations.store import Open
from campaigns.people.bodies import StandingBody
from contracts.instants import Instant


class NewInvitation(StandingBody):
    """Who is invited, and to what role."""

    model_config = example(email="ann@shop.example", role="editor")

    email: Email


class Acceptance(Body):
    """Who has an account already sends its password, and needs no name."""

    model_config = example(name="Ann Lee", password="correct horse battery")  # noqa: S106

    name: Name | None = None
    password: Annotated[str, Field(max_length=1_000), AfterValidator(as_typed)]


class InvitationObject(BaseModel):
    """An invitation without its token, which nobody can look up."""

    id: str
    email: str
    role: Role
    partner_id: str | None
    created_at: Instant
    expires_at: Instant
    created_by: ActorObject
    object: Literal["invitation"] = "invitation"


class MadeInvitation(InvitationObject):
    """The only answer that shows `token`."""

    token: str


class OpenInvitation(BaseModel):
    """What somebody is invited to; with `has_account` he has a password already."""

    email: str
    role: Role
    project_name: str
    expires_at: Instant
    has_account: bool
    object: Literal["invitation"] = "invitation"


class Invitations(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["invitations"] = "invitations"
    invitations: list[InvitationObject]
    total: int


def invitation_response(invitation: Invitation, maker: ActorObject) -> InvitationObject:
    return InvitationObject(
        id=invitation.id,
        email=invitation.email,
        role=invitation.standing.role,
        partner_id=invitation.standing.partner_id,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        created_by=maker,
    )


def open_response(invited: Open, *, has_account: bool) -> OpenInvitation:
    return OpenInvitation(
        email=invited.invitation.email,
        role=invited.invitation.standing.role,
        project_name=invited.project_name,
        expires_at=invited.invitation.expires_at,
        has_account=has_account,
    )
