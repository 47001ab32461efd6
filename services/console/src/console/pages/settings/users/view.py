"""What the pages of users show. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.design.parts import Column, Option, Tab
from console.design.words import say

ROLES: Final = ("owner", "editor", "viewer", "partner")
COLUMNS: Final = ("name", "role", "joined_at", "last_seen_at")
CARDS: Final[Mapping[str, Any]] = {"name": "title", "email": "title", "role": "figure"}
INVITED: Final = ("email", "role", "created_at", "expires_at")

Things = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class View:
    """Who is in a project, and who is asked to come."""

    tabs: tuple[Tab, ...]
    columns: tuple[Column, ...]
    users: Things
    invited_columns: tuple[Column, ...]
    invitations: Things
    partners: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """The form of a role: of somebody who is invited, or who is there (`user`)."""

    tabs: tuple[Tab, ...]
    roles: tuple[Option, ...]
    partners: tuple[Option, ...]
    user: Mapping[str, Any] | None = None
    link: str | None = None
    back: str = ""


def view(tabs: tuple[Tab, ...], users: Things, invitations: Things, partners: Things) -> View:
    return View(
        tabs,
        _columns(COLUMNS),
        users,
        _columns(INVITED),
        invitations,
        {partner["id"]: partner["name"] for partner in partners},
    )


def standing(
    tabs: tuple[Tab, ...],
    role: str,
    partners: Things,
    user: Mapping[str, Any] | None = None,
    link: str | None = None,
    *,
    back: str = "",
) -> Standing:
    return Standing(
        tabs,
        tuple(
            Option(each, say(f"role.{each}"), each == role, tail=say(f"role.{each}_hint"))
            for each in ROLES
        ),
        (
            Option("", say("users.no_partner")),
            *(Option(partner["id"], partner["name"]) for partner in partners),
        ),
        user,
        link,
        back,
    )


def _columns(names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(
        Column(name, say(f"users.{name}"), cut=at == 0, card=CARDS.get(name, "rest"))
        for at, name in enumerate(names)
    )
