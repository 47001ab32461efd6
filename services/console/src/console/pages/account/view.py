"""What the account page shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.design.parts import Column, Option
from console.design.words import say
from console.session.people import Person

# What a browser calls itself names others too: the first that fits is the one.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "FxiOS/": "Firefox"} | {
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {"Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad"} | {
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
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
        [{**each, "client": browser(each["client"])} for each in sessions],
        tuple(Option(each, say(f"common.theme_{each}"), each == theme) for each in THEMES),
        tuple(
            Column(key, say(f"account.{key}"), card="title" if key == "client" else "rest")
            for key in COLUMNS
        ),
    )


def browser(agent: str | None) -> str:
    """Write which browser it is on which system; what is neither stands as it called itself."""
    told = agent or ""
    name = next((name for mark, name in BROWSERS.items() if mark in told), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in told), "")
    if name and system:
        return say("account.on", browser=name, system=system)
    return name or told
