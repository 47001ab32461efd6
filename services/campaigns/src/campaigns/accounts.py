"""Who signs in: people, what each is in which project, and how they come in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from contracts.currencies import MINOR_UNITS
from contracts.projects import Scope

Role = Literal["owner", "editor", "viewer", "partner"]

ROLE_SCOPES: Final[Mapping[Role, tuple[Scope, ...]]] = {
    "owner": ("campaigns", "redemptions", "reports", "settings"),
    "editor": ("campaigns", "redemptions_read", "reports"),
    "viewer": ("campaigns_read", "redemptions_read", "reports"),
    "partner": ("portal",),
}


@dataclass(frozen=True, slots=True)
class User:
    """A person who may sign in, whichever projects it belongs to."""

    id: str
    email: str
    name: str
    password_hash: str | None
    verified: bool
    invited: bool
    preferences: dict[str, Any]

    @property
    def vouched_for(self) -> bool:
        """Tell whether a provider or the operator says that this is the person of the e-mail.

        Who made the account by an invitation may be a stranger, such as whoever wrote that.
        """
        return self.verified or not self.invited


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is to be in a project; a partner is one of its partners, nobody else is."""

    role: Role
    partner_id: str | None = None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        return ROLE_SCOPES[self.role]


@dataclass(frozen=True, slots=True)
class Member:
    """A person in one project."""

    user_id: str
    email: str
    name: str
    standing: Standing
    grant_id: str
    joined_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Membership:
    """A project as one of its members sees it."""

    project_id: str
    project_name: str
    currency: str
    time_zone: str
    grant_id: str
    standing: Standing

    @property
    def minor_units(self) -> int:
        return MINOR_UNITS[self.currency]


@dataclass(frozen=True, slots=True)
class Invitation:
    """What may be accepted by whoever has its token."""

    id: str
    email: str
    standing: Standing
    created_by: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in, on one device."""

    id: str
    user_id: str
    address: str | None
    client: str | None
    created_at: datetime
    seen_at: datetime
