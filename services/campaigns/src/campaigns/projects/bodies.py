"""Projects and keys as the operator writes and reads them."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from campaigns.api.body import Body, example, overlay
from campaigns.api.fields import Name
from campaigns.model import IssuedApiKey, Project
from campaigns.projects.credentials import Credentials
from contracts.currencies import check_currency
from contracts.guesses import GuessLimits, WindowSeconds, Wrong
from contracts.instants import Instant
from contracts.money import Currency
from contracts.projects import Scope


@cache
def _iana_zones() -> frozenset[str]:
    # As IANA has them: a machine's own list holds names that mean nothing elsewhere. "Factory" is
    # the clock of a machine that nobody has set.
    names = files("tzdata").joinpath("zones").read_text("ascii").split()
    return frozenset(names) - {"Factory"}


def _iana_zone(name: str) -> str:
    if name not in _iana_zones():
        raise ValueError("should be an IANA time zone such as Europe/Berlin")
    return name


def _distinct(scopes: tuple[Scope, ...]) -> tuple[Scope, ...]:
    return tuple(dict.fromkeys(scopes))


class GuessLimitsBody(Body):
    """How many wrong codes may come in any such window: what is absent stays, null is "any number".

    A window cannot be emptied: null leaves it.
    """

    model_config = example(window_seconds=60, per_customer=10, per_address=None)

    window_seconds: WindowSeconds | None = None
    per_customer: Wrong | None = None
    per_address: Wrong | None = None
    per_key: Wrong | None = None

    def merged_with(self, current: GuessLimits) -> GuessLimits:
        merged = overlay(current, self)
        window = merged.window_seconds or current.window_seconds
        return merged.model_copy(update={"window_seconds": window})


class NewProject(Body):
    """What all of a project's figures are counted in, and by whose days; neither ever changes."""

    model_config = example(name="My shop", currency="EUR", time_zone="Europe/Berlin")

    name: Name
    currency: Annotated[Currency, AfterValidator(check_currency)]
    time_zone: Annotated[str, AfterValidator(_iana_zone)] | None = None
    guess_limits: GuessLimitsBody | None = None


class NewKey(Body):
    model_config = example(scopes=["redemptions"])

    scopes: Annotated[tuple[Scope, ...], Field(min_length=1), AfterValidator(_distinct)]


class ProjectObject(BaseModel):
    """A project; an amount of 1 is 10 to the power of minus `minor_units` of its currency."""

    id: str
    name: str
    currency: str
    minor_units: int
    time_zone: str
    guess_limits: GuessLimits
    object: Literal["project"] = "project"


class OpenedProject(ProjectObject):
    """The only answer that shows `app_token`; nobody can look it up later."""

    app_id: str
    app_token: str


class IssuedKey(BaseModel):
    """The only answer that shows `app_token`; nobody can look it up later."""

    app_id: str
    app_token: str
    scopes: tuple[Scope, ...]
    object: Literal["api_key"] = "api_key"


class KeyObject(BaseModel):
    """A key without its secret, which nobody can look up; one with `revoked_at` opens nothing."""

    app_id: str
    scopes: tuple[Scope, ...]
    created_at: Instant
    revoked_at: Instant | None
    object: Literal["api_key"] = "api_key"


class Keys(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["keys"] = "keys"
    keys: list[KeyObject]
    total: int


class Projects(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["projects"] = "projects"
    projects: list[ProjectObject]
    total: int


def project_response(project: Project) -> ProjectObject:
    return ProjectObject.model_validate(project, from_attributes=True)


def key_response(key: IssuedApiKey) -> KeyObject:
    return KeyObject(
        app_id=key.id, scopes=key.scopes, created_at=key.created_at, revoked_at=key.revoked_at
    )


def opened_response(project: Project, fresh: Credentials) -> OpenedProject:
    return OpenedProject(
        id=project.id,
        name=project.name,
        currency=project.currency,
        minor_units=project.minor_units,
        time_zone=project.time_zone,
        guess_limits=project.guess_limits,
        app_id=fresh.key_id,
        app_token=fresh.secret,
    )
