"""A project as the tenant that it is: its keys, and what was ended lately."""

from dataclasses import dataclass
from datetime import datetime

from contracts.currencies import MINOR_UNITS
from contracts.guesses import GuessLimits
from contracts.projects import Scope
from contracts.stacking import StackingRules


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key in force, without its secret."""

    id: str
    digest: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuedApiKey:
    """An API key as people see it, in force or revoked."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    hint: str
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndedGrant:
    """A session or a grant whose tokens open nothing any more; by `until` all have expired."""

    id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Project:
    """One tenant, the keys in force, and what was ended lately."""

    id: str
    version: int
    name: str
    currency: str
    time_zone: str
    case_sensitive_codes: bool
    guess_limits: GuessLimits
    stacking: StackingRules
    keys: tuple[ApiKey, ...]
    created_at: datetime
    changed_at: datetime
    ended: tuple[EndedGrant, ...] = ()

    @property
    def minor_units(self) -> int:
        """How many decimal places of the currency an amount counts."""
        return MINOR_UNITS[self.currency]
