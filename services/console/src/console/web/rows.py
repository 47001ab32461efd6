"""Fields that come in rows: limits.0.amount, limits.0.of, limits.1.amount. Pure.

Rows that were left empty are left out, and the others move up: so a row has the index that its
element has in the body of the API, and what the API says of `limits.0` stands at the first row.
Rows may have rows of their own: rules.0.like.1.name.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from console.web.forms import Form

SPARE: Final = 2  # empty rows behind those that are filled in


def compacted(form: Form, prefix: str, deciding: Sequence[str]) -> Form:
    """Leave out the rows of which all deciding fields are empty; what is stored has none."""
    if form.typed is None:
        return form
    rows: dict[int, dict[str, tuple[str, ...]]] = {}
    others = {}
    for name, values in form.typed.items():
        if (found := _place(prefix, name)) is None:
            others[name] = values
        else:
            rows.setdefault(found[0], {})[found[1]] = values
    kept = [
        row
        for _, row in sorted(rows.items())
        if any(value.strip() for part in deciding for value in row.get(part, ()))
    ]
    moved = {
        f"{prefix}.{at}.{part}": values
        for at, row in enumerate(kept)
        for part, values in row.items()
    }
    return replace(form, typed=others | moved)


def count(form: Form, prefix: str) -> int:
    """Return how many rows there are, of a form whose rows are compacted."""
    places = (_place(prefix, name) for name in form.names)
    return max((place[0] + 1 for place in places if place is not None), default=0)


def fault(form: Form, row: str) -> tuple[str, str]:
    """Return the field of a row that something is wrong with, and what; empty if nothing is."""
    for name, text in form.faults.items():
        if name == row or name.startswith(f"{row}."):
            return name, text
    return "", ""


def _place(prefix: str, name: str) -> tuple[int, str] | None:
    found = re.fullmatch(rf"{re.escape(prefix)}\.(\d{{1,3}})\.([\w.]+)", name, re.ASCII)
    return (int(found[1]), found[2]) if found else None
