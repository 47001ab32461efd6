"""Attempts as a table beside what they are about: an order, a customer. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from console.design.parts import Column
from console.design.words import say
from console.session.people import Project
from console.web.attempts import Attempt

MONEY: Final = frozenset({"basket", "discount"})
CARDS: Final[Mapping[str, Any]] = {"at": "title", "result": "status", "discount": "figure"}


class Row(NamedTuple):
    """An attempt, and in whose project it is shown."""

    id: str
    attempt: Attempt
    project: str
    currency: str


def rows(found: Iterable[Attempt], project: Project) -> list[Row]:
    return [Row(each.id, each, project.id, project.currency) for each in found]


def columns(keys: Iterable[str], currency: str) -> tuple[Column, ...]:
    """Return columns; amounts say in their head which currency they usually are of."""
    return tuple(
        Column(
            key,
            say(f"redemptions.{key}", of=currency),
            number=key in MONEY,
            card=CARDS.get(key, "rest"),
        )
        for key in keys
    )
