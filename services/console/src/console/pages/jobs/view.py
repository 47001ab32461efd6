"""What the list of jobs shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import query
from console.design.parts import Column
from console.design.words import say
from console.query import Query
from console.web import jobs
from console.web.listing import link

SHOWN: Final = 50
NAMES: Final = (query.cursor("after"),)
COLUMNS: Final = ("job", "status", "progress", "created_at", "actor")
CARDS: Final[Mapping[str, Any]] = {"job": "title", "status": "status", "progress": "figure"}


@dataclass(frozen=True, slots=True)
class View:
    """Jobs, the newest first."""

    columns: tuple[Column, ...]
    jobs: Sequence[Mapping[str, Any]]
    first: str
    next: str


def view(asks: Query, answer: Mapping[str, Any]) -> View:
    more = answer.get("more_cursor")
    return View(
        tuple(
            Column(
                name, say(f"jobs.{name}"), number=name == "progress", card=CARDS.get(name, "rest")
            )
            for name in COLUMNS
        ),
        [jobs.told(job) for job in answer["async_actions"]],
        link(asks.changed("after")) if asks.one("after") else "",
        link(asks.changed("after", more)) if more else "",
    )
