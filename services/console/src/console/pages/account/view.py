"""What the account page shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.design.parts import Column, Option
from console.design.words import say
from console.session.people import Person

THEMES = ("system", "light", "dark")
COLUMNS = ("client", "address", "created_at", "seen_at")


@dataclass(frozen=True, slots=True)
class View:
    """A person, and where they are signed in."""

    person: Person
    sessions: Sequence[Mapping[str, Any]]
    themes: tuple[Option, ...]
    columns: tuple[Column, ...]


def view(person: Person, sessions: Sequence[Mapping[str, Any]], theme: str) -> View:
    return View(
        person,
        sessions,
        tuple(Option(each, say(f"common.theme_{each}"), each == theme) for each in THEMES),
        tuple(
            Column(key, say(f"account.{key}"), card="title" if key == "client" else "rest")
            for key in COLUMNS
        ),
    )
