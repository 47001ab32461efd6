"""What redemption and analytics must know of a project: its money, its clock, its keys."""

from typing import Literal

from contracts.event import Event, Model
from contracts.money import Currency

Scope = Literal["campaigns", "redemptions", "reports"]


class ApiKey(Model):
    """A key in force; a revoked one is absent. `digest` is SHA-256 of the secret, in hex."""

    id: str
    digest: str
    scopes: tuple[Scope, ...]


class Project(Model):
    """One tenant. `time_zone` is an IANA name; instants stay in UTC."""

    id: str
    version: int
    name: str
    currency: Currency
    time_zone: str
    keys: tuple[ApiKey, ...]


class ProjectChanged(Event):
    """The whole project as it now is; the highest version wins."""

    type: Literal["coupons.project.changed.v1"] = "coupons.project.changed.v1"
    data: Project
