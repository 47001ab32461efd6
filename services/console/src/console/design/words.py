"""Every English text of the console: one catalogue, `words/<file>.toml`, read once.

`say("codes.selected", n=50)` is `selected` in codes.toml. `{n}` in a text is a value; whole numbers
are grouped (2,418). A text of two forms (`one`, `other`) is chosen by `n`. A key that is not there,
or a value that is missing, is a bug and raises.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from markupsafe import Markup, escape

Forms = Mapping[str, str]


class Grouping(Formatter):
    """Writes whole numbers as people read them."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if type(value) is int and not format_spec:
            return f"{value:,}".replace("-", "\N{MINUS SIGN}")
        return str(format(value, format_spec))


@cache
def catalogue() -> Mapping[str, str | Forms]:
    """Return all texts by their keys."""
    found: dict[str, str | Forms] = {}
    for file in files(__package__).joinpath("words").iterdir():
        if file.name.endswith(".toml"):
            found |= _flat(file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8")))
    return found


def _flat(prefix: str, entries: Mapping[str, Any]) -> Mapping[str, str | Forms]:
    found: dict[str, str | Forms] = {}
    for name, entry in entries.items():
        key = f"{prefix}.{name}"
        if isinstance(entry, str) or entry.keys() == {"one", "other"}:
            found[key] = entry
        else:
            found |= _flat(key, entry)
    return found


def say(key: str, /, **values: Any) -> str:
    """Return a text; as markup if one of its values is, the others being escaped."""
    entry = catalogue()[key]
    text = entry if isinstance(entry, str) else entry["one" if values["n"] == 1 else "other"]
    if any(isinstance(value, Markup) for value in values.values()):
        escaped = {
            name: value if type(value) is int else escape(value) for name, value in values.items()
        }
        return Markup(Grouping().vformat(str(escape(text)), (), escaped))  # noqa: S704  # escaped
    return Grouping().vformat(text, (), values)
