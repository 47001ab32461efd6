"""What a change changed, field by field: the words of the API, and never a secret. Pure."""

from collections.abc import Mapping
from typing import Any, Final

Fields = Mapping[str, Any]
Changes = dict[str, list[Any]]

# Whatever is called so is told to have changed, and never what it was.
SECRET: Final = ("secret", "password", "token", "digest", "hash")
HIDDEN: Final = "•••"


def between(before: Fields | None, after: Fields | None) -> Changes:
    """Return {field: [before, after]} of what differs; fields within fields as "outer.inner".

    None is a thing that was not there before, or is no more.
    """
    return dict(_between("", before or {}, after or {}))


def _between(prefix: str, before: Fields, after: Fields) -> list[tuple[str, list[Any]]]:
    found: list[tuple[str, list[Any]]] = []
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if old == new and type(old) is type(new):
            continue
        field = prefix + name
        if _is_secret(name):
            found.append((field, [_hidden(old), _hidden(new)]))
        elif _is_nested(old) and _is_nested(new):
            found += _between(f"{field}.", old or {}, new or {})
        else:
            found.append((field, [old, new]))
    return found


def _is_nested(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET)


def _hidden(value: Any) -> str | None:
    return None if value is None else HIDDEN
