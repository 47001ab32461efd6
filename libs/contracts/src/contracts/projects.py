"""What redemption and analytics must know of a project: its money, its clock, its keys."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.event import Event, Identifier, Model
from contracts.guesses import GuessLimits
from contracts.money import Count, Currency

Scope = Literal["campaigns", "redemptions", "reports"]


# As readers take it: one that only a newer writer knows must not cost a project all its keys.
ScopeKey = Annotated[str, Field(max_length=100, pattern=r"^[a-z][a-z0-9_]*$")]


class ApiKey(Model):
    """A key in force; a revoked one is absent. `digest` is SHA-256 of the secret, in hex."""

    id: Identifier
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    scopes: tuple[ScopeKey, ...]


class ProjectSnapshot(Model):
    """One tenant. `time_zone` is an IANA name; instants stay in UTC."""

    id: Identifier
    version: Count
    name: str
    currency: Currency
    time_zone: str
    keys: tuple[ApiKey, ...]
    guess_limits: GuessLimits = GuessLimits()


class ProjectChanged(Event):
    """The whole project as it now is; the highest version wins."""

    type: Literal["coupons.project.changed.v1"] = "coupons.project.changed.v1"
    data: ProjectSnapshot
