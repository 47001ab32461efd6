"""What the pages of keys show. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from console.design.parts import Column, Option, Tab
from console.design.words import say
from console.format import instants

PUBLISHABLE: Final = ("client_validations", "client_redemptions")
SCOPES: Final = (
    *("redemptions", "redemptions_read", "campaigns", "campaigns_read"),
    *("reports", "settings"),
    *PUBLISHABLE,
)
COLUMNS: Final = ("name", "status", "scopes", "origins", "created_at", "last_used_at", "expires_at")
CARDS: Final[Mapping[str, Any]] = {"name": "title", "status": "status", "last_used_at": "figure"}


@dataclass(frozen=True, slots=True)
class View:
    """All keys of a project, those that open nothing any more too."""

    tabs: tuple[Tab, ...]
    columns: tuple[Column, ...]
    keys: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class NewKey:
    """The form of a new key; `made` is the key itself, once."""

    tabs: tuple[Tab, ...]
    scopes: tuple[Option, ...]
    made: Mapping[str, Any] | None = None


def view(tabs: tuple[Tab, ...], keys: Sequence[Mapping[str, Any]], now: datetime) -> View:
    columns = tuple(
        Column(name, say(f"apikeys.{name}"), cut=name == "name", card=CARDS.get(name, "rest"))
        for name in COLUMNS
    )
    return View(tabs, columns, [{**key, "status": status(key, now)} for key in keys])


def new(
    tabs: tuple[Tab, ...], chosen: Sequence[str], made: Mapping[str, Any] | None = None
) -> NewKey:
    options = tuple(
        Option(scope, say(f"scope.{scope}"), scope in chosen, tail=scope) for scope in SCOPES
    )
    return NewKey(tabs, options, made)


def status(key: Mapping[str, Any], now: datetime) -> str:
    """Say whether a key opens anything: in the words of design/components/status.html."""
    if key["revoked_at"] is not None:
        return "revoked"
    if key["expires_at"] is not None and instants.read(key["expires_at"]) <= now:
        return "expired"
    return "enabled"
