"""Projects as people write and read them."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel

from campaigns.api.body import Body, example, overlay
from campaigns.api.fields import Name
from campaigns.projects.credentials import Credentials
from campaigns.refusals import InvalidError
from campaigns.tenants import Project
from contracts.currencies import check_currency
from contracts.guesses import GuessLimits, WindowSeconds, Wrong
from contracts.money import Currency


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
    """What all of a project's figures are counted in, for ever, and by whose days.

    `case_sensitive_codes: false`: `summer10` and `SUMMER10` are one code, for ever. All its codes
    are in capitals then, whatever is sent.
    """

    model_config = example(name="My shop", currency="EUR", time_zone="Europe/Berlin")

    name: Name
    currency: Annotated[Currency, AfterValidator(check_currency)]
    time_zone: Annotated[str, AfterValidator(_iana_zone)] | None = None
    guess_limits: GuessLimitsBody | None = None
    case_sensitive_codes: bool | None = None


class ProjectChanges(Body):
    """What is absent stays. Currency and letter case never change: both may be sent back."""

    model_config = example(name="My shop", time_zone="Europe/Berlin")

    name: Name | None = None
    time_zone: Annotated[str, AfterValidator(_iana_zone)] | None = None
    currency: str | None = None
    case_sensitive_codes: bool | None = None

    def merged_with(self, project: Project) -> tuple[str, str]:
        """Return name and time zone as they are to be."""
        if self.currency is not None and self.currency != project.currency:
            raise InvalidError(
                "Property .currency: cannot be changed",
                f"what was redeemed is counted in {project.currency}: open another project",
            )
        if self.case_sensitive_codes not in {None, project.case_sensitive_codes}:
            raise InvalidError(
                "Property .case_sensitive_codes: cannot be changed",
                "two codes might become one, or one two: open another project",
            )
        return self.name or project.name, self.time_zone or project.time_zone


class ProjectObject(BaseModel):
    """A project; an amount of 1 is 10 to the power of minus `minor_units` of its currency."""

    id: str
    name: str
    currency: str
    minor_units: int
    time_zone: str
    case_sensitive_codes: bool
    guess_limits: GuessLimits
    object: Literal["project"] = "project"


class OpenedProject(ProjectObject):
    """The only answer that shows `app_token`; nobody can look it up later."""

    app_id: str
    app_token: str


class Projects(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["projects"] = "projects"
    projects: list[ProjectObject]
    total: int


def project_response(project: Project) -> ProjectObject:
    return ProjectObject.model_validate(project, from_attributes=True)


def opened_response(project: Project, fresh: Credentials) -> OpenedProject:
    return OpenedProject(
        id=project.id,
        name=project.name,
        currency=project.currency,
        minor_units=project.minor_units,
        time_zone=project.time_zone,
        case_sensitive_codes=project.case_sensitive_codes,
        guess_limits=project.guess_limits,
        app_id=fresh.key_id,
        app_token=fresh.secret,
    )
