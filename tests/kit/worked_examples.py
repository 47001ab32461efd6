"""Worked examples of a page: what is sent and what comes back, in fenced blocks `http` and `kafka`.

A block says a method and a path, headers, and a body; behind a blank line the status, headers, and
what the answer holds: of an object the fields that are named, of a list each element. `"…"` is any
value, and as a list's last element any further ones. `<name>` is what stood there when it was named
first. Of `kafka` the first line is a topic, and behind blank lines stand the records that follow.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).parents[2]
ANY = "…"
HEADING = re.compile(r"^#{1,4} (.*)$", re.MULTILINE)
BLOCK = re.compile(r"^```(http|kafka)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"<(\w+)>")


@dataclass(frozen=True)
class Said:
    """One half of an exchange: its first line, its headers, and its body if it has one."""

    first: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Exchange:
    """What is sent, and what comes back."""

    kind: Literal["http", "kafka"]
    sent: Said
    back: tuple[Said, ...]


@dataclass(frozen=True)
class Example:
    """The exchanges under one heading of a page, in their order."""

    page: str
    heading: str
    exchanges: tuple[Exchange, ...]


def examples_of(page: str) -> Iterator[Example]:
    """Read the examples of a page of `docs`, heading by heading."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    _, *parts = HEADING.split(text)
    for heading, section in zip(parts[::2], parts[1::2], strict=True):
        exchanges = tuple(_exchange(kind, block) for kind, block in BLOCK.findall(section))
        if exchanges:
            yield Example(page, heading, exchanges)


def _exchange(kind: Literal["http", "kafka"], block: str) -> Exchange:
    sent, *back = [_said(part) for part in re.split(r"\n\n+", block.strip())]
    assert back or kind == "kafka", f"nothing comes back: {block}"
    return Exchange(kind, sent, tuple(back))


def _said(text: str) -> Said:
    first, _, rest = text.partition("\n")
    headers: dict[str, str] = {}
    while rest and rest[0] not in '{["':
        line, _, rest = rest.partition("\n")
        name, _, value = line.partition(": ")
        headers[name] = value
    return Said(first, headers, json.loads(rest) if rest else None)


def filled(sent: Any, names: Mapping[str, str]) -> Any:
    """Return what is sent with the values of its names."""
    match sent:
        case str():
            return NAME.sub(lambda found: names.get(found[1], found[0]), sent)
        case list():
            return [filled(each, names) for each in sent]
        case dict():
            return {filled(key, names): filled(each, names) for key, each in sent.items()}
        case _:
            return sent


def difference(wanted: Any, found: Any, names: dict[str, str], at: str = "$") -> str | None:
    """Say where an answer is another than the page has it, or None; learn names on the way."""
    wanted = filled(wanted, names)
    if wanted == ANY:
        return None
    if isinstance(wanted, str) and (new := NAME.fullmatch(wanted)) and isinstance(found, str):
        names[new[1]] = found
        return None
    if isinstance(wanted, dict) and isinstance(found, dict):
        missing = [key for key in wanted if key not in found]
        if missing:
            return f"{at} has no {', '.join(missing)}: {found}"
        differing = (
            difference(each, found[key], names, f"{at}.{key}") for key, each in wanted.items()
        )
        return next((said for said in differing if said), None)
    if isinstance(wanted, list) and isinstance(found, list):
        if wanted and wanted[-1] == ANY:
            wanted, found = wanted[:-1], found[: len(wanted) - 1]
        if len(wanted) != len(found):
            return f"{at} has {len(found)} elements and not {len(wanted)}: {found}"
        pairs = enumerate(zip(wanted, found, strict=True))
        differing = (difference(w, f, names, f"{at}[{n}]") for n, (w, f) in pairs)
        return next((said for said in differing if said), None)
    same = wanted == found and isinstance(wanted, bool) == isinstance(found, bool)
    return None if same else f"{at} is {found!r} and not {wanted!r}"
