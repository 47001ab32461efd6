"""What components are given: a page's view builds these, the macros draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Direction = Literal["", "ascending", "descending"]
Card = Literal["title", "status", "figure", "rest"]
Tone = Literal["ok", "info", "warn", "bad", "off"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `card` is its place where a narrow window shows a row as a card."""

    key: str
    label: str = ""
    number: bool = False
    cut: bool = False  # long text is cut, whole while it has focus
    card: Card = "rest"
    sort_href: str | None = None
    sorted: Direction = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: of a select, a filter, a preset."""

    value: str
    label: str
    chosen: bool = False
    href: str | None = None
    tail: str = ""  # a count, a letter


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is applied, in words, and the view without it."""

    label: str
    without_href: str


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    href: str
    current: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True)
class Crumb:
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure differs from the one it is compared with."""

    text: str  # "+12.5 %", "new", "−3"
    spoken: str  # "up 12.5 % on the 28 days before"
    direction: Literal["up", "down", "same"] = "same"
    judged: Literal["good", "bad", ""] = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change did to one field."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry of a history."""

    when: str  # markup of a <time>
    actor: str
    door: str
    what: str
    differences: Sequence[Difference] = ()
    since: str = ""  # when redemption began to act by it
