"""Projects and keys: the operator's side, above all projects."""

import asyncio
from typing import Annotated, Literal
from zoneinfo import available_timezones

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from campaigns import register
from campaigns.api.access import MANAGER_ONLY, Given
from campaigns.api.fields import Body, Name, Segment
from campaigns.credentials import Credentials
from campaigns.definitions import Project
from campaigns.store import projects
from campaigns.store.connecting import transaction
from contracts.money import Currency
from contracts.projects import Scope

REMEMBERED_SECONDS = 2.0  # redemption remembers a key for up to 1 s, analytics for up to 2 s

router = APIRouter(
    prefix="/management/v1/projects", tags=["management"], dependencies=[MANAGER_ONLY]
)


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


def _opened(project: Project, fresh: Credentials) -> OpenedProject:
    return OpenedProject(
        id=project.id,
        name=project.name,
        currency=project.currency,
        time_zone=project.time_zone,
        app_id=fresh.key_id,
        app_token=fresh.secret,
    )


@router.post("")
async def create_project(new: NewProject, tools: Given) -> OpenedProject:
    async with transaction(tools.pool) as conn:
        project, fresh = await register.open_project(conn, new.name, new.currency, new.time_zone)
    await tools.enforcement.hope((project.id, "project", project.id), project.version)
    return _opened(project, fresh)


@router.get("")
async def list_projects(tools: Given) -> Projects:
    async with transaction(tools.pool) as conn:
        found = await projects.every(conn)
    rows = [
        ProjectObject(id=p.id, name=p.name, currency=p.currency, time_zone=p.time_zone)
        for p in found
    ]
    return Projects(projects=rows, total=len(rows))


@router.post("/{project}/keys")
async def issue_key(project: Segment, new: NewKey, tools: Given) -> IssuedKey:
    async with transaction(tools.pool) as conn:
        changed, fresh = await register.add_key(conn, project, new.scopes)
    await tools.enforcement.hope((changed.id, "project", changed.id), changed.version)
    return IssuedKey(app_id=fresh.key_id, app_token=fresh.secret, scopes=new.scopes)


@router.delete("/{project}/keys/{key}", status_code=204)
async def revoke_key(project: Segment, key: Segment, tools: Given) -> Response:
    """Answer once redemption knows and has forgotten: the key opens nothing there either."""
    async with transaction(tools.pool) as conn:
        changed = await register.revoke_key(conn, project, key)
    await tools.enforcement.demand((changed.id, "project", changed.id), changed.version)
    await asyncio.sleep(REMEMBERED_SECONDS)
    return Response(status_code=204)
