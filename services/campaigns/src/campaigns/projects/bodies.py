"""Projects and keys as the operator writes and reads them."""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from campaigns.api.fields import Body, Name
from campaigns.model import Project
from campaigns.projects.credentials import Credentials
from contracts.money import Currency
from contracts.projects import Scope


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("should be an IANA time zone such as Europe/Berlin")
    return name


def _distinct(scopes: tuple[Scope, ...]) -> tuple[Scope, ...]:
    return tuple(dict.fromkeys(scopes))


class NewProject(Body):
    """Unknown fields are refused: a mistyped time zone would be that of reports for ever."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    currency: Currency
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"


class NewKey(Body):
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1), AfterValidator(_distinct)]


class ProjectObject(BaseModel):
    id: str
    name: str
    currency: str
    time_zone: str
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
        time_zone=project.time_zone,
        app_id=fresh.key_id,
        app_token=fresh.secret,
    )
