"""What the form of a segment shows beside what was typed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.design.parts import Option
from console.design.words import say
from console.pages.segment_form.typed import CRITERIA, MOST, PASSIVE
from console.web import condition_fields, rows
from console.web.attributes import OF_CUSTOMERS
from console.web.condition_fields import Fields
from console.web.forms import Form
from console.web.segments import JUNCTION, STATIC

LISTED: Final = 1_000  # a list of more is not shown in its field


@dataclass(frozen=True, slots=True)
class View:
    """The form: of which segment (None: a new one). `sentence` is what the rows come to.

    `is_kept`: an empty list leaves the stored one, which is too long to be shown, or was.
    """

    segment: Mapping[str, Any] | None
    kinds: Sequence[Option]
    junctions: Sequence[Option]
    rows: Sequence[Fields]
    sentence: str
    is_said: bool
    is_kept: bool

    @property
    def is_list(self) -> bool:
        return any(each.chosen and each.value == STATIC for each in self.kinds)

    @property
    def has_list(self) -> bool:
        return self.segment is None or self.segment["type"] == STATIC

    @property
    def has_rows(self) -> bool:
        return self.segment is None or self.segment["type"] != STATIC


def is_long(segment: Mapping[str, Any]) -> bool:
    return bool(segment["type"] == STATIC and segment["customers_count"] > LISTED)


def kinds(form: Form) -> tuple[Option, ...]:
    chosen = form.one("type") or PASSIVE
    return tuple(
        Option(kind, say(f"segments.kind_{kind}"), kind == chosen, tail=say(f"segment_form.{kind}"))
        for kind in (PASSIVE, STATIC)
    )


def junctions(form: Form) -> tuple[Option, ...]:
    chosen = form.one(JUNCTION) or "and"
    return tuple(
        Option(each, say(f"segment_form.junction_{each}"), each == chosen) for each in ("and", "or")
    )


def fields(form: Form, currency: str) -> tuple[Fields, ...]:
    """Return the rows that there are, and a few empty ones."""
    count = min(MOST, rows.count(form, CRITERIA) + rows.SPARE)
    return tuple(
        condition_fields.shown(
            form, f"{CRITERIA}.{at}", OF_CUSTOMERS, currency=currency, segments={}
        )
        for at in range(count)
    )
