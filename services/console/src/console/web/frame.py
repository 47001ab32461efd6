"""What a layout knows beside the page itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from console.session.people import Person, Project

Tone = Literal["ok", "info", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class NavItem:
    """A way to a section: `t("nav." + key)` is its text, `letter` its key after g."""

    key: str
    href: str
    letter: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What became of the last thing that was asked; `undo` is where a form takes it back.

    `jobs` is where one sees how far it is, if it goes on in the background.
    """

    tone: Tone
    text: str
    undo: str | None = None
    jobs: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """Around a page: who, where, and what the browser needs."""

    title: str
    tab: str  # what the browser calls the page: that something is wrong comes first
    section: str
    person: Person | None
    project: Project | None
    zone: str
    zone_label: str
    csrf: str
    theme: str
    letters: bool
    jobs: int
    request_id: str
    path: str
    nav: tuple[NavItem, ...]
    notice: Notice | None

    @property
    def projects(self) -> tuple[Project, ...]:
        return self.person.projects if self.person is not None else ()


# A section, its path, its letter, and the scope without which it would show nothing.
STAFF: Final = (
    ("dashboard", "/", "d", "reports"),
    ("campaigns", "/campaigns", "c", "campaigns_read"),
    ("codes", "/codes", "v", "campaigns_read"),
    ("try_code", "/try", "t", "redemptions_read"),
    ("redemptions", "/redemptions", "r", "redemptions_read"),
    ("orders", "/orders", "o", "redemptions_read"),
    ("customers", "/customers", "u", "redemptions_read"),
    ("failures", "/failures", "f", "reports"),
    ("partners", "/partners", "p", "campaigns_read"),
    ("rules", "/rules", "", "campaigns_read"),
    ("segments", "/segments", "", "campaigns_read"),
    ("products", "/products", "", "campaigns_read"),
    ("jobs", "/jobs", "", "campaigns_read"),
    ("settings", "/settings/project", "s", "settings"),
)
PORTAL: Final = (
    ("overview", "/", "d"),
    ("portal_codes", "/codes", "v"),
    ("links", "/links", "l"),
    ("earnings", "/earnings", "e"),
    ("portal_account", "/account", "s"),
)


def nav(project: Project | None) -> tuple[NavItem, ...]:
    """Return the ways that this person has in this project."""
    if project is None:
        return ()
    if project.is_portal:
        return tuple(NavItem(key, project.base + path, letter) for key, path, letter in PORTAL)
    return tuple(
        NavItem(key, project.base + path, letter)
        for key, path, letter, scope in STAFF
        if may(project.scopes, scope)
    )


def may(scopes: Sequence[str] | frozenset[str], scope: str) -> bool:
    """Say whether scopes allow this: who may change may read."""
    return scope in scopes or scope.removesuffix("_read") in scopes
