"""Metadata as people type them: lines of name=value. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from console.design.words import say
from console.web.terms import Typed


def read(typed: Typed, field: str) -> dict[str, Any]:
    """Read the lines of a field; a value that is JSON is what it says, others are text."""
    found: dict[str, Any] = {}
    for line in typed.form.one(field).splitlines():
        name, has_value, value = line.partition("=")
        if not line.strip():
            continue
        if not has_value or not name.strip():
            typed.faults[field] = say("terms.no_line", line=line.strip())
            continue
        found[name.strip()] = _read(value.strip())
    return found


def written(metadata: Mapping[str, Any]) -> str:
    """Write metadata for a field, to be read as they were."""
    return "\n".join(f"{name}={_written(value)}" for name, value in metadata.items())


def _read(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_none_of_json)
    except ValueError:
        return text


def _written(value: Any) -> str:
    """Write a value so that it is read as it was: a text that looks like JSON is quoted."""
    if (
        isinstance(value, str)
        and value == value.strip()
        and "\n" not in value
        and _read(value) is value
    ):
        return value
    return json.dumps(value, ensure_ascii=False)


def _none_of_json(constant: str) -> Any:
    raise ValueError(constant)  # NaN, Infinity: Python's, and nobody else's
