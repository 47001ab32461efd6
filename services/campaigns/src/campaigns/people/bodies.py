"""Users as they, and owners of projects, write and read them."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from campaigns.accounts import Member, Role, Standing, User
from campaigns.api.body import Body, example
from campaigns.api.fields import Email, Name, as_typed, new_password
from campaigns.people.verbs import Account
from contracts.instants import Instant

MOST_LISTS = 50
MOST_COLUMNS = 50

Short = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[a-z0-9_.-]+$")]
Columns = Annotated[
    dict[Short, Annotated[list[Short], Field(max_length=MOST_COLUMNS)]],
    Field(max_length=MOST_LISTS),
]
Theme = Literal["system", "light", "dark"]
NewPassword = Annotated[str, AfterValidator(new_password)]


class PreferencesBody(Body):
    """What is absent stays; `columns` are replaced as a whole."""

    theme: Theme | None = None
    letters: Annotated[bool, Field(strict=True)] | None = None
    columns: Columns | None = None


class Preferences(BaseModel):
    """How somebody likes the console: `letters` are keys that act without Ctrl or Alt."""

    theme: Theme = "system"
    letters: bool = True
    columns: dict[str, list[str]] = {}


class AccountChanges(Body):
    """What is absent stays. A new password needs the old one, if there is one."""

    model_config = example(name="Ann Lee", preferences={"theme": "dark"})

    name: Name | None = None
    preferences: PreferencesBody | None = None
    password: Annotated[str, Field(max_length=1_000), AfterValidator(as_typed)] | None = None
    new_password: NewPassword | None = None

    def preferences_sent(self) -> dict[str, Any]:
        return {} if self.preferences is None else self.preferences.model_dump(exclude_none=True)


class StandingBody(Body):
    """A role; a partner's needs `partner_id`, and no other has one."""

    model_config = example(role="editor")

    role: Role
    partner_id: Annotated[str, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _partners_alone_have_one(self) -> "StandingBody":
        if (self.role == "partner") != (self.partner_id is not None):
            raise ValueError("a partner needs partner_id, and no other role has one")
        return self

    @property
    def standing(self) -> Standing:
        return Standing(self.role, self.partner_id)


class NewMember(StandingBody):
    """Who is to be let in; without a name the e-mail is shown in its place."""

    model_config = example(email="ann@shop.example", role="owner", name="Ann Lee")

    email: Email
    name: Name | None = None
    account: Account | None = Field(
        default=None,
        description="Of an account that is there already: let it in, or with a new password.",
    )


class UserObject(BaseModel):
    """A person who may sign in."""

    id: str
    email: str
    name: str
    has_password: bool
    preferences: Preferences
    object: Literal["user"] = "user"


class MemberObject(BaseModel):
    """A person in this project."""

    id: str
    email: str
    name: str
    role: Role
    partner_id: str | None
    joined_at: Instant
    last_seen_at: Instant | None
    object: Literal["member"] = "member"


class AddedMember(MemberObject):
    """The only answer that shows `password`; null for who keeps the one of his account."""

    password: str | None


class Members(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["users"] = "users"
    users: list[MemberObject]
    total: int


class FreshPassword(BaseModel):
    """The only answer that shows it."""

    password: str
    object: Literal["password"] = "password"


def user_response(user: User) -> UserObject:
    return UserObject(
        id=user.id,
        email=user.email,
        name=user.name,
        has_password=user.password_hash is not None,
        preferences=Preferences.model_validate(user.preferences),
    )


def member_response(member: Member) -> MemberObject:
    return MemberObject(
        id=member.user_id,
        email=member.email,
        name=member.name,
        role=member.standing.role,
        partner_id=member.standing.partner_id,
        joined_at=member.joined_at,
        last_seen_at=member.seen_at,
    )
