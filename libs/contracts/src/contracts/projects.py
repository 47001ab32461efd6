"""What redemption and analytics must know of a project: its money, its clock, who comes in."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.event import Event, Identifier, Model
from contracts.guesses import GuessLimits
from contracts.instants import Instant
from contracts.money import Count, Currency
from contracts.stacking import StackingRules

# Who may change may look. `settings` is everything about users, keys and the project, so its
# bearer can give himself the rest; `portal` is a partner's own, and no key has it. `client_…` are
# those of publishable keys, which stand in pages and prove nothing but where they are used.
KeyScope = Literal[
    "campaigns",
    "campaigns_read",
    "redemptions",
    "redemptions_read",
    "reports",
    "settings",
    "client_validations",
    "client_redemptions",
]
Scope = Literal[KeyScope, "portal"]


# As readers take it: one that only a newer writer knows must not cost a project all its keys.
ScopeKey = Annotated[str, Field(max_length=100, pattern=r"^[a-z][a-z0-9_]*$")]


class ApiKey(Model):
    """A key in force; a revoked one is absent. `digest` is SHA-256 of the secret, in hex.

    A publishable one is used by pages of its `origins` alone.
    """

    id: Identifier
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    scopes: tuple[ScopeKey, ...]
    expires_at: Instant | None = None
    origins: tuple[str, ...] = ()


class Ended(Model):
    """A session or a grant whose tokens open nothing any more; by `until` all have expired."""

    id: Identifier
    until: Instant


class ProjectSnapshot(Model):
    """One tenant. `time_zone` is an IANA name; instants stay in UTC.

    Where `case_sensitive_codes` is false, which a project is once and for all, its codes are in
    capitals (`contracts.codes`).
    """

    id: Identifier
    version: Count
    name: str
    currency: Currency
    time_zone: str
    case_sensitive_codes: bool = True
    keys: tuple[ApiKey, ...]
    guess_limits: GuessLimits = GuessLimits()
    ended: tuple[Ended, ...] = ()
    stacking: StackingRules = StackingRules()


class ProjectChanged(Event):
    """The whole project as it now is; the highest version wins."""

    type: Literal["coupons.project.changed.v1"] = "coupons.project.changed.v1"
    data: ProjectSnapshot
