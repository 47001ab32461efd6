"""Documents with one value wrong, for tests that try each place of what is sent."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

Document = dict[str, Any]
RAW = "RAW"  # stands where a test writes what no JSON library would


def at(body: Any, place: str) -> tuple[Any, Any]:
    """Return what holds a place, and the place in it."""
    *steps, last = [int(step) if step.isdigit() else step for step in place.split(".")]
    for step in steps:
        body = body[step]
    return body, last


def but(body: Document, place: str, value: Any) -> Document:
    """Return a document with another value at a place."""
    changed = deepcopy(body)
    holder, last = at(changed, place)
    holder[last] = value
    return changed


def places(body: Any, before: str = "") -> Iterator[str]:
    """Name every place in a document but those in metadata, which are the shop's own."""
    steps = body.items() if isinstance(body, dict) else enumerate(body)
    for name, value in steps:
        place = f"{before}{name}"
        if isinstance(body, dict):
            yield place
        if isinstance(value, dict | list) and name != "metadata":
            yield from places(value, f"{place}.")


def written(body: Document, raw: str = "") -> bytes:
    """Write a document, with `raw` where `RAW` stands."""
    return json.dumps(body).replace(f'"{RAW}"', raw).encode()
