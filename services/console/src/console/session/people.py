"""A person, as the API tells of whoever holds a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from console.api.client import Api

Role = Literal["owner", "editor", "viewer", "partner"]


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a person's, and what the person may do there."""

    id: str
    name: str
    role: Role
    scopes: frozenset[str]
    currency: str
    minor_units: int
    time_zone: str
    partner_id: str | None

    @property
    def is_portal(self) -> bool:
        return self.role == "partner"

    @property
    def base(self) -> str:
        """Return what the paths of this project's pages begin with, for this person."""
        return f"/portal/{self.id}" if self.is_portal else f"/p/{self.id}"

    @property
    def home(self) -> str:
        return f"{self.base}/"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    id: str
    email: str
    name: str
    has_password: bool
    theme: str
    letters: bool
    columns: Mapping[str, list[str]]
    projects: tuple[Project, ...]

    def project(self, project_id: str) -> Project | None:
        return next((each for each in self.projects if each.id == project_id), None)


async def of_session(api: Api) -> Person:
    """Ask who holds the session that this API is asked with."""
    return read(await api.get("/v1/sessions/current"))


def read(session: Mapping[str, Any]) -> Person:
    """Read a session object."""
    user = session["user"]
    preferences = user["preferences"]
    return Person(
        id=user["id"],
        email=user["email"],
        name=user["name"] or user["email"],
        has_password=user["has_password"],
        theme=preferences["theme"],
        letters=preferences["letters"],
        columns=preferences["columns"],
        projects=tuple(
            Project(
                id=each["id"],
                name=each["name"],
                role=each["role"],
                scopes=frozenset(each["scopes"]),
                currency=each["currency"],
                minor_units=each["minor_units"],
                time_zone=each["time_zone"],
                partner_id=each["partner_id"],
            )
            for each in session["projects"]
        ),
    )
