"""What the audit log shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Chip, Happening, Option, Tab
from console.design.words import say
from console.format import instants
from console.query import Query
from console.web import history
from console.web.changes import Reader
from console.web.listing import link

Things = Sequence[Mapping[str, Any]]
SHOWN: Final = 50
NAMES: Final = (
    query.choice("kind", history.KINDS),
    query.text("actor"),
    query.text("target"),
    query.day("from"),
    query.day("to"),
    query.cursor("after"),
)


@dataclass(frozen=True, slots=True)
class View:
    """The log, the newest first."""

    tabs: tuple[Tab, ...]
    query: Query
    kinds: tuple[Option, ...]
    actors: tuple[Option, ...]
    chips: tuple[Chip, ...]
    happenings: tuple[Happening, ...]
    first: str
    next: str


def asked(asks: Query, zone: ZoneInfo) -> dict[str, Any]:
    """Write the view as the API is asked for it: days are those of the project."""
    first, last = asks.one("from"), asks.one("to")
    return {
        "kind": asks.one("kind") or None,
        "actor": asks.one("actor") or None,
        "target": asks.one("target") or None,
        "from": instants.utc(instants.begin_of(date.fromisoformat(first), zone)) if first else None,
        "to": instants.utc(instants.end_of(date.fromisoformat(last), zone)) if last else None,
    }


def actors(users: Things, keys: Things) -> dict[str, str]:
    """Name who may have changed something: people, and programs by their keys."""
    people = {user["id"]: user["name"] or user["email"] for user in users}
    return people | {key["app_id"]: say("history.key", name=key["name"]) for key in keys}


def view(
    tabs: tuple[Tab, ...],
    asks: Query,
    answer: Mapping[str, Any],
    actors: Mapping[str, str],
    reader: Reader,
) -> View:
    more, actor = answer["more_cursor"], asks.one("actor")
    known = actors if actor in actors or not actor else {**actors, actor: actor}
    return View(
        tabs,
        asks,
        (
            Option("", say("audit.all_kinds"), not asks.one("kind")),
            *(
                Option(kind, say(f"history.kind_{kind}"), kind == asks.one("kind"))
                for kind in history.KINDS
            ),
        ),
        (
            Option("", say("audit.anybody"), not actor),
            *(Option(each, name, each == actor) for each, name in known.items()),
        ),
        tuple(
            Chip(_chip(name, value, known), link(asks.without(name, value)))
            for name, value in asks.filters
        ),
        history.happenings(answer["data"], reader),
        link(asks.changed("after")) if asks.one("after") else "",
        link(asks.changed("after", more)) if more else "",
    )


def _chip(name: str, value: str, actors: Mapping[str, str]) -> str:
    if name == "kind":
        value = say(f"history.kind_{value}")
    elif name == "actor":
        value = actors[value]
    elif name in ("from", "to"):
        value = instants.day_of(date.fromisoformat(value))
    return say(f"audit.chip_{name}", value=value)
