"""A form: what it began with, what was typed into it, and what the API said of it.

It is rendered by one function whatever has happened, so nothing that was typed is ever lost: after
a refusal, a conflict, a stale token or a session that has ended.
"""

import json
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from console.api.refusals import RefusedError
from console.design.words import say
from console.web import changes, constraints

OURS: Final = frozenset({"csrf", "_key", "_version", "_before", "_back"})
OK: Final = 200
UNPROCESSABLE: Final = 422
LONGEST_NUMBER: Final = 18  # digits of what 64 bits hold
CONFLICT: Final = 409
TAKEN: Final = re.compile(r"the project has one of its \w+ with this (\w+) already")

Values = Mapping[str, tuple[str, ...]]
Initial = Mapping[str, str | Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the summary; `field` is what it leads to, if it is about one."""

    field: str | None
    text: str


class Difference(NamedTuple):
    """A field that somebody else has changed since this form was first shown."""

    field: str
    before: str
    theirs: str
    yours: str


@dataclass(frozen=True, slots=True)
class Form:
    """One rendering of a form. `key` makes a second sending of it harmless."""

    csrf: str = ""
    key: str = ""
    typed: Values | None = None
    initial: Values = field(default_factory=dict)
    before: Values = field(default_factory=dict)
    version: str = ""
    back: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    is_conflict: bool = False
    status: int = OK

    def starting(self, initial: Initial, version: Any = "") -> "Form":
        """Fill in what is stored: what the fields show until somebody has typed.

        Shown again as it was typed it stays of the version that it began with, unless somebody was
        told of a newer one: or else the next save would overwrite that, and nobody would know.
        """
        values = {name: _values(value) for name, value in initial.items()}
        if self.is_shown_again:
            return replace(self, initial=values)
        return replace(self, initial=values, version=str(version or ""))

    @property
    def is_shown_again(self) -> bool:
        """Whether it was begun before with a version that is still to be compared."""
        return self.typed is not None and bool(self.version) and not self.is_conflict

    def one(self, name: str) -> str:
        found = self._shown(name)
        return found[0] if found else ""

    def many(self, name: str) -> tuple[str, ...]:
        return self._shown(name)

    @property
    def names(self) -> Collection[str]:
        """Return the fields that have something to show, be it empty."""
        return (self.initial if self.typed is None else self.typed).keys()

    def has(self, name: str, value: str = "on") -> bool:
        """Say whether a box is ticked."""
        return value in self._shown(name)

    def text(self, name: str) -> str | None:
        """Return what was typed for the API: null where that is nothing."""
        return self.one(name).strip() or None

    @property
    def read_version(self) -> int | None:
        """Return the version that was shown, for the API to compare; None where there is none."""
        return whole(self.version)

    def fault(self, name: str) -> str | None:
        return self.faults.get(name)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the lines of the summary: none where nothing is wrong."""
        lines = [problem(name, text) for name, text in self.faults.items()]
        if self.problem is not None:
            lines.insert(0, Problem(None, self.problem))
        return tuple(lines)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Return what somebody else has changed since this form was first shown."""
        if not self.is_conflict:
            return ()
        rows = (
            Difference(
                changes.field(name),
                _text(self.before.get(name)),
                _text(self.initial.get(name)),
                _text(self._shown(name)),
            )
            for name in {**self.initial, **self.before}  # rows come and go
        )
        return tuple(row for row in rows if row.theirs not in (row.before, row.yours))

    @property
    def hidden(self) -> Mapping[str, str]:
        """Return the fields that nobody sees: each form begins with them."""
        kept = {
            "csrf": self.csrf,
            "_key": self.key,
            "_version": self.version,
            "_before": json.dumps(self.before if self.is_shown_again else self.initial)
            if self.version
            else "",
        }
        return {name: value for name, value in kept.items() if value}

    def refused(self, error: RefusedError) -> "Form":
        """Show what the API said, at the fields that it named.

        Nothing was done: what is sent next is another wish, and has another key.
        """
        key = new_key()
        if error.current is not None:
            return replace(self, key=key, is_conflict=True, status=CONFLICT)
        said = f"{error.message}: {error.details}" if error.details else error.message
        told = {name: constraints.plain(text) for name, text in error.faults.items()}
        faults = told or self._missing(error) or self._taken(error)
        problem = None if faults else said
        return replace(self, key=key, faults=faults, problem=problem, status=UNPROCESSABLE)

    def _missing(self, error: RefusedError) -> dict[str, str]:
        """Say what is not there at the field that names it, alone or in a line."""
        if (name := error.missing) is None:
            return {}
        named = [
            field
            for field, values in (self.typed or {}).items()
            if any(line.strip() == name for value in values for line in value.splitlines())
        ]
        return {field: say("forms.missing", name=name) for field in named}

    def _taken(self, error: RefusedError) -> dict[str, str]:
        """Say at its field what only one may have, and another one has."""
        found = TAKEN.fullmatch(error.details)
        if found is None or found[1] not in (self.typed or {}):
            return {}
        return {found[1]: say("forms.taken", what=changes.field(found[1]).lower())}

    def wrong(self, problem: str | None = None, **faults: str) -> "Form":
        """Show what is wrong that need not be asked of the API."""
        return replace(self, problem=problem, faults=faults, status=UNPROCESSABLE)

    def _shown(self, name: str) -> tuple[str, ...]:
        source = self.initial if self.typed is None else self.typed
        return tuple(source.get(name, ()))


def whole(text: str) -> int | None:
    """Read a whole number as we write it ourselves; None for all else."""
    is_one = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return int(text) if is_one else None


def new_key() -> str:
    return secrets.token_urlsafe(18)


def fresh(csrf: str) -> Form:
    """Return a form that nobody has typed into."""
    return Form(csrf=csrf, key=new_key())


def sent(pairs: Sequence[tuple[str, str]], csrf: str) -> Form:
    """Read a form that was sent; a new token stands in it when it is shown again."""
    typed: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        typed[name] = (*typed.get(name, ()), value)
    ours = {name: typed.pop(name, ("",))[0] for name in OURS}
    return Form(
        csrf=csrf,
        key=ours["_key"] or new_key(),
        typed=typed,
        before=_before(ours["_before"]),
        version=ours["_version"],
        back=ours["_back"],
    )


def problem(name: str, text: str) -> Problem:
    """Begin with what the field is called: two days may be wrong in the same manner."""
    label = changes.field(name)
    return Problem(name, text if label == name else say("forms.at", field=label, text=text))


def _before(text: str) -> dict[str, tuple[str, ...]]:
    try:
        found = json.loads(text) if text else {}
        return {str(name): tuple(map(str, values)) for name, values in found.items()}
    except (ValueError, TypeError, AttributeError):  # not as we wrote it: then nothing was before
        return {}


def _values(value: str | Sequence[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _text(values: Sequence[str] | None) -> str:
    return ", ".join(values or ())
